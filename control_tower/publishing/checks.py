"""How the checks of the tables stand, as Dagster's records have it."""

from collections.abc import Sequence
from typing import Final

from dagster import AssetCheckKey, AssetCheckSeverity, DagsterInstance
from dagster._core.storage.asset_check_execution_record import (
    COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES as _COMPLETED,
)
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from control_tower.publishing.gate import CheckOutcome, Outcome

__all__ = ["outcomes_of"]

_RECORDS_LOOKED_AT: Final = 50
"""More runs than anybody starts at once on one data directory."""


def outcomes_of(
    instance: DagsterInstance, keys: Sequence[AssetCheckKey], run_id: str
) -> list[CheckOutcome]:
    """Return how checks stand for their tables as they were built last, in the order of the keys.

    Args:
        instance: Whose records to read.
        keys: The checks.
        run_id: The run that asks; a check it has announced and not yet made has not run.
    """
    newest = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    tables = instance.get_asset_records(list({key.asset_key for key in keys}))
    built = {
        record.asset_entry.asset_key: record.asset_entry.last_materialization_storage_id
        for record in tables
    }
    outcomes: list[CheckOutcome] = []
    for key in keys:
        materialization = built.get(key.asset_key)
        record = newest.get(key)
        if record and not _is_of_table_as_built(record, materialization):
            record = _record_of(instance, key, materialization, run_id)
        name = f"{key.name} of {key.asset_key.to_user_string()}"
        outcomes.append(CheckOutcome(name, *_outcome(record)))
    return outcomes


def _record_of(
    instance: DagsterInstance, key: AssetCheckKey, materialization: int | None, run_id: str
) -> AssetCheckExecutionRecord | None:
    """Return the last record of a check that looked at the table as it was built last.

    Records are in the order in which runs announced their checks, as they began; whichever of two
    runs had to wait may have announced them before the other, or after.
    """
    history = instance.event_log_storage.get_asset_check_execution_history(
        key, limit=_RECORDS_LOOKED_AT
    )
    if any(record.run_id == run_id and record.status not in _COMPLETED for record in history):
        return None
    fitting = (record for record in history if _is_of_table_as_built(record, materialization))
    return max(fitting, key=_evaluated_at, default=None)


def _evaluated_at(record: AssetCheckExecutionRecord) -> float:
    return record.event.timestamp if record.event else record.create_timestamp


def _is_of_table_as_built(record: AssetCheckExecutionRecord, materialization: int | None) -> bool:
    if not record.evaluation or record.status not in _COMPLETED:
        return False
    looked_at = record.evaluation.target_materialization_data
    return not materialization or (looked_at and looked_at.storage_id) == materialization


def _outcome(record: AssetCheckExecutionRecord | None) -> tuple[Outcome, str]:
    """Return what a check found and said."""
    if not record or not record.evaluation:
        return "not_run", ""
    says = record.evaluation.description or ""
    if record.status == AssetCheckExecutionRecordStatus.SUCCEEDED:
        return "passed", says
    warned = record.evaluation.severity == AssetCheckSeverity.WARN
    return ("warned" if warned else "failed"), says
