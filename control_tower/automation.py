"""What runs by itself: the daily job and its schedule, upkeep after changes, failures noted."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from dagster import (
    AssetSelection,
    AutomationConditionSensorDefinition,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    FreshnessPolicy,
    RunFailureSensorContext,
    RunRequest,
    RunStatusSensorContext,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    define_asset_job,
    run_failure_sensor,
    run_status_sensor,
    schedule,
    sensor,
)

from control_tower.alerts.assets import ALERT_LOG
from control_tower.alerts.delivery import complaints
from control_tower.failed_runs import FailedRun, record_failed_run
from control_tower.jobs import ALERTS_JOB, DAILY_JOB
from control_tower.monitoring.metrics_file import write_metrics
from control_tower.monitoring.run_facts import facts_of
from control_tower.monitoring.watch import watch
from control_tower.progress import failure_reason
from control_tower.publishing.link import link_path, snapshot_id_in
from control_tower.settings import Settings

__all__ = [
    "ALERTS_JOB",
    "DAILY_JOB",
    "FRESHNESS",
    "alerts_scan",
    "daily_schedule",
    "ops_daily_pipeline",
    "scan_schedule",
    "sensors",
]

FRESHNESS = FreshnessPolicy.time_window(
    fail_window=timedelta(hours=36), warn_window=timedelta(hours=26)
)
"""A table is late a little after the daily run should have renewed it, and stale half a day on."""

ops_daily_pipeline = define_asset_job(
    DAILY_JOB,
    selection=AssetSelection.all(),
    description="Land the tickets, build and test the marts, publish the snapshot",
)

alerts_scan = define_asset_job(
    ALERTS_JOB,
    selection=AssetSelection.assets(ALERT_LOG),
    description="Bring the alert log up to date with the published snapshot, and send what is new",
)


def daily_schedule(settings: Settings) -> ScheduleDefinition:
    """Return the schedule that runs the whole pipeline every day."""
    return ScheduleDefinition(
        name="every_morning",
        job=ops_daily_pipeline,
        cron_schedule=settings.daily_cron,
        execution_timezone="UTC",
        default_status=DefaultScheduleStatus.RUNNING,
        description="The whole pipeline, every day",
    )


def scan_schedule(settings: Settings) -> ScheduleDefinition:
    """Return the schedule that looks for news every quarter of an hour.

    A snapshot that has been looked at holds no news, so it is left alone unless a channel has yet
    to take what it was sent.
    """

    @schedule(
        name="every_quarter_of_an_hour",
        job=alerts_scan,
        cron_schedule="*/15 * * * *",
        execution_timezone="UTC",
        default_status=DefaultScheduleStatus.RUNNING,
        description="Alerts on what was published since, and on what was not delivered",
    )
    def every_quarter_of_an_hour(context: ScheduleEvaluationContext) -> RunRequest | SkipReason:
        link = link_path(settings.data_dir)
        if not link.exists():
            return SkipReason("nothing has been published yet")
        event = context.instance.get_latest_materialization_event(ALERT_LOG)
        told = event.asset_materialization.metadata if event and event.asset_materialization else {}
        snapshot_id, undelivered = told.get("snapshot_id"), told.get("undelivered")
        if (
            snapshot_id
            and snapshot_id.value == snapshot_id_in(link)
            and not (undelivered and undelivered.value)
        ):
            return SkipReason("nothing new has been published, and all news was delivered")
        return RunRequest()

    return every_quarter_of_an_hour


def sensors(settings: Settings) -> Sequence[SensorDefinition]:
    """Return the sensors: upkeep of what lies downstream, records of runs, and the watch."""

    @run_failure_sensor(
        name="record_failed_runs",
        default_status=DefaultSensorStatus.RUNNING,
        description="Writes every failed run to failed_runs.jsonl in the data directory",
    )
    def record_failed_runs(context: RunFailureSensorContext) -> None:
        steps = context.get_step_failure_events()
        said = failure_reason(steps[0].step_failure_data) if steps else None
        reason = said or context.failure_event.message or "no reason given"
        record_failed_run(
            settings.data_dir,
            FailedRun(
                failed_at=_end(context.instance, context.dagster_run.run_id).isoformat(
                    timespec="seconds"
                ),
                run_id=context.dagster_run.run_id,
                job=context.dagster_run.job_name,
                step=(steps[0].step_key or "") if steps else "",
                reason=" ".join(reason.split()),
            ),
        )
        _tell_metrics(context.instance, context.dagster_run, settings)
        _look(settings, context.log.warning)

    @run_status_sensor(
        name="tell_metrics",
        run_status=DagsterRunStatus.SUCCESS,
        default_status=DefaultSensorStatus.RUNNING,
        description="Writes the metrics of every daily run that went well to metrics.prom",
    )
    def tell_metrics(context: RunStatusSensorContext) -> None:
        _tell_metrics(context.instance, context.dagster_run, settings)

    @sensor(
        name="watch_daily_run",
        minimum_interval_seconds=900,
        default_status=DefaultSensorStatus.RUNNING,
        description="Tells the alert channels, once, that the daily run is late, failed, or is "
        "well again",
    )
    def watch_daily_run(context: SensorEvaluationContext) -> SkipReason:
        return SkipReason(_look(settings, context.log.warning))

    return [
        AutomationConditionSensorDefinition(
            "keep_downstream_fresh",
            target=AssetSelection.all(),
            default_status=DefaultSensorStatus.RUNNING,
            description="Rebuilds what lies downstream of a table somebody renewed by hand",
        ),
        record_failed_runs,
        tell_metrics,
        watch_daily_run,
    ]


def _end(instance: DagsterInstance, run_id: str) -> datetime:
    """Return when a run ended, which may be long before a daemon that was down is told of it."""
    record = instance.get_run_record_by_id(run_id)
    end = record.end_time if record else None
    return datetime.fromtimestamp(end, UTC) if end else datetime.now(UTC)


def _tell_metrics(instance: DagsterInstance, run: DagsterRun, settings: Settings) -> None:
    facts = facts_of(instance, run.run_id) if run.job_name == DAILY_JOB else None
    if facts:
        write_metrics(settings.data_dir, facts)


def _look(settings: Settings, warn: Callable[[str], object]) -> str:
    """Watch the daily run and return in words how it stands; a dead channel is only warned of."""
    watched = watch(
        settings.data_dir, settings.alert_channels(), timedelta(hours=settings.stale_hours)
    )
    for says in complaints(watched.deliveries):
        warn(says)
    return "; ".join(trouble.says for trouble in watched.troubles) or "the daily run is well"
