"""Process mining as assets: what it reads from the marts, and the tables it makes."""

from collections.abc import Mapping

from dagster import Failure, MetadataValue
from dagster._core.definitions.metadata import RawMetadataValue

from control_tower.process_mining.business_hours import business_clock_of
from control_tower.process_mining.checks import CHECKS
from control_tower.process_mining.event_log import event_log_of
from control_tower.process_mining.figures import readable_extracts
from control_tower.process_mining.mining import mine
from control_tower.process_mining.reference_path import (
    HAPPY_PATH,
    ReferencePath,
    ReferencePathError,
    load_reference_path,
)
from control_tower.process_mining.tables import TABLES
from control_tower.room import Frames, Room
from control_tower.settings import Settings

__all__ = ["PROCESS_MINING"]

_INPUTS: Mapping[str, tuple[str, ...]] = {
    "staging.stg_ticket_events": (
        "event_id",
        "ticket_id",
        "occurred_at",
        "activity",
        "status",
        "group_name",
    ),
    "staging.stg_ticket_costs": ("ticket_id", "group_name", "handle_minutes"),
    "staging.stg_open_intervals": (
        "schedule_id",
        "opens_at",
        "closes_at",
        "open_minutes_before",
    ),
    "staging.stg_schedules": ("schedule_id", "is_default"),
    "staging.stg_ticket_schedules": ("ticket_id", "schedule_id", "effective_from"),
    "staging.stg_landing": ("as_of",),
    "marts.ticket_outcomes": (
        "ticket_id",
        "variant_id",
        "group_name",
        "priority",
        "ticket_type",
        "status",
        "created_at",
        "solved_at",
        "closed_at",
        "cycle_hours",
        "is_breached",
    ),
}


def _compute(given: Frames, settings: Settings) -> Frames:
    log = event_log_of(
        given["staging.stg_ticket_events"],
        given["marts.ticket_outcomes"],
        given["staging.stg_landing"]["as_of"].max(),  # type: ignore[arg-type]
    )
    return mine(
        log,
        clock=business_clock_of(
            log,
            given["staging.stg_open_intervals"],
            given["staging.stg_schedules"],
            given["staging.stg_ticket_schedules"],
        ),
        costs=given["staging.stg_ticket_costs"],
        reference=_reference_path(settings),
    )


def _reference_path(settings: Settings) -> ReferencePath:
    if settings.reference_path is None:
        return HAPPY_PATH
    try:
        return load_reference_path(settings.reference_path)
    except ReferencePathError as error:
        raise Failure(description=str(error), allow_retries=False) from None


def _figures(made: Frames) -> Mapping[str, Mapping[str, RawMetadataValue]]:
    return {
        table: {
            name: MetadataValue.md(text) if text.startswith(("|", "_")) else text
            for name, text in extracts.items()
        }
        for table, extracts in readable_extracts(made).items()
    }


PROCESS_MINING = Room(
    name="process_mining",
    tables=TABLES,
    inputs=_INPUTS,
    coded={"staging.stg_ticket_events": ("activity", "status", "group_name")},
    compute=_compute,
    checks=CHECKS,
    figures=_figures,
)
"""The room that finds out how tickets really go through the desk."""
