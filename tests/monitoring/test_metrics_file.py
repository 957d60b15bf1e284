"""The metrics of runs: of good ones and of failed ones, read by Prometheus' own parser."""

import time
from pathlib import Path

import duckdb
import pytest
from dagster import DagsterInstance

from control_tower.failed_runs import FailedRun, record_failed_run
from control_tower.jobs import DAILY_JOB
from control_tower.monitoring.metrics import LastRun
from control_tower.monitoring.metrics_file import metrics_path, write_metrics
from control_tower.monitoring.run_facts import facts_of
from control_tower.settings import PROJECT_ROOT
from tests.bad_input.tower import run
from tests.dashboard.serving.apps import client
from tests.monitoring.scraped import Scraped, scrape

_RUN = LastRun(
    succeeded=True,
    started_at=1000.0,
    ended_at=1030.5,
    step_seconds={"landing": 2.5},
    asset_seconds={"marts/sla": 0.25},
    checks={"passed": 9, "warned": 2},
)


def _written(data_dir: Path) -> Scraped:
    return scrape(metrics_path(data_dir).read_bytes())


def test_what_a_run_tells(tmp_path: Path) -> None:
    """Its outcome, its time as a whole and in parts, and its checks; nothing of a snapshot."""
    assert write_metrics(tmp_path, _RUN)
    told = _written(tmp_path)
    assert told.value("run_success") == 1
    assert told.value("run_duration_seconds") == 30.5
    assert told.value("last_success_timestamp_seconds") == 1030.5
    assert told.value("last_failure_timestamp_seconds") is None
    assert told.value("failed_runs_total") == 0
    assert told.by("step_duration_seconds", "step") == {"landing": 2.5}
    assert told.by("asset_duration_seconds", "asset") == {"marts/sla": 0.25}
    assert told.by("run_checks", "outcome") == {"passed": 9, "warned": 2, "failed": 0}
    assert not [name for name in told.helps if "snapshot" in name]
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.prom"]


def test_a_failed_run_keeps_when_one_last_succeeded(tmp_path: Path) -> None:
    """And says when it failed; of the next good one the failure stays known."""
    write_metrics(tmp_path, _RUN)
    moment = "1970-01-01T00:33:20+00:00"
    record_failed_run(tmp_path, FailedRun(moment, "a", DAILY_JOB, "marts", "why"))
    record_failed_run(tmp_path, FailedRun(moment, "b", "alerts_scan", "", "no daily run"))
    write_metrics(tmp_path, LastRun(succeeded=False, started_at=1990.0, ended_at=2000.0))
    told = _written(tmp_path)
    assert told.value("run_success") == 0
    assert told.value("last_success_timestamp_seconds") == 1030.5
    assert told.value("last_failure_timestamp_seconds") == 2000
    assert told.value("failed_runs_total") == 1
    write_metrics(tmp_path, LastRun(succeeded=True, started_at=2990.0, ended_at=3000.0))
    told = _written(tmp_path)
    assert told.value("run_success") == 1
    assert told.value("last_success_timestamp_seconds") == 3000
    assert told.value("last_failure_timestamp_seconds") == 2000


def test_a_failure_that_could_not_be_recorded_is_told_all_the_same(tmp_path: Path) -> None:
    """The record lies on the same disk that may be full."""
    write_metrics(tmp_path, LastRun(succeeded=False, started_at=1.0, ended_at=2.0))
    assert _written(tmp_path).value("last_failure_timestamp_seconds") == 2


@pytest.mark.parametrize("ended_at", [1030.5, 1030.4, 500.0])
def test_the_same_or_an_older_run_changes_nothing(ended_at: float, tmp_path: Path) -> None:
    """Command and sensor may both tell of a run, the sensor later."""
    write_metrics(tmp_path, _RUN)
    assert not write_metrics(tmp_path, LastRun(False, started_at=1.0, ended_at=ended_at))
    assert _written(tmp_path).value("run_success") == 1


def test_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    """It is no reason to tell nothing."""
    metrics_path(tmp_path).write_bytes(b"\xff control_tower_run_end_timestamp_seconds soon\n")
    assert write_metrics(tmp_path, _RUN)
    assert _written(tmp_path).value("run_success") == 1


def test_a_real_run_and_a_failed_one_after_it(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures are those of the snapshot's tables; Dagster's records tell the same."""
    told = _written(data_dir)
    assert told.value("run_success") == 1
    snapshot = (data_dir / "ops.duckdb").resolve()
    assert told.value("snapshot_size_bytes") == snapshot.stat().st_size
    with duckdb.connect(snapshot, read_only=True) as connection:
        for table, rows in told.by("table_rows", "table").items():
            found = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
            assert rows == found, table
        at_risk = connection.execute(
            "select count(distinct ticket_id) from alerts.at_risk_tickets"
        ).fetchall()
        checks = connection.execute(
            "select outcome, count(*) from meta.checks group by outcome"
        ).fetchall()
        run_id = connection.execute("select run_id from meta.snapshot").fetchall()[0][0]
    assert sum(told.by("tickets_at_risk", "risk").values()) == at_risk[0][0]
    assert told.by("snapshot_checks", "outcome") == dict(checks)
    assert told.by("run_checks", "outcome") == {"failed": 0, **dict(checks)}

    live = scrape(client(data_dir).get("/metrics").data)
    for (name, labels), value in told.samples.items():
        if "snapshot" in name or "table_rows" in name or "at_risk" in name:
            assert live.samples[name, labels] == value

    monkeypatch.setenv("DAGSTER_HOME", str(PROJECT_ROOT))
    monkeypatch.setenv("CONTROL_TOWER_DAGSTER_DIR", str(data_dir / "dagster"))
    with DagsterInstance.get() as instance:
        facts = facts_of(instance, run_id)
    assert facts
    assert facts.succeeded
    assert facts.step_seconds == told.by("step_duration_seconds", "step")
    assert facts.asset_seconds == told.by("asset_duration_seconds", "asset")
    assert told.by("run_checks", "outcome") == {"failed": 0, **facts.checks}

    before = time.time()
    absent = str(data_dir / "absent.csv")
    assert run(data_dir, "--event-log", absent, "--mapping", absent).code == 1
    failed = _written(data_dir)
    assert failed.value("run_success") == 0
    assert failed.value("failed_runs_total") == 1
    assert (failed.value("last_failure_timestamp_seconds") or 0) >= before
    for name in ("last_success_timestamp_seconds", "snapshot_published_timestamp_seconds"):
        assert failed.value(name) == told.value(name)
    assert set(failed.by("step_duration_seconds", "step")) == {"landing"}
