"""Tickets whose clocks were worked out by hand, all of them at one desk."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.dbt.conftest import BuiltDesk
from tests.dbt.hand_worked_desk import KEYS, at, hand_worked_desk
from tests.dbt.random_desk import Desk


@pytest.fixture(scope="module")
def desk(built_once: Callable[[str, Desk], BuiltDesk]) -> BuiltDesk:
    """The desk of all these tickets."""
    return built_once("hand-worked", hand_worked_desk())


def _clocks(desk: BuiltDesk, name: str, metric: str) -> list[tuple[Any, ...]]:
    """Return start, end, elapsed, target, breach moment, state and status of a metric's clocks."""
    return desk.query(f"""
        select
            started_at, ended_at, elapsed_minutes, target_minutes, breach_at, clock_state,
            sla_status
        from marts.sla
        where ticket_id = {KEYS[name]} and metric = '{metric}'
        order by instance
    """)


_Wanted = tuple[str, str | None, float, float, str | None, str, str]


@pytest.mark.parametrize(
    ("name", "metric", "wanted"),
    [
        (
            # From the oldest comment; the note is no answer, solving is, thanks are no question.
            "talks",
            "next_reply_time",
            [
                ("10:00", "11:10", 70.0, 60.0, "11:00", "stopped", "breached"),
                ("12:00", "12:45", 45.0, 60.0, None, "stopped", "within_sla"),
                ("27 16:00", None, 30.0, 60.0, "27 17:00", "active", "within_sla"),
            ],
        ),
        (
            "talks",
            "first_reply_time",
            [("08:00", "09:00", 60.0, 60.0, None, "stopped", "within_sla")],
        ),
        (
            # A reply that solves ends an update and begins none; notes are none.
            "updates",
            "periodic_update_time",
            [
                ("08:30", "09:15", 45.0, 60.0, None, "stopped", "within_sla"),
                ("09:15", "10:45", 90.0, 60.0, "10:15", "stopped", "breached"),
                ("27 16:10", None, 20.0, 60.0, "27 17:10", "active", "within_sla"),
            ],
        ),
        (
            # A gap with no group ends the clock of one and B's second begins at nought; solved,
            # nobody holds it, whatever the log says; reopened, A begins again.
            "ping-pong",
            "group_ownership_time",
            [
                ("08:00", "08:50", 50.0, 60.0, None, "stopped", "within_sla"),
                ("08:50", "10:00", 70.0, 60.0, "09:50", "stopped", "breached"),
                ("11:00", "11:30", 30.0, 60.0, None, "stopped", "within_sla"),
                ("11:30", "12:00", 30.0, 60.0, None, "stopped", "within_sla"),
                ("27 15:00", None, 90.0, 60.0, "27 16:00", "active", "breached"),
            ],
        ),
        (
            # The ten minutes before the change count against the lower target.
            "raised before the reply",
            "first_reply_time",
            [("08:00", "08:40", 40.0, 30.0, "08:30", "stopped", "breached")],
        ),
        (
            "raised after the reply",
            "first_reply_time",
            [("08:00", "08:40", 40.0, 480.0, None, "stopped", "within_sla")],
        ),
        (
            "raised after the reply",
            "periodic_update_time",
            [("08:40", None, 1910.0, 30.0, "09:10", "active", "breached")],
        ),
        (
            "raised the moment of the reply",
            "first_reply_time",
            [("08:00", "08:40", 40.0, 30.0, "08:30", "stopped", "breached")],
        ),
        ("no priority at first", "first_reply_time", []),
        (
            # Set late and taken away again: the last one set is in force, from the very start.
            "no priority at first",
            "total_resolution_time",
            [("08:00", None, 1950.0, 60.0, "09:00", "active", "breached")],
        ),
        (
            # Two hours solved are not counted: an hour, and no more, and so within.
            "comes back",
            "total_resolution_time",
            [("08:00", "11:00", 60.0, 60.0, None, "stopped", "within_sla")],
        ),
        (
            "comes back",
            "agent_work_time",
            [("08:00", "11:00", 30.0, 60.0, None, "stopped", "within_sla")],
        ),
        (
            # Not answered; its clock stops where it came to rest for good.
            "comes back",
            "first_reply_time",
            [("08:00", "11:00", 180.0, 60.0, "09:00", "stopped", "breached")],
        ),
        ("comes back", "next_reply_time", []),
        (
            "a call, settled at once",
            "first_reply_time",
            [("08:00", "09:20", 80.0, 60.0, "09:00", "stopped", "breached")],
        ),
        ("a call, settled at once", "next_reply_time", []),
        (
            "a call, settled at once",
            "requester_wait_time",
            [("08:00", None, 20.0, 60.0, None, "paused", "within_sla")],
        ),
        (
            "all at one moment",
            "next_reply_time",
            [("08:00", "08:00", 0.0, 60.0, None, "stopped", "within_sla")],
        ),
        (
            "all at one moment",
            "agent_work_time",
            [("08:00", None, 0.0, 60.0, None, "paused", "within_sla")],
        ),
        (
            # Twenty minutes to five on Friday, forty from nine on Monday, by then an hour earlier.
            "over the weekend",
            "next_reply_time",
            [("27 15:40", None, 20.0, 60.0, "30 07:40", "active", "within_sla")],
        ),
        # Without hours to keep, business hours are those of the calendar.
        (
            "no schedule",
            "agent_work_time",
            [("27 14:00", None, 150.0, 60.0, "27 15:00", "active", "breached")],
        ),
        (
            "never open",
            "agent_work_time",
            [("27 14:00", None, 150.0, 60.0, "27 15:00", "active", "breached")],
        ),
    ],
)
def test_a_clock_is_what_it_was_worked_out_to_be(
    desk: BuiltDesk, name: str, metric: str, wanted: list[_Wanted]
) -> None:
    expected = [
        (at(start), end and at(end), elapsed, target, late and at(late), state, status)
        for start, end, elapsed, target, late, state, status in wanted
    ]

    assert _clocks(desk, name, metric) == expected


def test_groups_are_judged_apart_and_named(desk: BuiltDesk) -> None:
    rows = desk.query(f"""
        select instance, group_name, policy_name
        from marts.sla
        where ticket_id = {KEYS["ping-pong"]} and metric = 'group_ownership_time'
        order by instance
    """)

    assert rows == [(n, group, "Policy 3") for n, group in enumerate("ABBAA", start=1)]


def test_business_hours_are_named_only_where_they_are_kept(desk: BuiltDesk) -> None:
    named = {
        name: desk.query(f"""
            select distinct is_business_hours
            from marts.sla
            where ticket_id = {KEYS[name]} and metric = 'first_reply_time'
        """)
        for name in ("over the weekend", "no schedule", "never open")
    }

    assert named == {
        "over the weekend": [(True,)],
        "no schedule": [(False,)],
        "never open": [(False,)],
    }


def test_the_slow_clocks_agree(desk: BuiltDesk) -> None:
    found = desk.query("""
        select ticket_id, metric, instance, elapsed_minutes, breach_at, sla_status from marts.sla
    """)

    assert {row[:3]: row[3:] for row in found} == {
        key: (v.clock.elapsed_microseconds / 60_000_000, v.clock.breach_at, v.status)
        for key, v in desk.oracle.verdicts.items()
    }
