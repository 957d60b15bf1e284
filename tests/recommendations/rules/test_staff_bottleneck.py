"""Worked by hand: 20 full-time days short, 120 tickets too many, two missed targets each."""

from datetime import date

import polars as pl
import pytest

from control_tower.recommendations.rates import Rates, score_usd
from control_tower.recommendations.rules.staff_bottleneck import staff_bottleneck
from tests.recommendations.frames import PERIOD, daily_ops_rows, frame

RATES = Rates()
INFLOW = [10, 30] * 20


def _outlook(*rows: dict[str, object]) -> pl.DataFrame:
    usual: dict[str, object] = {
        "group_name": "Alpha",
        "first_day": date(2026, 6, 1),
        "last_day": date(2026, 6, 30),
        "working_days": 20.0,
        "forecast_tickets": 600.0,
        "handle_minutes": 60.0,
        "required_fte_days": 100.0,
        "available_fte_days": 80.0,
        "gap_fte_days": 20.0,
        "lo_80": 5.0,
        "hi_80": 35.0,
        "capacity_tickets": 480.0,
        "gap_tickets": 120.0,
    }
    return frame("forecasting.capacity_outlook", [{**usual, **row} for row in rows])


SPARE = {
    "group_name": "Beta",
    "required_fte_days": 40.0,
    "available_fte_days": 50.0,
    "gap_fte_days": -10.0,
    "lo_80": -16.0,
    "hi_80": -4.0,
}
DAYS = frame(
    "marts.daily_ops",
    daily_ops_rows("Alpha", INFLOW, [2 * n + n % 20 for n in INFLOW], [n / 10 for n in INFLOW]),
)
AGENTS = frame("staging.stg_agents", [{"group_name": "Alpha", "fte": 1.0, "hourly_cost_usd": 50.0}])
CAPACITY = frame(
    "staging.stg_group_capacity", [{"group_name": "Alpha", "productive_hours_per_day": 6.0}]
)
BOTTLENECKS = frame("process_mining.bottlenecks", [{"group_name": "Alpha", "rank": 1}])


def test_fires_with_what_people_cost_and_bring() -> None:
    """120 tickets x 2 missed targets; 6 a day x 0.1 h x 600; 16 days x 6 h x 50 USD x 1.5."""
    (action,) = staff_bottleneck(
        _outlook({}, SPARE), BOTTLENECKS, DAYS, AGENTS, CAPACITY, RATES, PERIOD
    )
    assert action.breaches_avoided == pytest.approx(240)
    assert action.impact_hours == pytest.approx(360)
    assert action.hours_kind == "cycle"
    assert action.impact_usd == pytest.approx(-7200)
    assert action.estimated_impact == pytest.approx(20)
    assert score_usd(action, RATES) == pytest.approx(360 * 1 + 240 * 60 - 7200)
    assert "borrow 4.0 from Beta" in action.action
    assert "16.0" in action.action
    assert "first bottleneck" in action.evidence
    assert "16.0 days x 6 h x 50.00 USD x 1.5 = 7,200 USD" in action.arithmetic
    assert "120.0 x 2.00 missed targets a ticket = 240.0 a month" in action.arithmetic
    assert action.confidence == "medium"
    assert action.question == 3


def test_a_shorter_outlook_counts_as_a_month() -> None:
    """Ten days short in fifteen are twenty in thirty."""
    (action,) = staff_bottleneck(
        _outlook({"last_day": date(2026, 6, 15), "gap_fte_days": 10.0, "gap_tickets": 60.0}),
        BOTTLENECKS,
        DAYS,
        AGENTS,
        CAPACITY,
        RATES,
        PERIOD,
    )
    assert action.estimated_impact == pytest.approx(20)
    assert action.breaches_avoided == pytest.approx(240)
    assert action.impact_usd == pytest.approx(-20 * 6 * 50 * 1.5)
    assert "no group is sure to have days to spare" in action.action


def test_days_are_lent_once() -> None:
    """Two groups short, one with four days: the first gets them."""
    first, second = staff_bottleneck(
        _outlook({}, {"group_name": "Gamma", "gap_fte_days": 12.0}, SPARE),
        BOTTLENECKS,
        DAYS,
        AGENTS,
        CAPACITY,
        RATES,
        PERIOD,
    )
    assert "Beta" in first.action
    assert "Beta" not in second.action
    # Gamma's cost and day are not known, so the desk's and the usual day's stand in.
    assert second.impact_usd == pytest.approx(-12 * 6.5 * 40 * 1.5)


def test_counts_no_breaches_that_days_do_not_tell() -> None:
    """Breaches that do not rise with inflow are not put down to missing people."""
    flat = frame("marts.daily_ops", daily_ops_rows("Alpha", INFLOW, [5] * 40, [1.0] * 40))
    for days in (flat, DAYS.head(19), DAYS.clear()):
        (action,) = staff_bottleneck(
            _outlook({}), BOTTLENECKS, days, AGENTS, CAPACITY, RATES, PERIOD
        )
        assert action.breaches_avoided == 0
        assert action.impact_hours == 0
        assert action.confidence == "low"


@pytest.mark.parametrize(
    "row",
    [
        {"lo_80": -1.0},
        {"lo_80": 0.1, "gap_fte_days": 0.9},
        {"lo_80": None, "hi_80": None, "gap_fte_days": None, "required_fte_days": None},
    ],
    ids=["within the interval", "under a day", "capacity not known"],
)
def test_silent(row: dict[str, object]) -> None:
    """Not short beyond what the forecast can tell, hardly short, or not known."""
    outlook = _outlook(row)
    assert staff_bottleneck(outlook, BOTTLENECKS, DAYS, AGENTS, CAPACITY, RATES, PERIOD) == []


def test_silent_without_a_forecast() -> None:
    """An empty outlook, and nothing else known."""
    found = staff_bottleneck(
        _outlook({}).clear(),
        BOTTLENECKS.clear(),
        DAYS.clear(),
        AGENTS.clear(),
        CAPACITY.clear(),
        RATES,
        PERIOD,
    )
    assert found == []
