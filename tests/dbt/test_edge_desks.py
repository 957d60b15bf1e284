"""Desks at the edge of the contract: nothing landed, one ticket, no promises, no opening hours."""

from collections.abc import Callable

from tests.dbt.conftest import BuiltDesk
from tests.dbt.desk import Row, moment
from tests.dbt.random_desk import Desk

BuildOnce = Callable[[str, Desk], BuiltDesk]

_AS_OF = moment("2026-03-30 09:00")
_TICKET: Row = {
    "ticket_id": 1,
    "created_at": _AS_OF,
    "priority": "high",
    "status": "new",
    "is_deleted": False,
}


def _event(event_id: int, at: str, activity: str, status: str, actor: str = "agent") -> Row:
    return {
        "event_id": event_id,
        "ticket_id": 1,
        "occurred_at": moment(at),
        "activity": activity,
        "status": status,
        "priority": "high",
        "actor": actor,
        "is_public": activity == "replied",
    }


def _policies(*metrics: str) -> list[Row]:
    return [
        {
            "policy_id": 1,
            "policy_name": "Everybody",
            "position": 1,
            "metric": metric,
            "priority": "high",
            "target_minutes": 60.0,
            "is_business_hours": True,
        }
        for metric in metrics
    ]


def test_a_desk_without_tickets_has_empty_marts(built_once: BuildOnce) -> None:
    desk = built_once("empty", Desk(_AS_OF))

    for mart in ("sla", "ticket_outcomes", "daily_ops", "group_performance", "agent_productivity"):
        assert desk.query(f"select count(*) from marts.{mart}") == [(0,)], mart
    assert desk.query("select count(*) from seeds.sla_policy_targets") == [(4,)]


def test_one_ticket_of_this_moment_at_a_desk_that_knows_nothing_else(
    built_once: BuildOnce,
) -> None:
    # No policies, no groups, no agents, no schedules; and not even an event.
    desk = built_once("bare", Desk(_AS_OF, {"tickets": [_TICKET]}))

    assert desk.query("select count(*) from marts.sla") == [(0,)]
    assert desk.query("""
        select group_name, is_open, cycle_hours, first_reply_minutes, is_breached, cost_usd,
            variant_id, events
        from marts.ticket_outcomes
    """) == [("Unassigned", True, None, None, None, None, None, 0)]
    assert desk.query("""
        select day, group_name, is_complete, created, solved, backlog, breaches, sla_attainment
        from marts.daily_ops
    """) == [(_AS_OF.date(), "Unassigned", False, 1, 0, 1, 0, None)]
    assert desk.query("""
        select group_name, tickets, open_tickets, sla_attainment, breach_rate, cost_usd
        from marts.group_performance
    """) == [("Unassigned", 1, 1, None, None, None)]


def test_without_schedules_business_hours_are_calendar_hours(built_once: BuildOnce) -> None:
    # Three events at one moment: their keys say that the reply came last.
    events = [
        _event(3, "2026-03-29 09:00", "replied", "pending"),
        _event(1, "2026-03-29 08:00", "created", "new", "customer"),
        _event(2, "2026-03-29 09:00", "assigned", "open", "system"),
    ]
    ticket = {**_TICKET, "created_at": moment("2026-03-29 08:00"), "status": "pending"}
    desk = built_once(
        "without-schedules",
        Desk(
            _AS_OF,
            {
                "tickets": [ticket],
                "ticket_events": events,
                "sla_policies": _policies("first_reply_time", "requester_wait_time"),
                "agents": [{"agent_id": 1, "agent_name": "Ada"}],
            },
        ),
    )

    assert desk.query("""
        select metric, is_business_hours, elapsed_minutes, breach_at, clock_state, sla_status
        from marts.sla order by metric
    """) == [
        ("first_reply_time", False, 60.0, None, "stopped", "within_sla"),
        ("requester_wait_time", False, 60.0, None, "paused", "within_sla"),
    ]
    assert desk.query(
        "select status from intermediate.int_ticket_states order by began_at, event_id"
    ) == [
        ("new",),
        ("open",),
        ("pending",),
    ]
    assert desk.query("""
        select group_name, days_worked, tickets_solved, tickets_per_day, handle_minutes
        from marts.agent_productivity
    """) == [("Unassigned", 0, 0, None, None)]


def test_clocks_that_start_now_are_dated_ahead_while_hours_are_known(
    built_once: BuildOnce,
) -> None:
    # Monday 30 March, 11:00 in Berlin; half an hour to closing, and next Monday is a holiday.
    schedules: list[Row] = [
        {
            "schedule_id": 1,
            "schedule_name": "Mondays",
            "time_zone": "Europe/Berlin",
            "weekday": 0,
            "opens": 540,
            "closes": 690,
            "is_default": True,
        }
    ]
    far_off = {**_policies("agent_work_time")[0], "target_minutes": 1e7}
    desk = built_once(
        "now",
        Desk(
            _AS_OF,
            {
                "tickets": [_TICKET],
                "sla_policies": [*_policies("total_resolution_time"), far_off],
                "schedules": schedules,
                "holidays": [{"schedule_id": 1, "holiday_date": moment("2026-04-06 00:00").date()}],
            },
        ),
    )

    assert desk.query("""
        select metric, elapsed_minutes, remaining_minutes, breach_at, clock_state
        from marts.sla order by metric
    """) == [
        ("agent_work_time", 0.0, 1e7, None, "active"),
        ("total_resolution_time", 0.0, 60.0, moment("2026-04-13 07:30"), "active"),
    ]


def test_a_target_off_by_the_rounding_of_hours_is_met_to_the_microsecond(
    built_once: BuildOnce,
) -> None:
    # 4.1 hours are 246 minutes, but a hair less where floats made minutes of them.
    hours = 4.1
    target = {
        **_policies("first_reply_time")[0],
        "target_minutes": hours * 60,
        "is_business_hours": False,
    }
    events = [
        _event(1, "2026-03-29 08:00", "created", "new", "customer"),
        _event(2, "2026-03-29 12:06", "replied", "pending"),
    ]
    ticket = {**_TICKET, "created_at": moment("2026-03-29 08:00"), "status": "pending"}
    desk = built_once(
        "rounded",
        Desk(_AS_OF, {"tickets": [ticket], "ticket_events": events, "sla_policies": [target]}),
    )

    assert target["target_minutes"] < 246
    assert desk.query("""
        select elapsed_minutes, breach_at, sla_status from marts.sla
    """) == [(246.0, None, "within_sla")]
