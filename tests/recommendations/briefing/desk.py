"""Two weeks of a small desk, made by hand, and what its briefing is composed of."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from control_tower.recommendations.action import Action
from control_tower.recommendations.briefing import Briefing, compose
from control_tower.recommendations.rates import Rates
from tests.recommendations.frames import AS_OF, PERIOD, frame, outcome, target

__all__ = ["HOSTILE", "briefing", "tables"]

HOSTILE = "<script>alert('x')</script> | **bold** [link](http://evil.example) `code` & \"quotes\""
"""A group's name as nobody should call a group."""

_THIS_WEEK = datetime(2026, 5, 27, 12, tzinfo=UTC)
_WEEK_BEFORE = _THIS_WEEK - timedelta(weeks=1)


def tables(group: str = "Alpha") -> dict[str, pl.DataFrame]:
    """Return the tables of a desk of one group.

    Of 20 targets 15 were met this week, 18 of 20 the week before. Ratings were 3 and 4 this week,
    4 and 5 before; 30 tickets came, 25 before; 12 were left open, 7 before.
    """
    weeks = ((_THIS_WEEK, 15), (_WEEK_BEFORE, 18))
    targets = [
        target(base * 100 + number, moment, is_met=number < met, group_name=group)
        for base, (moment, met) in enumerate(weeks)
        for number in range(20)
    ]
    outcomes = [
        outcome(
            base * 100 + number,
            moment,
            group_name=group,
            cycle_hours=float(number + 1 + 2 * (1 - base)),
            csat_score=(3 + number % 2 + base) if number < 10 else None,
            reopens=int(number % 10 == 0),
        )
        for base, (moment, _) in enumerate(weeks)
        for number in range(20)
    ]
    days = [
        {
            "day": date(2026, 5, 18) + timedelta(days=number),
            "group_name": group,
            "is_complete": True,
            "created": created,
            "reopened": 0,
            "received": 0,
            "solved": 5 if number % 7 < 4 else 0,
            "backlog": backlog,
            "breaches": 0,
        }
        for number, (created, backlog) in enumerate(
            [(5, 7)] * 5 + [(0, 7)] * 2 + [(6, 12)] * 5 + [(0, 12)] * 2
        )
    ]
    gap = {
        "group_name": group,
        "first_day": date(2026, 6, 1),
        "last_day": date(2026, 6, 30),
        "working_days": 22.0,
        "forecast_tickets": 130.0,
        "handle_minutes": 60.0,
        "required_fte_days": 30.0,
        "available_fte_days": 25.0,
        "gap_fte_days": 5.0,
        "lo_80": 1.0,
        "hi_80": 9.0,
        "capacity_tickets": 108.0,
        "gap_tickets": 22.0,
    }
    expected = [
        {"series": series, "day": date(2026, 6, 1) + timedelta(days=number), "forecast": 5.0}
        for series in ("Total", group)
        for number in range(30)
    ]
    place = {
        "group_name": group,
        "rank": 1,
        "tickets": 40,
        "median_hours_in_group": 10.5,
        "waiting_share": 0.8,
        "breach_rate": 0.175,
    }
    return {
        "sla": frame("marts.sla", targets),
        "outcomes": frame("marts.ticket_outcomes", outcomes),
        "daily_ops": frame("marts.daily_ops", days),
        "sla_policy_targets": frame(
            "seeds.sla_policy_targets", [{"priority": "urgent", "attainment_target": 0.95}]
        ),
        "bottlenecks": frame("process_mining.bottlenecks", [place]),
        "capacity_outlook": frame("forecasting.capacity_outlook", [gap]),
        "volume_forecast": frame("forecasting.volume_forecast", expected),
        "at_risk": frame("alerts.at_risk_tickets", [{"ticket_id": 9, "risk": "critical"}]),
    }


def briefing(
    given: dict[str, pl.DataFrame] | None = None, actions: Sequence[Action] = ()
) -> Briefing:
    """Return the briefing of the desk, or of given tables."""
    frames: dict[str, Any] = tables() if given is None else given
    return compose(
        as_of=AS_OF,
        described_as="a desk made by hand",
        actions=actions,
        rates=Rates(),
        period=PERIOD,
        **frames,
    )
