"""Zendesk's tables become the contract's: a small desk worked out by hand."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from control_tower.raw.landing import Landing, complete_tables
from control_tower.raw.zendesk import read_zendesk_files
from tests.raw.zendesk.desk import TABLES, write


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """The small desk, read."""
    return read_zendesk_files(write(tmp_path / "desk"))


def _rows(landing: Landing, table: str, *columns: str) -> list[tuple[Any, ...]]:
    return landing.tables[table].select(columns).rows()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}").replace(tzinfo=UTC)


def test_every_change_is_an_event_with_the_state_after_it(landing: Landing) -> None:
    """Comments come before what changed at their moment; a field keeps its value until changed."""
    events = landing.tables["ticket_events"].filter(pl.col("ticket_id") == 1)
    assert events.select(
        "occurred_at", "activity", "status", "priority", "group_name", "actor", "is_public"
    ).rows() == [
        (_at("01 08:00"), "created", "new", "low", "Tier 1", "customer", True),
        (_at("01 08:05"), "assigned", "new", "low", "Tier 1", "agent", False),
        (_at("01 08:10"), "priority_changed", "new", "high", "Tier 1", "agent", False),
        (_at("01 08:30"), "noted", "new", "high", "Tier 1", "agent", False),
        (_at("01 09:00"), "replied", "new", "high", "Tier 1", "agent", True),
        (_at("01 09:00"), "pending", "pending", "high", "Tier 1", "agent", False),
        (_at("01 10:00"), "customer_replied", "pending", "high", "Tier 1", "customer", True),
        (_at("01 10:00"), "opened", "open", "high", "Tier 1", "customer", False),
        (_at("01 11:00"), "group_changed", "open", "high", "Group 32", "agent", False),
        (_at("01 12:00"), "put_on_hold", "hold", "high", "Group 32", "agent", False),
        (_at("02 09:00"), "replied", "hold", "high", "Group 32", "agent", True),
        (_at("02 09:00"), "solved", "solved", "high", "Group 32", "agent", False),
        (_at("02 12:00"), "reopened", "open", "high", "Group 32", "customer", False),
        (_at("02 13:00"), "solved", "solved", "high", "Group 32", "agent", False),
        (_at("03 10:00"), "closed", "closed", "high", "Group 32", "system", False),
    ]


def test_what_an_agent_opened_is_created_by_an_agent(landing: Landing) -> None:
    """And its opening comment is no event of its own."""
    events = landing.tables["ticket_events"].filter(pl.col("ticket_id") == 2)
    assert events.select("activity", "actor", "agent_id").rows() == [("created", "agent", 51)]


def test_tickets_stand_as_their_history_left_them(landing: Landing) -> None:
    """Ticket 2 has no history of its status, so its own row tells; its assignee is nobody known."""
    assert _rows(
        landing,
        "tickets",
        *("ticket_id", "ticket_type", "priority", "channel", "group_name", "assignee_id"),
        *("status", "solved_at", "closed_at", "is_deleted", "merged_into_ticket_id"),
    ) == [
        (
            *(1, "incident", "high", "web", "Group 32", 51, "closed"),
            *(_at("02 13:00"), _at("03 10:00"), False, None),
        ),
        (2, None, None, "email", None, None, "closed", None, _at("01 09:30"), False, 1),
    ]
    assert ("assignees_not_known", 1) in landing.repairs.select("rule", "rows").rows()


def test_targets_are_those_zendesk_applied(landing: Landing) -> None:
    """Each with the policy in force then; one taken away is counted."""
    assert _rows(
        landing,
        "sla_applications",
        *("ticket_id", "metric", "policy_id", "policy_name", "target_minutes"),
        *("is_business_hours", "applied_at"),
    ) == [
        (1, "first_reply_time", 4, "Gold", 60.0, True, _at("01 08:00")),
        (1, "first_reply_time", 5, "Gold plus", 30.0, False, _at("01 08:10")),
    ]
    assert ("targets_taken_away", 1) in landing.repairs.select("rule", "rows").rows()


def test_policies_are_the_newest_versions(landing: Landing) -> None:
    """In the order of their keys, where no table says another."""
    assert _rows(
        landing, "sla_policies", "policy_id", "policy_name", "position", "metric", "target_minutes"
    ) == [
        (5, "Gold plus", 2, "first_reply_time", 30.0),
        (4, "Gold", 1, "agent_work_time", 240.0),
    ]


def test_the_table_of_policies_names_and_orders_them(tmp_path: Path) -> None:
    """Its positions count from 0 or 1."""
    order = [{"id": 5, "title": "Five", "position": 1}, {"id": 4, "title": "Four", "position": 2}]
    landing = read_zendesk_files(write(tmp_path, sla_policy=order))
    assert set(_rows(landing, "sla_policies", "policy_name", "position")) == {
        ("Five", 1),
        ("Four", 2),
    }


def test_schedules_holidays_and_ratings(landing: Landing) -> None:
    """The oldest schedule is the default; days and tickets nobody knows are left out."""
    assert _rows(
        landing, "schedules", "schedule_id", "time_zone", "weekday", "opens", "closes", "is_default"
    ) == [
        (9, "Australia/Sydney", 5, 0, 1440, False),
        (9, "Australia/Sydney", 6, 0, 120, False),
        (10, "Europe/Berlin", 0, 540, 1020, True),
    ]
    edited = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert _rows(landing, "schedules", "schedule_id", "edited_at") == [
        (9, edited),
        (9, edited),
        (10, None),
    ]
    assert _rows(landing, "holidays", "schedule_id", "holiday_date") == [
        (10, date(2026, 12, 25)),
        (10, date(2026, 12, 26)),
    ]
    assert _rows(landing, "ticket_schedules", "ticket_id", "schedule_id") == [(1, 9)]
    assert _rows(landing, "satisfaction_ratings", "rating_id", "ticket_id", "score") == [
        (1, 1, 5),
        (4, 2, 2),
    ]


def test_agents_belong_to_their_main_group(landing: Landing) -> None:
    """A zone nobody knows is none."""
    assert _rows(landing, "agents", "agent_id", "agent_name", "group_name", "time_zone") == [
        (51, "Ada", "Tier 1", "Europe/Copenhagen"),
        (52, "Agent 52", "Group 32", None),
    ]


def test_zendesks_own_figures_are_kept(landing: Landing) -> None:
    """What is empty is left out, and so are tickets nobody knows and events Zendesk took back."""
    assert _rows(
        landing,
        "desk_ticket_metrics",
        *("ticket_id", "metric", "calendar_minutes", "business_minutes", "occurrences"),
    ) == [
        (1, "reply_time", 60.0, 45.0, None),
        (1, "on_hold_time", None, 0.0, None),
        (1, "replies", None, None, 2),
        (1, "reopens", None, None, 1),
    ]
    assert _rows(
        landing,
        "desk_metric_events",
        *("event_id", "event_type", "policy_id", "policy_name", "target_minutes"),
        *("is_business_hours", "calendar_minutes"),
    ) == [
        (901, "activate", None, None, None, None, None),
        (902, "apply_sla", 4, "Gold", 60.0, True, None),
        (904, "fulfill", None, None, None, None, None),
        (905, "update_status", None, None, None, None, 60.0),
    ]
    assert ("metric_events_not_known", 1) in landing.repairs.select("rule", "rows").rows()


def test_the_contract_is_kept_and_the_newest_event_is_the_clock(landing: Landing) -> None:
    """So that the tables can be landed."""
    assert landing.as_of == _at("03 10:00")
    complete_tables(landing)


def test_an_earlier_clock_sees_the_desk_as_it_was(tmp_path: Path) -> None:
    """Ticket 1 was still new, ticket 2 not yet there; what came later is counted."""
    write(tmp_path)
    landing = read_zendesk_files(tmp_path, as_of=_at("01 08:45"))
    assert _rows(landing, "tickets", "ticket_id", "status", "solved_at") == [(1, "new", None)]
    assert landing.tables["sla_applications"].height == 2
    refused = dict(landing.repairs.select("rule", "rows").rows())
    assert refused["events_after_the_clock"] == 12
    assert refused["tickets_after_the_clock"] == 1
    complete_tables(landing)


def test_deleted_tickets_keep_the_status_they_had(tmp_path: Path) -> None:
    """Deleting is an event, and no status of work."""
    tickets = [{**TABLES["ticket"][0], "status": "deleted"}]
    history = [
        {"field_name": "status", "ticket_id": 1, "updated": at, "user_id": "", "value": value}
        for at, value in (("2026-06-01 08:00:00", "open"), ("2026-06-01 09:00:00", "deleted"))
    ]
    landing = read_zendesk_files(
        write(
            tmp_path,
            ticket=tickets,
            ticket_field_history=history,
            ticket_comment=TABLES["ticket_comment"][:1],
        )
    )
    assert _rows(landing, "tickets", "status", "is_deleted") == [("open", True)]
    assert _rows(landing, "ticket_events", "activity", "status") == [
        ("created", "open"),
        ("deleted", "open"),
    ]


def test_parquet_says_the_same_as_csv(landing: Landing, tmp_path: Path) -> None:
    """With keys, times and flags of their own types."""
    folder = tmp_path / "parquet"
    folder.mkdir()
    for name, rows in TABLES.items():
        frame = pl.DataFrame([{k: str(v) for k, v in row.items()} for row in rows])
        typed = frame.with_columns(
            pl.col(pl.String).replace("", None),
        ).with_columns(
            pl.col(column).cast(pl.Int64)
            if column.endswith("id") and name != "ticket_field_history"
            else pl.col(column).str.to_datetime()
            if column in ("created_at", "updated", "created")
            else pl.col(column) == "TRUE"
            if column == "public"
            else pl.col(column)
            for column in frame.columns
        )
        typed.write_parquet(folder / f"{name}.parquet")
    again = read_zendesk_files(folder)
    assert {name: frame.rows() for name, frame in again.tables.items()} == {
        name: frame.rows() for name, frame in landing.tables.items()
    }
    assert again.landing_id != landing.landing_id
