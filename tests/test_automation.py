"""What runs beside the pipeline: failures put on record, metrics told, the daily run watched."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dagster import (
    DagsterEventType,
    DagsterInstance,
    ExecuteInProcessResult,
    SensorDefinition,
    SkipReason,
    build_run_status_sensor_context,
    build_sensor_context,
    job,
    op,
)
from dagster_shared.record import copy

from control_tower.automation import DAILY_JOB, sensors
from control_tower.failed_runs import read_failed_runs
from control_tower.jobs import ALERTS_JOB
from control_tower.monitoring.metrics_file import metrics_path
from control_tower.settings import Settings
from tests.dashboard.tiny_desk import FIRST, publish_generation


def _sensor(data_dir: Path, name: str, **settings: object) -> SensorDefinition:
    made = sensors(Settings.model_validate({"data_dir": data_dir, **settings}))
    return {sensor.name: sensor for sensor in made}[name]


def _ended(instance: DagsterInstance, name: str, fails: str = "") -> ExecuteInProcessResult:
    """Run a job of this name in earnest; it fails with these words, if there are any."""

    @op
    def work() -> None:
        if fails:
            raise ValueError(fails)

    @job(name=name)
    def only() -> None:
        work()

    return only.execute_in_process(instance=instance, raise_on_error=False)


def _hand_over(data_dir: Path, instance: DagsterInstance, ended: ExecuteInProcessResult) -> None:
    """Call the sensor that is for such an end, as Dagster's daemon does."""
    failed = not ended.success
    sensor = _sensor(data_dir, "record_failed_runs" if failed else "tell_metrics")
    event = DagsterEventType.RUN_FAILURE if failed else DagsterEventType.RUN_SUCCESS
    context = build_run_status_sensor_context(
        sensor_name=sensor.name,
        dagster_event=next(one for one in ended.all_events if one.event_type == event),
        dagster_instance=instance,
        dagster_run=ended.dagster_run,
    )
    sensor(context.for_run_failure() if failed else context)


def test_a_failed_daily_run_is_recorded_measured_and_told(tmp_path: Path) -> None:
    """Once, however often the daemon hands it over."""
    publish_generation(tmp_path, 0)
    with DagsterInstance.ephemeral() as instance:
        ended = _ended(instance, DAILY_JOB, "the desk\nis on fire")
        for _ in range(2):
            _hand_over(tmp_path, instance, ended)
    (failed,) = read_failed_runs(tmp_path)
    assert (failed.run_id, failed.job, failed.step) == (ended.run_id, DAILY_JOB, "work")
    assert "the desk is on fire" in failed.reason
    assert "control_tower_run_success 0" in metrics_path(tmp_path).read_text("utf-8")
    told = [json.loads(line) for line in (tmp_path / "watch.log").read_text("utf-8").splitlines()]
    keys = [news["key"] for news in told]
    assert keys.count(f"failed:{ended.run_id}") == 1


def test_a_failure_heard_of_late_is_none_if_a_snapshot_came_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a restart ended the run, and the daemon is up again only after the next one."""
    before = FIRST - timedelta(hours=1)
    publish_generation(tmp_path, 0)
    with DagsterInstance.ephemeral() as instance:
        ended = _ended(instance, DAILY_JOB, "interrupted")
        record = instance.get_run_record_by_id(ended.run_id)
        assert record is not None
        record = copy(record, end_time=before.timestamp())
        monkeypatch.setattr(instance, "get_run_record_by_id", lambda _run_id: record)
        _hand_over(tmp_path, instance, ended)
    (failed,) = read_failed_runs(tmp_path)
    assert failed.failed_at == before.isoformat(timespec="seconds")
    assert "failed:" not in (tmp_path / "watch.log").read_text("utf-8")


def test_a_failed_scan_is_recorded_but_is_not_the_daily_run(tmp_path: Path) -> None:
    """Its end says nothing of the figures, so it is not in the metrics."""
    with DagsterInstance.ephemeral() as instance:
        _hand_over(tmp_path, instance, _ended(instance, ALERTS_JOB, "no"))
    assert [failed.job for failed in read_failed_runs(tmp_path)] == [ALERTS_JOB]
    assert not metrics_path(tmp_path).exists()
    assert "failed:" not in (tmp_path / "watch.log").read_text("utf-8")


def test_a_daily_run_that_went_well_is_measured(tmp_path: Path) -> None:
    """And nothing is put on record as failed."""
    with DagsterInstance.ephemeral() as instance:
        _hand_over(tmp_path, instance, _ended(instance, DAILY_JOB))
    assert "control_tower_run_success 1" in metrics_path(tmp_path).read_text("utf-8")
    assert read_failed_runs(tmp_path) == []


@pytest.mark.parametrize(("hours", "says"), [(10, "late"), (10**6, "the daily run is well")])
def test_the_watch_says_how_the_daily_run_stands(hours: int, says: str, tmp_path: Path) -> None:
    """A snapshot older than the setting is late."""
    publish_generation(tmp_path, 0)
    assert datetime.now(UTC) - FIRST > timedelta(hours=10)
    watching = _sensor(tmp_path, "watch_daily_run", stale_hours=hours)
    found = watching(build_sensor_context())
    assert isinstance(found, SkipReason)
    assert says in (found.skip_message or "")
    assert (tmp_path / "watch.log").exists() == (hours == 10)
