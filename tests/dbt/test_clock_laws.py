"""What the models owe each other: parts add up, and what they foretell comes to pass.

The first desk foretells when its waiting tickets will be late. In the second, weeks later, tickets
like them were answered at that very moment, or a microsecond before or after.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

import pytest

from tests.dbt.conftest import BuiltDesk
from tests.dbt.desk import Row, moment
from tests.dbt.random_desk import Desk

BuildOnce = Callable[[str, Desk], BuiltDesk]

_FIRST: Final = moment("2026-03-01 00:00")
_AS_OF: Final = moment("2026-03-20 12:00")
_LATER: Final = moment("2026-05-05 12:00")
_ZONES: Final = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/London",
    "Pacific/Chatham",
)
_ALWAYS_OPEN: Final = ("America/New_York", "Australia/Lord_Howe", "Europe/London")
_TICKETS: Final = 240
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS_A_MINUTE: Final = 60_000_000
_TOLERANCE: Final = 1e-9
_WAIT: Final = "first_reply_time"
_WHOLE: Final = "total_resolution_time"
_PARTS: Final = "group_ownership_time"


def _hours(random: Random, schedule_id: int, zone: str) -> Iterator[Row]:
    """Draw split shifts; no shift begins or ends in the hours of night in which clocks change."""
    for weekday in random.sample(range(7), random.randint(2, 6)):
        edges = sorted(random.sample(range(240, 1380), random.choice((2, 4, 6))))
        for opens, closes in zip(edges[::2], edges[1::2], strict=True):
            yield _shift(schedule_id, zone, weekday, opens, closes)


def _shift(schedule_id: int, zone: str, weekday: int, opens: int, closes: int) -> Row:
    return {
        "schedule_id": schedule_id,
        "schedule_name": zone,
        "time_zone": zone,
        "weekday": weekday,
        "opens": opens,
        "closes": closes,
        "is_default": schedule_id == 1,
    }


def _ticket(
    key: int, created_at: datetime, schedule_id: int, target: float
) -> dict[str, list[Row]]:
    """Return the rows of a ticket nobody has answered, promised its target in business hours."""
    given = {"ticket_id": key, "policy_name": "Given", "is_business_hours": True}
    return {
        "tickets": [
            {
                "ticket_id": key,
                "created_at": created_at,
                "priority": "high",
                "status": "open",
                "is_deleted": False,
            }
        ],
        "ticket_events": [_event(key, 0, created_at, "customer")],
        "ticket_schedules": [
            {"ticket_id": key, "schedule_id": schedule_id, "effective_from": created_at}
        ],
        "sla_applications": [
            {**given, "metric": metric, "applied_at": created_at, "target_minutes": target}
            for metric in (_WAIT, _WHOLE, _PARTS)
        ],
    }


def _event(key: int, place: int, at: datetime, actor: str, group: str = "A") -> Row:
    return {
        "event_id": key * 100 + place,
        "ticket_id": key,
        "occurred_at": at,
        "activity": "something",
        "status": "open",
        "priority": "high",
        "group_name": group,
        "actor": actor,
        "is_public": actor != "system",
    }


def _desk() -> Desk:
    random = Random(7)  # noqa: S311
    tables: dict[str, list[Row]] = {"schedules": [], "holidays": []}
    zones = (*_ZONES, *_ALWAYS_OPEN)
    for schedule_id, zone in enumerate(zones, start=1):
        if schedule_id > len(_ZONES):
            days = [_shift(schedule_id, zone, weekday, 0, 1440) for weekday in range(7)]
            tables["schedules"].extend(days)
            continue
        tables["schedules"].extend(_hours(random, schedule_id, zone))
        days_off = [date(2026, 3, 1) + timedelta(days=n) for n in random.sample(range(90), 12)]
        closed = [{"schedule_id": schedule_id, "holiday_date": day} for day in days_off]
        tables["holidays"].extend(closed)
    for key in range(1, _TICKETS + 1):
        created_at = _FIRST + timedelta(microseconds=random.randrange(19 * 86_400_000_000))
        # Half the targets are whole minutes, which the end of a shift may meet exactly.
        odd = random.randrange(1, 4000 * _MICROSECONDS_A_MINUTE) / _MICROSECONDS_A_MINUTE
        target = random.choice((float(random.randint(1, 4000)), odd))
        for name, rows in _ticket(key, created_at, 1 + key % len(zones), target).items():
            tables.setdefault(name, []).extend(rows)
        moments = sorted(created_at + random.random() * (_AS_OF - created_at) for _ in range(4))
        for place, at in enumerate(moments, start=1):
            tables["ticket_events"].append(_event(key, place, at, "system", "BABA"[place - 1]))
    return Desk(_AS_OF, tables)


@pytest.fixture(scope="module")
def now(built_once: BuildOnce) -> BuiltDesk:
    """The desk while everybody waits."""
    return built_once("laws", _desk())


@pytest.fixture(scope="module")
def foretold(now: BuiltDesk) -> dict[int, datetime]:
    """When the first desk says each ticket's wait is, or will be, too long."""
    return {
        key: at.astimezone(UTC)
        for key, at in now.query(f"""
            select ticket_id, breach_at from marts.sla where metric = '{_WAIT}'
        """)
    }


