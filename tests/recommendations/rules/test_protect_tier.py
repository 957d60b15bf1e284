"""Worked by hand: one starter customer in five leaves after a missed target, else one in twenty."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from control_tower.recommendations.period import Period
from control_tower.recommendations.rates import Rates
from control_tower.recommendations.rules.protect_tier import protect_tier
from tests.recommendations.frames import AS_OF, frame, outcome

FIRST = datetime(2025, 6, 1, tzinfo=UTC)
HISTORY = Period(FIRST, AS_OF)


def _tickets(tier: str, with_it: tuple[int, int], without: tuple[int, int]) -> pl.DataFrame:
    """Tickets and customers lost, with a missed target and without, over 180 days."""
    rows: list[dict[str, object]] = []
    for is_breached, (tickets, lost) in {True: with_it, False: without}.items():
        for number in range(tickets):
            rows.append(
                outcome(
                    len(rows) + 1,
                    FIRST + timedelta(days=180) * (number / max(tickets - 1, 1)),
                    customer_tier=tier,
                    is_breached=is_breached,
                    churned_within_90_days=number % 2 == 0 if number < 2 * lost else False,
                )
            )
    return frame("marts.ticket_outcomes", rows)


def test_fires_with_the_customers_it_may_keep() -> None:
    """400 in 180 days are 66.7 a month; half of them spared, 15 % fewer leave: five customers."""
    starter = _tickets("starter", (400, 80), (400, 20))
    (action,) = protect_tier(starter, Rates(), HISTORY)
    assert action.estimated_impact == pytest.approx(5)
    assert action.impact_usd == pytest.approx(5000)
    assert action.breaches_avoided == 0
    assert action.action_id == "protect_tier:starter/is_breached"
    assert "66.7 in 30; 50% spared x 15.00% = 5.00 customers kept x 1,000 USD" in action.arithmetic
    assert action.confidence == "medium"
    assert all(row.ticket_id for row in action.rows)


def test_ratings_let_down_too() -> None:
    """The same with poor ratings, where targets are not in the source."""
    poor = _tickets("starter", (400, 80), (400, 20)).with_columns(
        csat_score=pl.when("is_breached").then(3).otherwise(4).cast(pl.Int64),
        is_breached=pl.lit(None, pl.Boolean),
    )
    (action,) = protect_tier(poor, Rates(lost_customer_usd=200), HISTORY)
    assert action.action_id == "protect_tier:starter/is_rated_poorly"
    assert action.impact_usd == pytest.approx(1000)


def test_the_tier_with_most_to_lose_is_named() -> None:
    """Twice the customers leave."""
    both = pl.concat(
        [
            _tickets("starter", (400, 80), (400, 20)),
            _tickets("business", (400, 140), (400, 20)),
        ]
    )
    (action,) = protect_tier(both, Rates(), HISTORY)
    assert action.action_id == "protect_tier:business/is_breached"


@pytest.mark.parametrize(
    ("with_it", "without"),
    [((400, 20), (400, 20)), ((400, 32), (400, 20)), ((99, 50), (400, 20)), ((400, 0), (400, 0))],
    ids=["no difference", "within chance", "few tickets", "nobody leaves"],
)
def test_silent(with_it: tuple[int, int], without: tuple[int, int]) -> None:
    """Nothing that chance does not explain."""
    assert protect_tier(_tickets("starter", with_it, without), Rates(), HISTORY) == []


def test_silent_if_the_mix_explains_it() -> None:
    """Urgent tickets are missed more and their customers leave more, missed or not."""
    rows: list[dict[str, object]] = []
    for priority, missed, kept, rate in (("urgent", 300, 100, 5), ("low", 100, 300, 50)):
        for is_breached, count in ((True, missed), (False, kept)):
            rows += [
                outcome(
                    len(rows) + number,
                    FIRST,
                    priority=priority,
                    is_breached=is_breached,
                    churned_within_90_days=number % rate == 0,
                )
                for number in range(1, count + 1)
            ]
    tickets = frame("marts.ticket_outcomes", rows)
    raw = tickets.group_by("is_breached").agg(pl.col("churned_within_90_days").mean())
    rates = dict(raw.iter_rows())
    assert rates[True] > 2 * rates[False]
    assert protect_tier(tickets, Rates(), HISTORY) == []


def test_silent_without_churn_or_tiers() -> None:
    """A source that lacks them."""
    tickets = _tickets("starter", (400, 80), (400, 20))
    no_churn = tickets.with_columns(churned_within_90_days=pl.lit(None, pl.Boolean))
    no_tiers = tickets.with_columns(customer_tier=pl.lit(None, pl.String))
    for frame_ in (no_churn, no_tiers, tickets.clear()):
        assert protect_tier(frame_, Rates(), HISTORY) == []
