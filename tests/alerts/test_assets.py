"""The alert log as an asset: from the published snapshot to a line and a message, or a failure."""

import json
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import polars as pl
from dagster import (
    AssetKey,
    DagsterInstance,
    ExecuteInProcessResult,
    build_schedule_context,
    materialize,
)
from pydantic import SecretStr

from control_tower.alerts.assets import ALERT_LOG, ALERTS, alert_log_asset, alert_log_path
from control_tower.automation import scan_schedule
from control_tower.publishing.link import link_path, snapshot_id_in, snapshot_path
from control_tower.settings import Settings
from control_tower.warehouse import connect, write_table
from tests.alerts.desk import at, clock, given

SECRET = "hush-hush"  # noqa: S105 - what must not be seen


def _publish(data_dir: Path, name: str, *clocks: dict[str, object]) -> None:
    """Put a snapshot in place that holds what the alert log reads."""
    tables = given(list(clocks))
    path = snapshot_path(data_dir, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with connect(path) as connection:
        write_table(connection, "marts", "sla", tables["marts.sla"])
        write_table(connection, "staging", "stg_landing", tables["staging.stg_landing"])
        at_risk = ALERTS.compute(tables, Settings())["at_risk_tickets"]
        write_table(connection, "alerts", "at_risk_tickets", at_risk)
    link_path(data_dir).unlink(missing_ok=True)
    link_path(data_dir).symlink_to(path)


def _scan(
    data_dir: Path, instance: DagsterInstance | None = None, urls: str | None = None
) -> ExecuteInProcessResult:
    settings = Settings(data_dir=data_dir, alert_urls=SecretStr(urls) if urls else None)
    asset = alert_log_asset(AssetKey(["meta", "snapshot"]), link_path, snapshot_id_in)
    return materialize(
        [asset],
        instance=instance,
        resources={"settings": settings},
        raise_on_error=False,
    )


def _counts(result: ExecuteInProcessResult) -> dict[str, object]:
    (event,) = result.get_asset_materialization_events()
    told = event.step_materialization_data.materialization.metadata
    return {name: told[name].value for name in ("opened", "worsened", "resolved", "open_alerts")}


def _lines(data_dir: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in alert_log_path(data_dir).read_text("utf-8").splitlines()]


def test_what_is_published_is_told_once(tmp_path: Path) -> None:
    """A breach is told, told no more by a second scan, and resolved with how it ended."""
    late = clock(1, at(90))
    _publish(tmp_path, "1", late)
    assert _counts(_scan(tmp_path)) == {
        "opened": 1,
        "worsened": 0,
        "resolved": 0,
        "open_alerts": 1,
    }
    assert _counts(_scan(tmp_path))["opened"] == 0
    _publish(tmp_path, "2", clock(1, at(90), at(0)))
    assert _counts(_scan(tmp_path)) == {
        "opened": 0,
        "worsened": 0,
        "resolved": 1,
        "open_alerts": 0,
    }
    assert [(line["event"], line["reason"]) for line in _lines(tmp_path)] == [
        (
            "opened",
            "60 minutes first reply target passed 30 minutes ago (Tier 1 Support, normal)",
        ),
        ("resolved", "The clock stopped, 30 minutes late"),
    ]


def test_nothing_published_is_said_so(tmp_path: Path) -> None:
    """A clear failure, and no log."""
    result = _scan(tmp_path)
    assert not result.success
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    data = failure.step_failure_data.user_failure_data
    assert data
    assert data.description == "nothing has been published yet; run the whole pipeline"
    assert not alert_log_path(tmp_path).exists()


def test_a_snapshot_from_before_alerts_is_said_so(tmp_path: Path) -> None:
    """The log is left alone."""
    path = snapshot_path(tmp_path, "1")
    path.parent.mkdir(parents=True)
    with connect(path) as connection:
        write_table(connection, "meta", "snapshot", pl.DataFrame({"snapshot_id": ["1"]}))
    link_path(tmp_path).symlink_to(path)
    assert not _scan(tmp_path).success
    assert not alert_log_path(tmp_path).exists()


def test_a_dead_channel_warns_and_keeps_its_address_to_itself(tmp_path: Path) -> None:
    """The run succeeds; neither events nor metadata nor files hold the secret."""
    _publish(tmp_path, "1", clock(1, at(90)))
    with DagsterInstance.ephemeral() as instance:
        result = _scan(tmp_path, instance, f"json://u:{SECRET}@127.0.0.1:9/x bogus://{SECRET}")
        assert result.success
        (event,) = result.get_asset_materialization_events()
        told = event.step_materialization_data.materialization.metadata
        assert told["deliveries"].value == {"JSON (channel 1)": "failed", "channel 2": "unusable"}
        assert told["undelivered"].value == 1
        logs = "".join(str(entry) for entry in instance.all_logs(result.run_id))
        assert "JSON (channel 1) did not take the news" in logs
        assert SECRET not in logs
    files = [path for path in tmp_path.iterdir() if path.is_file() and path.suffix != ".duckdb"]
    assert SECRET not in "".join(path.read_text("utf-8") for path in files)
    assert SECRET not in repr(Settings(alert_urls=SecretStr(SECRET)))


def test_the_schedule_scans_what_is_new_or_undelivered(tmp_path: Path) -> None:
    """Nothing published, nothing new, something new, something not delivered."""
    schedule = scan_schedule(Settings(data_dir=tmp_path))

    def asked(instance: DagsterInstance) -> bool:
        context = build_schedule_context(
            instance=instance, scheduled_execution_time=datetime(2026, 3, 10, tzinfo=UTC)
        )
        data = schedule.evaluate_tick(context)
        assert data.run_requests or data.skip_message
        return bool(data.run_requests)

    (tmp_path / "dagster").mkdir()
    with DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        assert not asked(instance)
        _publish(tmp_path, "1", clock(1, at(90)))
        assert asked(instance)
        assert _scan(tmp_path, instance).success
        assert not asked(instance)
        _publish(tmp_path, "2", clock(1, at(90)), clock(2, at(80)))
        assert asked(instance)
        assert _scan(tmp_path, instance, f"json://u:{SECRET}@127.0.0.1:9/x").success
        assert asked(instance)


def test_a_full_disk_is_said_so(tmp_path: Path) -> None:
    """What was told stays as it was."""
    _publish(tmp_path, "1", clock(1, at(90)))
    with mock.patch("control_tower.alerts.log_file.os.write", side_effect=OSError(28, "No space")):
        result = _scan(tmp_path)
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    data = failure.step_failure_data.user_failure_data
    assert data
    assert "No space" in (data.description or "")
    assert _counts(_scan(tmp_path))["opened"] == 1


def test_the_log_is_an_asset_of_its_own() -> None:
    """It hangs on what is published, and waits for no run that is building."""
    asset = alert_log_asset(AssetKey(["meta", "snapshot"]), link_path, snapshot_id_in)
    assert asset.key == ALERT_LOG
    assert "run_lock" not in asset.required_resource_keys