@pytest.fixture(scope="module")
def later(built_once: BuildOnce, now: BuiltDesk, foretold: dict[int, datetime]) -> BuiltDesk:
    """The desk weeks later; ticket 1000 n + k is k, answered n - 2 microseconds off its moment."""
    tables = {name: list(rows) for name, rows in now.desk.tables.items()}
    targets = {row["ticket_id"]: row["target_minutes"] for row in tables["sla_applications"]}
    own = {row["ticket_id"]: row["schedule_id"] for row in tables["ticket_schedules"]}
    for ticket in now.desk.tables["tickets"]:
        key = ticket["ticket_id"]
        for n in (1, 2, 3):
            answered_at = foretold[key] + (n - 2) * _MICROSECOND
            if answered_at > _LATER:
                continue
            twin = 1000 * n + key
            rows = _ticket(twin, ticket["created_at"], own[key], targets[key])
            rows["ticket_events"].append(_event(twin, 1, answered_at, "agent"))
            for name, more in rows.items():
                tables[name].extend(more)
    return built_once("laws-later", replace(now.desk, as_of=_LATER, tables=tables))


def test_every_wait_will_be_too_long_at_some_moment(foretold: dict[int, datetime]) -> None:
    ahead = [at for at in foretold.values() if at > _AS_OF]

    assert len(foretold) == _TICKETS
    assert len(ahead) > 60
    assert min(foretold.values()) < _AS_OF


def test_both_desks_stand_as_the_slow_clocks_say(now: BuiltDesk, later: BuiltDesk) -> None:
    for desk in (now, later):
        found = desk.query(f"""
            select
                ticket_id, metric, instance, round(elapsed_minutes * {_MICROSECONDS_A_MINUTE}),
                breach_at, clock_state, sla_status
            from marts.sla
        """)
        expected = {
            key: (v.clock.elapsed_microseconds, v.clock.breach_at, v.clock.state, v.status)
            for key, v in desk.oracle.verdicts.items()
        }
        assert {row[:3]: row[3:] for row in found} == expected


def test_what_was_foretold_stands_and_comes_to_pass(
    later: BuiltDesk, foretold: dict[int, datetime]
) -> None:
    rows = later.query(f"""
        select ticket_id, breach_at, sla_status
        from marts.sla
        where metric = '{_WAIT}' and ticket_id < 1000
    """)

    assert len(rows) == _TICKETS
    hours = later.oracle.hours_of
    for key, breach_at, status in rows:
        assert breach_at == foretold[key]
        wait = hours(key)
        is_passed = breach_at < _LATER and wait is not None and wait.spent(breach_at, _LATER) > 0
        assert (status == "breached") == is_passed


def test_answered_at_the_moment_foretold_is_in_time_and_not_after(later: BuiltDesk) -> None:
    rows = later.query(f"""
        select
            ticket_id // 1000, round((elapsed_minutes - target_minutes) * 60000000),
            breach_at, ended_at, sla_status, ticket_id
        from marts.sla
        where metric = '{_WAIT}' and ticket_id > 1000
    """)

    late = 0
    assert len(rows) > 600
    for twin, over, breach_at, ended_at, status, key in rows:
        hours = later.oracle.hours_of(key)
        # A microsecond after closing time is no time at all.
        if twin == 3 and hours and hours.spent(ended_at - _MICROSECOND, ended_at):
            late += 1
            assert (over, breach_at, status) == (1, ended_at - _MICROSECOND, "breached")
        else:
            assert (over, breach_at, status) == (-1 if twin == 1 else 0, None, "within_sla")
    assert late > 150


def test_the_times_of_the_groups_add_up_to_the_whole(now: BuiltDesk) -> None:
    rows = now.query(f"""
        select
            ticket_id,
            count(*) filter (metric = '{_PARTS}'),
            sum(elapsed_minutes) filter (metric = '{_PARTS}'),
            any_value(elapsed_minutes) filter (metric = '{_WHOLE}'),
        from marts.sla
        group by ticket_id
    """)

    assert len(rows) == _TICKETS
    for _, parts, in_parts, whole in rows:
        assert parts == 5
        assert in_parts == pytest.approx(whole, abs=10 * _TOLERANCE)


def test_always_open_business_hours_are_calendar_hours(later: BuiltDesk) -> None:
    always_open = range(1 + len(_ZONES), 1 + len(_ZONES) + len(_ALWAYS_OPEN))
    keys = {
        row["ticket_id"]
        for row in later.desk.tables["ticket_schedules"]
        if row["schedule_id"] in always_open
    }
    rows = later.query(f"""
        select
            ticket_id, is_business_hours, elapsed_minutes,
            date_diff('microsecond', started_at, coalesce(ended_at, timestamptz '{_LATER}'))
        from marts.sla
    """)

    spans = [row for row in rows if row[0] in keys]
    assert len(spans) > 300
    for _, is_business_hours, elapsed, calendar in spans:
        assert is_business_hours
        assert elapsed == pytest.approx(calendar / _MICROSECONDS_A_MINUTE, abs=_TOLERANCE)
