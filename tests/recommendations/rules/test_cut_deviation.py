"""Worked by hand: 192 of 600 tickets leave the path and take eight hours more; 8 % at best."""

import polars as pl
import pytest

from control_tower.recommendations.rules.cut_deviation import cut_deviation
from tests.recommendations.frames import PERIOD, WEDNESDAYS, frame, outcome

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
    (action,) = cut_deviation(*_desk(USUAL), PERIOD)
    assert action.impact_hours == pytest.approx(384)
    assert action.hours_kind == "cycle"
    assert action.breaches_avoided == pytest.approx(24)
    assert "192 of 600" in action.evidence
    assert "8.0 h" in action.evidence
    assert "(32.0% - 8.0%) x 200 tickets a month" in action.arithmetic
    assert "48.0 tickets spared x 8.0 h = 384 cycle hours" in action.arithmetic
    assert action.confidence == "medium"
    assert action.rows[0].value == 11.0


def test_the_costliest_of_several_is_named() -> None:
    """The same share, but twice the hours."""
    cheap_ways, cheap = _desk(USUAL, 4.0)
    dear_ways, dear = _desk(USUAL, 16.0)
    shift = pl.col("ticket_id") + 10_000
    renamed = pl.when(pl.col("deviations").list.len() > 0).then(pl.lit(["reopened"]))
    ways = pl.concat(
        [
            cheap_ways,
            dear_ways.with_columns(shift, deviations=renamed.otherwise(pl.col("deviations"))),
        ]
    )
    (action,) = cut_deviation(ways, pl.concat([cheap, dear.with_columns(shift)]), PERIOD)
    assert action.action_id == "cut_deviation:reopened"


@pytest.mark.parametrize(
    ("weeks", "extra_hours"),
    [(USUAL, 0.0), ([16] * 12, 8.0), ([16, 14, 18] * 4, 8.0), ([4] * 12, 8.0)],
    ids=["costs nothing", "every week alike", "weeks differ by chance", "under fifty tickets"],
)
def test_silent(weeks: list[int], extra_hours: float) -> None:
    """Nothing to gain, or nothing that shows that less is possible."""
    assert cut_deviation(*_desk(weeks, extra_hours), PERIOD) == []


def test_silent_if_it_saves_under_one_per_cent_of_all_hours() -> None:
    """As before, but among tickets that take a hundred hours each."""
    ways, tickets = _desk(USUAL, 0.5)
    long = tickets.with_columns(pl.col("cycle_hours") + 100)
    assert cut_deviation(ways, tickets, PERIOD) != []
    assert cut_deviation(ways, long, PERIOD) == []


def test_silent_without_a_path_or_tickets() -> None:
    """A source without events, or nothing solved."""
    ways, tickets = _desk(USUAL)
    assert cut_deviation(ways.clear(), tickets, PERIOD) == []
    assert cut_deviation(ways, tickets.clear(), PERIOD) == []
    unsolved = tickets.with_columns(solved_at=pl.lit(None, pl.Datetime("us", "UTC")))
    assert cut_deviation(ways, unsolved, PERIOD) == []
