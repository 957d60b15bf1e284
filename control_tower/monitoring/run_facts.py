"""What a run's events say about its time and its checks."""

from collections import Counter

from dagster import DagsterEventType, DagsterInstance, EventLogEntry

from control_tower.monitoring.metrics import LastRun

__all__ = ["RunFacts", "facts_of"]

_TOLD_OF = {
    DagsterEventType.STEP_START,
    DagsterEventType.STEP_SUCCESS,
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.ASSET_CHECK_EVALUATION,
}


class RunFacts:
    """Gathers them, event by event."""

    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._steps: dict[str, float] = {}
        self._assets: dict[str, float] = {}
        self._checks: Counter[str] = Counter()

    def handle(self, entry: EventLogEntry) -> None:
        """Take one event, in the order they happen."""
        event = entry.dagster_event
        if event is None:
            return
        if event.event_type == DagsterEventType.STEP_START and event.step_key:
            self._started[event.step_key] = entry.timestamp
        elif event.is_step_success or event.is_step_failure:
            step = event.step_key or ""
            self._steps[step] = entry.timestamp - self._started.get(step, entry.timestamp)
        elif event.event_type == DagsterEventType.ASSET_MATERIALIZATION and event.asset_key:
            metadata = event.step_materialization_data.materialization.metadata
            seconds = metadata.get("seconds")
            if seconds and isinstance(seconds.value, float):
                self._assets[event.asset_key.to_user_string()] = seconds.value
        elif event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            warned = evaluation.severity.value == "WARN"
            outcome = "passed" if evaluation.passed else "warned" if warned else "failed"
            self._checks[outcome] += 1

    def last_run(self, *, succeeded: bool, started_at: float, ended_at: float) -> LastRun:
        """Return them, once the run has ended."""
        return LastRun(
            succeeded=succeeded,
            started_at=started_at,
            ended_at=ended_at,
            step_seconds=dict(self._steps),
            asset_seconds=dict(self._assets),
            checks=dict(self._checks),
        )


def facts_of(instance: DagsterInstance, run_id: str) -> LastRun | None:
    """Return what Dagster has on record of a run; None unless it has begun and ended."""
    record = instance.get_run_record_by_id(run_id)
    if record is None or record.start_time is None or record.end_time is None:
        return None
    facts = RunFacts()
    for entry in instance.all_logs(run_id, of_type=_TOLD_OF):
        facts.handle(entry)
    return facts.last_run(
        succeeded=record.dagster_run.is_success,
        started_at=record.start_time,
        ended_at=record.end_time,
    )
