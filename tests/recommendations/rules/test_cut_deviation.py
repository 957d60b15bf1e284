"""Worked by hand: 192 of 600 tickets leave the path and take eight hours more; 8 % at best."""

import polars as pl
import pytest

from control_tower.recommendations.rates import Rates
from control_tower.recommendations.rules.cut_deviation import cut_deviation
from tests.recommendations.frames import PERIOD, WEDNESDAYS, frame, outcome

RATES = Rates()
NAME = "skipped first reply"


def _desk(
    deviating_a_week: list[int], extra_hours: float = 8.0, **other: object
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fifty tickets a week of one or three hours, those that deviate longer."""
    tickets, ways = [], []
    for week, (moment, deviating) in enumerate(zip(WEDNESDAYS, deviating_a_week, strict=True)):
        for number in range(50):
            ticket_id = week * 50 + number + 1
            deviates = number < deviating
            hours = 1.0 + 2.0 * (number % 2) + (extra_hours if deviates else 0.0)
            late = deviates and number % 2 == 0
            facts = {"cycle_hours": hours, "is_breached": late, **other}
            tickets.append(outcome(ticket_id, moment, **facts))
            ways.append({"ticket_id": ticket_id, "deviations": [NAME] if deviates else []})
    return frame("process_mining.conformance", ways), frame("marts.ticket_outcomes", tickets)


USUAL = [20] * 9 + [4] * 3


def test_fires_with_what_the_best_weeks_had() -> None:
    """(32 % - 8 %) x 200 tickets a month x 8 h; half of the spared 48 would have been late."""
    (action,) = cut_deviation(*_desk(USUAL), RATES, PERIOD)
    assert action.impact_hours == pytest.approx(384)
    assert action.hours_kind == "cycle"
    assert action.breaches_avoided == pytest.approx(24)
    assert "192 of 600" in action.evidence
    assert "8.0 h" in action.evidence
    assert "= 200.0 a month, 32.00% of them 64.0 with it; 8.00%" in action.arithmetic
    assert "48.0 fewer; x 8.00 h = 384 cycle hours; x 50.0% = 24.0" in action.arithmetic
    assert "best quarter of weeks" in action.arithmetic
    assert action.confidence == "medium"
    assert action.rows[0].value == 11.0


def test_one_in_ten_is_spared_where_no_week_was_better() -> None:
    """Every week 32 %: a tenth of 64 tickets a month, eight hours each."""
    (action,) = cut_deviation(*_desk([16] * 12), RATES, PERIOD)
    assert action.impact_hours == pytest.approx(6.4 * 8)
    assert "10% of those spared, an assumption, are 6.4 fewer" in action.arithmetic
    (action,) = cut_deviation(*_desk([16] * 12), RATES, PERIOD, spared_share=0.25)
    assert action.impact_hours == pytest.approx(16 * 8)


def test_the_costliest_of_several_is_named() -> None:
    """The same share, but four times the hours."""
    ways, tickets = _desk(USUAL, 4.0)
    dear_ways, dear = _desk(USUAL, 16.0)
    other = pl.when(pl.col("deviations").list.len() > 0).then(pl.lit(["reopened"]))
    shift = pl.col("ticket_id") + 10_000
    both = pl.concat(
        [ways, dear_ways.with_columns(shift, deviations=other.otherwise(pl.col("deviations")))]
    )
    all_tickets = pl.concat([tickets, dear.with_columns(shift)])
    (action,) = cut_deviation(both, all_tickets, RATES, PERIOD)
    assert action.action_id == "cut_deviation:reopened"


def test_what_follows_from_a_rarer_deviation_is_left_out() -> None:
    """Each deviating ticket is assigned again, and so is one that keeps to the path otherwise."""
    ways, tickets = _desk(USUAL)
    again = pl.when((pl.col("deviations").list.len() > 0) | (pl.col("ticket_id") == 50))
    assigned = again.then(pl.lit(["extra assigned"])).otherwise(pl.lit([], pl.List(pl.String)))
    both = ways.with_columns(pl.col("deviations").list.concat(assigned))
    (action,) = cut_deviation(both, tickets, RATES, PERIOD)
    assert action.action_id == f"cut_deviation:{NAME}"
    assert "193" not in action.evidence


@pytest.mark.parametrize(
    ("weeks", "extra_hours", "facts"),
    [
        (USUAL, 0.0, {}),
        (USUAL, 8.0, {"is_breached": False}),
        (USUAL, 8.0, {"is_breached": None}),
        ([4] * 12, 8.0, {}),
    ],
    ids=["costs no time", "breaks no promise", "no targets in this source", "under fifty tickets"],
)
def test_silent(weeks: list[int], extra_hours: float, facts: dict[str, object]) -> None:
    """Nothing to gain, or nobody let down."""
    assert cut_deviation(*_desk(weeks, extra_hours, **facts), RATES, PERIOD) == []


def test_silent_without_a_path_or_tickets() -> None:
    """A source without events, or nothing solved."""
    ways, tickets = _desk(USUAL)
    assert cut_deviation(ways.clear(), tickets, RATES, PERIOD) == []
    assert cut_deviation(ways, tickets.clear(), RATES, PERIOD) == []
    unsolved = tickets.with_columns(solved_at=pl.lit(None, pl.Datetime("us", "UTC")))
    assert cut_deviation(ways, unsolved, RATES, PERIOD) == []
