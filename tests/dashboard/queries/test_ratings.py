"""Ratings: counted by hand, and what goes with them against another way to compute it."""

import random
import statistics
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from control_tower.recommendations.statistics import like_with_like, z_score
from control_tower_dash.filters import Filters, understand
from control_tower_dash.queries.ratings import (
    FEWEST_ON_A_SIDE,
    csat_by_week,
    csat_distribution,
    ratings,
    what_goes_with_csat,
)
from tests.dashboard.made_up import MadeUp, outcomes
from tests.dashboard.queries.test_quality import AS_OF, desk

MONDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)


def random_desk(seed: int, tickets: int = 400) -> MadeUp:
    """Return a desk whose reopened tickets are rated lower."""
    chance = random.Random(seed)  # noqa: S311
    rows, given = [], []
    for ticket_id in range(1, tickets + 1):
        reopens = int(chance.random() < 0.2)
        rows.append(
            {
                "priority": chance.choice(["urgent", "normal", None]),
                "ticket_type": chance.choice(["incident", "question"]),
                "channel": chance.choice(["email", "web"]),
                "reopens": reopens,
                "escalations": chance.randint(0, 1),
                "is_breached": chance.choice([True, False, None]),
                "cycle_hours": chance.expovariate(0.1),
                "first_reply_minutes": chance.choice([None, chance.expovariate(0.01)]),
            }
        )
        score = chance.randint(1, 3) if reopens else chance.randint(2, 5)
        given.append((ticket_id, score, AS_OF - timedelta(days=chance.randint(1, 28))))
    return desk(outcomes(*rows), ratings=given)


def test_every_score_is_there_and_the_answers_are_of_what_was_solved() -> None:
    """Two of three solved tickets are rated; a rating before the period does not count."""
    early = datetime(2026, 2, 1, tzinfo=UTC)
    reader = desk(
        outcomes({"csat_score": 5}, {"csat_score": 4}, {}, {"csat_score": 1, "solved_at": early}),
        ratings=[(1, 2, MONDAY), (1, 5, MONDAY), (2, 4, MONDAY), (4, 1, early)],
    )
    frame = csat_distribution(reader, Filters())
    assert frame.select("score", "ratings").rows() == [(1, 0), (2, 1), (3, 0), (4, 1), (5, 1)]
    assert frame["csat_mean"][0] == pytest.approx(11 / 3)
    assert frame.select("solved", "answered").row(0) == (3, 2)
    assert frame["tickets_behind"][4] == "show=rated&by=rated&score=5"
    assert frame["share"].sum() == pytest.approx(1)


def test_no_rating_no_rows() -> None:
    """There is nothing to draw, and nothing fails."""
    reader = desk(outcomes({}))
    for query in (csat_distribution, csat_by_week, what_goes_with_csat):
        assert query(reader, Filters()).is_empty()


def test_weeks_begin_on_monday_and_end_with_the_period() -> None:
    """Under ten ratings there is no interval; with ten it is the mean's own."""
    scores = [1, 2, 3, 4, 5, 5, 5, 5, 4, 4]
    reader = desk(
        outcomes(*({} for _ in scores), {}),
        ratings=[
            *((place, score, MONDAY) for place, score in enumerate(scores, start=1)),
            (11, 5, datetime(2026, 3, 30, 23, 59, tzinfo=UTC)),
        ],
    )
    frame = csat_by_week(reader, Filters())
    assert frame.select("week", "first", "last", "ratings").rows() == [
        (date(2026, 3, 9), date(2026, 3, 9), date(2026, 3, 15), 10),
        (date(2026, 3, 30), date(2026, 3, 30), date(2026, 3, 30), 1),
    ]
    margin = 1.959964 * statistics.stdev(scores) / 10**0.5
    assert frame["lower"].to_list() == [pytest.approx(3.8 - margin, abs=1e-6), None]
    assert frame["upper"].to_list() == [pytest.approx(3.8 + margin, abs=1e-6), None]
    assert frame["tickets_behind"][1] == "show=rated&by=rated&from=2026-03-30&to=2026-03-30"


@pytest.mark.parametrize("seed", range(4))
def test_differences_are_those_of_like_with_like_without_strata(seed: int) -> None:
    """The one pass over all factors agrees with the room's own comparison, one by one."""
    reader = random_desk(seed)
    frame = what_goes_with_csat(reader, Filters())
    given = ratings(reader, Filters())
    slow = given["cycle_hours"] > given["cycle_hours"].quantile(0.75, interpolation="linear")
    sides = {
        "Reopened": given["is_reopened"],
        "Escalated": given["is_escalated"],
        "Missed an SLA target": given["is_breached"],
        "Slow cycle": slow,
        "Priority: urgent": given["priority"] == "urgent",
        "Type: incident": given["ticket_type"] == "incident",
    }
    for name, has_it in sides.items():
        row = frame.row(by_predicate=pl.col("factor").str.starts_with(name), named=True)
        marked = given.with_columns(has_it=has_it)
        plain = like_with_like(marked, exposed="has_it", outcome="score", strata=(), z=z_score())
        assert plain is not None
        assert (row["with_it"], row["without"]) == (plain.exposed, plain.others)
        assert row["difference"] == pytest.approx(plain.estimate)
        assert (row["lower"], row["upper"]) == pytest.approx((plain.lower, plain.upper))
        assert row["difference"] == pytest.approx(row["mean_with"] - row["mean_without"])
        if ":" in name:
            assert row["alike"] is None
        else:
            alike = like_with_like(
                marked,
                exposed="has_it",
                outcome="score",
                strata=("priority", "ticket_type"),
                z=z_score(),
            )
            assert alike is not None
            assert row["alike"] == pytest.approx(alike.estimate)


def test_the_lowest_comes_first_and_small_sides_are_left_out() -> None:
    """What lowers ratings by construction leads; nothing rests on fewer than twenty ratings."""
    frame = what_goes_with_csat(random_desk(1), Filters())
    assert frame["factor"][0] == "Reopened"
    assert frame["upper"][0] < 0
    assert frame["difference"].is_sorted()
    assert frame.select(pl.min_horizontal("with_it", "without").min()).item() >= FEWEST_ON_A_SIDE
    # The one tier and the one value of a source have no other side.
    assert not frame["factor"].str.starts_with("Tier").any()
    assert frame["left_out"][0] > 0


def test_a_filter_leaves_its_own_tickets_only() -> None:
    """Of web tickets alone, the channel goes with nothing."""
    reader = random_desk(2)
    filters = understand("?channel=web").filters
    assert set(ratings(reader, filters)["channel"]) == {"web"}
    assert not what_goes_with_csat(reader, filters)["factor"].str.starts_with("Channel").any()
