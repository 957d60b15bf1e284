"""Our figures against the desk's own: hand-worked differences, and desks that count as we do."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.dbt.conftest import BuiltDesk
from tests.dbt.random_desk import Desk
from tests.dbt.reconciled_desk import KEYS, reconciled_desk

_UNEXPLAINED = "assert_few_differences_from_the_desk_are_unexplained"
_COUNTS = "assert_few_replies_and_reopens_are_counted_differently"
_TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def reconciled(built_once: Callable[[str, Desk], BuiltDesk]) -> BuiltDesk:
    """The desk of hand-worked differences."""
    return built_once("reconciled", reconciled_desk())


_REPLY_GIVEN = ("first_reply_time", "first_reply_time_fulfilled", "reply_time_calendar")
_ROUNDED = "rounded to minutes"
_NO_HISTORY = "history incomplete"
_EXPECTED: dict[str, list[tuple[str, int, float | None, float | None, str | None]]] = {
    "equal": [(metric, 1, 30, 30, None) for metric in _REPLY_GIVEN]
    + [("requester_wait_time_calendar", 1, 30, None, "still running at the desk")],
    "rounded": [
        ("first_reply_time", 1, 30 + 2 / 3, 30, _ROUNDED),
        ("first_reply_time_fulfilled", 1, 30 + 2 / 3, 30 + 2 / 3, None),
        ("reply_time_calendar", 1, 30 + 2 / 3, 30, _ROUNDED),
        ("requester_wait_time_calendar", 1, 30 + 2 / 3, None, "still running at the desk"),
    ],
    "rounded twice": [
        ("agent_wait_time_calendar", 1, 9 + 1 / 3, 9, _ROUNDED),
        ("on_hold_time_calendar", 1, 20 + 49 / 60, 19, _ROUNDED),
        ("requester_wait_time_calendar", 1, 31.65, None, None),
    ],
    "deleted": [
        ("first_reply_time", 1, None, 30, "ticket deleted"),
        ("reply_time_calendar", 1, 30, 80, "ticket deleted"),
        ("requester_wait_time_calendar", 1, 30, None, "ticket deleted"),
    ],
    "merged": [("first_reply_time", 1, None, 30, "ticket merged")],
    "log begins late": [
        ("reply_time_calendar", 1, 90, 10, _NO_HISTORY),
        ("requester_wait_time_calendar", 1, 90, None, _NO_HISTORY),
    ],
    "reopening unknown": [
        ("first_resolution_time_calendar", 1, 60, 60, None),
        ("full_resolution_time_calendar", 1, 60, 300, _NO_HISTORY),
        ("requester_wait_time_calendar", 1, 60, None, _NO_HISTORY),
    ],
    "pending unknown": [
        ("agent_wait_time_calendar", 1, 0, 40, _NO_HISTORY),
        ("first_resolution_time_calendar", 1, 60, None, _NO_HISTORY),
        ("full_resolution_time_calendar", 1, 60, 60, None),
        ("requester_wait_time_calendar", 1, 60, 20, _NO_HISTORY),
    ],
    "opened by an agent": [
        ("first_reply_time_fulfilled", 1, 30, None, "opened by an agent"),
        ("reply_time_calendar", 1, 30, None, "opened by an agent"),
        ("requester_wait_time_calendar", 1, 30, 30, None),
    ],
    "counted anew": [
        ("first_reply_time_breached", 1, 60, None, "no target at the desk"),
        ("first_reply_time_fulfilled", 1, 150, None, None),
        ("requester_wait_time", 1, 90, 60, "counted anew when reopened"),
        ("requester_wait_time", 2, None, 30, "counted anew when reopened"),
        ("requester_wait_time_fulfilled", 1, 150, 60, "counted anew when reopened"),
    ],
    "no target": [
        ("first_reply_time_breached", 1, 60, None, "no target at the desk"),
        ("first_reply_time_fulfilled", 1, 120, 120, None),
    ],
    "another target": [
        ("first_reply_time_breached", 1, 60, 90, "another target at the desk"),
        ("first_reply_time_fulfilled", 1, 120, 120, None),
    ],
    "target lowered": [
        ("first_reply_time_breached", 1, 60, 120, "target lowered later"),
        ("first_reply_time_fulfilled", 1, 180, 180, None),
    ],
    "solved unanswered": [
        ("first_reply_time_fulfilled", 1, 60, None, "still running at the desk"),
        ("requester_wait_time_fulfilled", 1, 60, None, None),
    ],
    "still waiting": [
        ("requester_wait_time_calendar", 1, 60, 0, "still running at the desk"),
    ],
    "schedule changed": [
        ("first_resolution_time_calendar", 1, 120, None, None),
        ("full_resolution_time_business", 1, 0, 120, "schedule changed"),
        ("full_resolution_time_calendar", 1, 120, 120, None),
        ("requester_wait_time_calendar", 1, 120, None, None),
    ],
    "schedule edited later": [
        ("first_resolution_time_calendar", 1, 120, None, None),
        ("full_resolution_time_business", 1, 60, 120, "schedule edited later"),
        ("full_resolution_time_calendar", 1, 120, 120, None),
        ("requester_wait_time_calendar", 1, 120, None, None),
    ],
    "schedule edited before": [
        ("first_resolution_time_calendar", 1, 120, None, None),
        ("full_resolution_time_business", 1, 60, 120, None),
        ("full_resolution_time_calendar", 1, 120, 120, None),
        ("requester_wait_time_calendar", 1, 120, None, None),
    ],
    "replied later there": [(metric, 1, 30, 45, None) for metric in _REPLY_GIVEN]
    + [("requester_wait_time_calendar", 1, 30, None, "still running at the desk")],
    "replied only there": [
        ("first_reply_time", 1, 1950, 30, None),
        ("first_reply_time_breached", 1, 60, None, None),
        ("first_reply_time_fulfilled", 1, None, 30, None),
        ("reply_time_calendar", 1, None, 30, None),
    ],
    "replied only here": [
        ("first_reply_time_fulfilled", 1, 30, None, "still running at the desk"),
        ("on_hold_time_calendar", 1, 0, 0, None),
        ("reply_time_calendar", 1, 30, None, None),
        ("requester_wait_time_calendar", 1, 30, None, "still running at the desk"),
    ],
    "unanswered": [
        ("first_reply_time_breached", 1, 60, 60, None),
        ("on_hold_time_calendar", 1, 0, 0, None),
    ],
}


@pytest.mark.parametrize("name", KEYS)
def test_a_difference_has_the_reason_worked_out_for_it(reconciled: BuiltDesk, name: str) -> None:
    found = reconciled.query(f"""
        select metric, instance, ours_minutes, theirs_minutes, reason
        from marts.sla_reconciliation
        where ticket_id = {KEYS[name]}
        order by metric, instance
    """)

    assert found == [
        (metric, instance, *(pytest.approx(m) if m else m for m in minutes), reason)
        for metric, instance, *minutes, reason in _EXPECTED[name]
    ]


def test_differences_without_a_reason_are_warned_of(reconciled: BuiltDesk) -> None:
    """So are reopenings the desk counted otherwise."""
    assert {_UNEXPLAINED, _COUNTS} <= reconciled.warned


def test_a_desk_that_counts_as_we_do_agrees(random_built_desk: BuiltDesk) -> None:
    """To the minute, every figure of it; whatever the zone, the pauses and what the log lacks."""
    rows = random_built_desk.query("""
        select metric, instance, difference_minutes, reason from marts.sla_reconciliation
    """)

    assert len(rows) > 2000
    for metric, _, difference, reason in rows:
        assert difference is not None, metric
        assert reason == (_ROUNDED if difference > _TOLERANCE else None), metric
    assert not {_UNEXPLAINED, _COUNTS} & random_built_desk.warned


def test_every_figure_the_desk_gives_is_compared(random_built_desk: BuiltDesk) -> None:
    """Clocks that stopped, their ends and their breaches; durations by both ways of counting."""
    expected: Counter[str] = Counter()
    for (_, metric, _), verdict in random_built_desk.oracle.verdicts.items():
        if verdict.clock.ended_at:
            expected.update((metric, f"{metric}_fulfilled"))
        breach_at = verdict.clock.breach_at
        if verdict.status == "breached" and breach_at:
            expected[f"{metric}_breached"] += 1
    for row in random_built_desk.desk.tables["desk_ticket_metrics"]:
        for hours in ("calendar", "business"):
            if row.get(f"{hours}_minutes") is not None:
                expected[f"{row['metric']}_{hours}"] += 1

    found = random_built_desk.query("""
        select metric, count(*) from marts.sla_reconciliation group by metric
    """)
    assert dict(found) == dict(expected)
