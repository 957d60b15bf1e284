"""Checks of what landed, read back from disk: the contract, the references, recency and volume."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    multi_asset_check,
)

from control_tower.presentation import readable_hours, readable_time
from control_tower.raw.assets import asset_key
from control_tower.raw.contract import FOREIGN_KEYS, RAW_TABLES, REFERENCE_TABLES, polars_schema
from control_tower.raw.landing import LandedFileError, landing_id_of, read_landed, read_landed_parts
from control_tower.raw.lateness import late_events, told_before
from control_tower.raw.recency import newest_event_lag, volume_verdict
from control_tower.raw.trouble import cost_outliers, groups_without_hours, missing_days
from control_tower.raw.validation import broken_references, judged_in_parts, violations
from control_tower.settings import Settings

__all__ = ["landed_checks"]

_CHILDREN = sorted({child for child, _, _, _ in FOREIGN_KEYS})
_ALL_TABLES = (*RAW_TABLES, *REFERENCE_TABLES)
_WARN = AssetCheckSeverity.WARN
_LOOKED_AT: Final[Mapping[str, Collection[str]]] = {
    "tickets": ("ticket_id", "created_at", "group_name", "is_deleted"),
    "ticket_events": ("event_id", "ticket_id", "occurred_at", "activity"),
}
"""What is looked at of the largest tables beside their keys: all of them may not fit in memory."""


def _specs() -> Iterator[AssetCheckSpec]:
    for table in _ALL_TABLES:
        yield AssetCheckSpec(
            "keeps_the_contract",
            asset=asset_key(table),
            blocking=True,
            description="The file opens, and its columns, types, keys and values keep the contract",
        )
    for table in _CHILDREN:
        yield AssetCheckSpec(
            "references_exist",
            asset=asset_key(table),
            blocking=True,
            description="Every key that points at another table is found there",
        )
    yield AssetCheckSpec(
        "belongs_to_one_landing",
        asset=asset_key("landing"),
        blocking=True,
        description="All files were written by the same landing",
    )
    yield AssetCheckSpec(
        "has_tickets",
        asset=asset_key("tickets"),
        blocking=True,
        description="There is at least one ticket",
    )
    yield AssetCheckSpec(
        "volume_is_plausible",
        asset=asset_key("tickets"),
        description="The last seven days brought about as many tickets as the median week",
    )
    yield AssetCheckSpec(
        "no_day_is_missing",
        asset=asset_key("tickets"),
        description="Every open day of the last fourteen brought tickets, where its weekday does",
    )
    yield AssetCheckSpec(
        "every_group_has_opening_hours",
        asset=asset_key("ticket_schedules"),
        description="Every ticket has a schedule, or there is a default one, or there is none",
    )
    yield AssetCheckSpec(
        "times_and_costs_are_plausible",
        asset=asset_key("ticket_costs"),
        description="No hands-on time and no cost of a minute is beyond belief for its group",
    )
    yield AssetCheckSpec(
        "no_event_after_the_clock",
        asset=asset_key("ticket_events"),
        blocking=True,
        description="Nothing happened after the tower's clock",
    )
    yield AssetCheckSpec(
        "newest_event_is_recent",
        asset=asset_key("ticket_events"),
        description="The newest event lies within the expected lag of the tower's clock",
    )
    yield AssetCheckSpec(
        "events_come_in_time",
        asset=asset_key("ticket_events"),
        description="No event is new that the published snapshot should have held already",
    )


def landed_checks(link_of: Callable[[Path], Path]) -> AssetChecksDefinition:
    """Return the checks of everything that landed.

    Args:
        link_of: Returns the link to the published snapshot of a data directory.
    """

    @multi_asset_check(
        specs=list(_specs()),
        can_subset=True,
        required_resource_keys={"run_lock", "settings"},
        name="landed_tables",
    )
    def landed_tables(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
        """Read every landed file back and judge it; the marts are built only on what passes.

        The contract is held against the files, not against what was in memory when they were
        written, so that a file cut short or changed on disk is found.
        """
        settings: Settings = context.resources.settings
        wanted = context.selected_asset_check_keys
        tables: dict[str, pl.DataFrame] = {}
        for table in _ALL_TABLES:
            problems: list[str] = []
            try:
                is_kept, tables[table] = judged_in_parts(
                    table,
                    read_landed_parts(settings.data_dir, table),
                    also=_LOOKED_AT.get(table, polars_schema(table).names()),
                )
                if not is_kept:
                    tables[table] = read_landed(settings.data_dir, table)
                    problems = list(violations(table, tables[table]))
            except LandedFileError as error:
                problems = [str(error)]
            if AssetCheckKey(asset_key(table), "keeps_the_contract") in wanted:
                yield _result(table, "keeps_the_contract", problems, "no rule is broken")
        names = {(key.asset_key, key.name) for key in wanted}
        for result in _results_across(tables, settings, link_of(settings.data_dir)):
            if (result.asset_key, result.check_name) in names:
                yield result

    return landed_tables


def _results_across(
    tables: dict[str, pl.DataFrame], settings: Settings, snapshot: Path
) -> Iterator[AssetCheckResult]:
    unread = [name for name in _ALL_TABLES if name not in tables]
    if unread:
        for spec in _specs():
            if spec.name != "keeps_the_contract":
                yield _result(
                    spec.asset_key.path[-1],
                    spec.name,
                    [f"could not be judged, because {unread[0]} could not be read"],
                    "",
                )
        return
    broken = list(broken_references(tables))
    for table in _CHILDREN:
        mine = [sentence for sentence in broken if sentence.startswith(f"{table},")]
        yield _result(table, "references_exist", mine, "every reference has its row")
    yield _result(
        "landing", "belongs_to_one_landing", _landing_problems(settings), "all files belong to it"
    )
    tickets, events, as_of = (
        tables["tickets"],
        tables["ticket_events"],
        tables["landing"]["as_of"][0],
    )
    yield _result(
        "tickets",
        "has_tickets",
        [] if tickets.height else ["tickets: there is not one ticket; check the source"],
        f"{tickets.height:,} tickets",
    )
    plausible, sentence = volume_verdict(tickets, as_of)
    yield _result(
        "tickets", "volume_is_plausible", [] if plausible else [sentence], sentence, _WARN
    )
    yield _result(
        "tickets",
        "no_day_is_missing",
        list(missing_days(tickets, tables["open_intervals"], as_of)),
        "no day is missing",
        _WARN,
    )
    yield _result(
        "ticket_schedules",
        "every_group_has_opening_hours",
        list(groups_without_hours(tickets, tables["schedules"], tables["ticket_schedules"])),
        "opening hours are known for every ticket, or none are kept",
        _WARN,
    )
    yield _result(
        "ticket_costs",
        "times_and_costs_are_plausible",
        list(cost_outliers(tables["ticket_costs"])),
        "no time and no cost is beyond belief",
        _WARN,
    )
    lag = newest_event_lag(events, as_of) or timedelta(0)
    yield _result(
        "ticket_events",
        "no_event_after_the_clock",
        [
            f"ticket_events: the newest event lies {_age(-lag)} ahead of the tower's clock "
            f"{readable_time(as_of)}"
        ]
        if lag < timedelta(0)
        else [],
        "no event lies ahead of the clock",
    )
    expected = timedelta(hours=settings.expected_lag_hours)
    yield _result(
        "ticket_events",
        "newest_event_is_recent",
        [f"ticket_events: the newest event is {_age(lag)} old, more than {_age(expected)}"]
        if lag > expected
        else [],
        f"the newest event is {_age(lag)} older than the tower's clock",
        _WARN,
    )
    yield _lateness(events, tables["landing"]["described_as"][0], snapshot, expected)


def _lateness(
    events: pl.DataFrame, described_as: str, snapshot: Path, allowed: timedelta
) -> AssetCheckResult:
    before = told_before(snapshot)
    problems: list[str] = []
    if before is None:
        sentence = "there is no snapshot to compare with"
    elif not before.is_of(described_as):
        sentence = f"the published snapshot is of another source: {before.described_as}"
    else:
        sentence = "the published snapshot holds every event it should"
        problems = list(late_events(events, before, allowed))
    return _result("ticket_events", "events_come_in_time", problems, sentence, _WARN)


def _age(span: timedelta) -> str:
    return readable_hours(span / timedelta(hours=1))


def _landing_problems(settings: Settings) -> list[str]:
    ids = {table: landing_id_of(settings.data_dir, table) for table in _ALL_TABLES}
    expected = ids["landing"]
    return [
        f"{table} belongs to landing {landing_id}, the others to {expected}; "
        "materialize the whole raw group again"
        for table, landing_id in ids.items()
        if landing_id != expected
    ]


def _result(
    table: str,
    check: str,
    problems: list[str],
    success: str,
    severity: AssetCheckSeverity = AssetCheckSeverity.ERROR,
) -> AssetCheckResult:
    return AssetCheckResult(
        asset_key=asset_key(table),
        check_name=check,
        passed=not problems,
        severity=severity,
        description=problems[0] if problems else success,
        metadata={"problems": len(problems), **({"first": problems[0]} if problems else {})},
    )
