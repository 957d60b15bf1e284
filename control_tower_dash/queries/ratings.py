"""What customers said: the ratings of a period and what goes with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from control_tower.recommendations.statistics import LikeWithLike, like_with_like, z_score
from control_tower_dash.filters import DIMENSIONS, Filters, Period
from control_tower_dash.formats import Kind, readable
from control_tower_dash.queries.drill import BEHIND, with_tickets_behind
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = ["csat_by_week", "csat_distribution", "ratings", "what_goes_with_csat"]

SCORES: Final = (1, 2, 3, 4, 5)
FEWEST_FOR_AN_INTERVAL: Final = 10
FEWEST_ON_A_SIDE: Final = 20
_MOST_VALUES: Final = 16
_SLOWEST: Final = 0.75
_WHAT_HAPPENED: Final = "What happened"
_STRATA: Final = ("priority", "ticket_type")


def ratings(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the ratings given in the period, each with how its ticket went.

    Returns:
        score, day (rated, UTC), is_reopened, is_escalated, is_breached (null without a target),
        cycle_hours, first_reply_minutes, and the dimensions' columns; one row a rating, a ticket
        rated twice has two.
    """
    period = asked_for(reader, filters)
    chosen = filters.where("outcomes")
    return reader.query(
        f"""
        select
            ratings.score,
            cast(ratings.rated_at at time zone 'UTC' as date) as day,
            outcomes.reopens > 0 as is_reopened,
            outcomes.escalations > 0 as is_escalated,
            outcomes.is_breached,
            outcomes.cycle_hours,
            outcomes.first_reply_minutes,
            outcomes.group_name,
            outcomes.priority,
            outcomes.ticket_type,
            outcomes.channel,
            outcomes.customer_tier
        from staging.stg_satisfaction_ratings as ratings
        inner join marts.ticket_outcomes as outcomes on ratings.ticket_id = outcomes.ticket_id
        where
            not outcomes.is_deleted
            and ratings.rated_at >= ?
            and ratings.rated_at < ?
            and {chosen.sql}
        order by ratings.rated_at, ratings.rating_id
        """,  # noqa: S608
        [period.begins, period.ends, *chosen.parameters],
    )


def csat_distribution(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how often each score was given.

    Returns:
        score (1 to 5, all five), ratings, share, csat_mean (of all), solved (tickets solved in the
        period), answered (of them rated by now), the last three the same on each row,
        tickets_behind; no rows without a rating.
    """
    given = ratings(reader, filters)
    if given.is_empty():
        return given.select("score")
    frame = (
        pl.DataFrame({"score": SCORES}, schema={"score": pl.Int64})
        .join(given.group_by("score").agg(ratings=pl.len()), on="score", how="left")
        .with_columns(pl.col("ratings").fill_null(0).cast(pl.Int64))
        .with_columns(
            share=pl.col("ratings") / given.height,
            csat_mean=pl.lit(given["score"].mean(), pl.Float64),
        )
        .join(_responses(reader, filters), how="cross")
        .sort("score")
    )
    return with_tickets_behind(
        frame, {"score": "score"}, counted="ratings", show="rated", by="rated"
    )


def _responses(reader: Reader, filters: Filters) -> pl.DataFrame:
    period = asked_for(reader, filters)
    chosen = filters.where("outcomes")
    return reader.query(
        f"""
        select count(*) as solved, count(csat_score) as answered
        from marts.ticket_outcomes as outcomes
        where not is_deleted and solved_at >= ? and solved_at < ? and {chosen.sql}
        """,  # noqa: S608
        [period.begins, period.ends, *chosen.parameters],
    )


def csat_by_week(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the mean score by calendar week, Monday to Sunday, as far as the period has it.

    Returns:
        week (its Monday), first and last (its days within the period), ratings, csat_mean, lower,
        upper (95 % interval of the mean, null under ten ratings), tickets_behind; oldest first,
        weeks without a rating left out.
    """
    period = asked_for(reader, filters)
    weekly = (
        ratings(reader, filters)
        .group_by(week=pl.col("day").dt.truncate("1w"))
        .agg(
            ratings=pl.len().cast(pl.Int64),
            csat_mean=pl.col("score").mean(),
            deviation=pl.col("score").std(),
        )
        .sort("week")
    )
    frame = _with_days(weekly, period).with_columns(
        margin=pl.when(pl.col("ratings") >= FEWEST_FOR_AN_INTERVAL).then(
            z_score() * pl.col("deviation") / pl.col("ratings").sqrt()
        )
    )
    return with_tickets_behind(
        frame.select(
            "week",
            "first",
            "last",
            "ratings",
            "csat_mean",
            lower=(pl.col("csat_mean") - pl.col("margin")).clip(SCORES[0], SCORES[-1]),
            upper=(pl.col("csat_mean") + pl.col("margin")).clip(SCORES[0], SCORES[-1]),
        ),
        {"first": "from", "last": "to"},
        show="rated",
        by="rated",
    )


def _with_days(weekly: pl.DataFrame, period: Period) -> pl.DataFrame:
    return weekly.with_columns(
        first=pl.max_horizontal("week", pl.lit(period.first)),
        last=pl.min_horizontal(pl.col("week") + pl.duration(days=6), pl.lit(period.last)),
    )


@dataclass(frozen=True)
class _Factor:
    """Something a rated ticket has or has not, and how to ask for such tickets."""

    kind: str
    name: str
    has_it: pl.Series
    piece: Mapping[str, str] | None = None


def what_goes_with_csat(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how much lower or higher ratings are where something happened or is the case.

    The plain difference is the mean score with it less the mean without it. What happened is also
    compared among tickets of the same priority and type only. Factors with fewer than twenty
    ratings on a side are left out, and of the dimensions' values all but the sixteen rated most.

    Returns:
        kind, factor, with_it and without (ratings), mean_with, mean_without, difference, lower,
        upper (95 % interval), alike, alike_lower, alike_upper (null for what a ticket is from the
        start, and where no two are alike), left_out (factors left out, on each row),
        tickets_behind (null where the tickets page cannot ask); lowest difference first.
    """
    given = ratings(reader, filters)
    factors = [*_happenings(given), *_values(given)]
    if not factors:
        return given.select("score").clear()
    sides = _sides(given, factors)
    frame = pl.DataFrame(
        [
            {"kind": factor.kind, "factor": factor.name, BEHIND: _behind(factor.piece)}
            for factor in factors
        ]
    ).with_row_index("place")
    error = (
        pl.col("variance") / pl.col("with_it") + pl.col("variance_0") / pl.col("without")
    ).sqrt()
    frame = (
        frame.join(sides, on="place", how="left")
        .filter(pl.min_horizontal("with_it", "without") >= FEWEST_ON_A_SIDE)
        .with_columns(
            difference=pl.col("mean_with") - pl.col("mean_without"), margin=z_score() * error
        )
        .with_columns(
            lower=pl.col("difference") - pl.col("margin"),
            upper=pl.col("difference") + pl.col("margin"),
        )
    )
    alike = [
        _alike(given, factors[place]) if kind == _WHAT_HAPPENED else None
        for place, kind in frame.select("place", "kind").iter_rows()
    ]
    return (
        frame.with_columns(
            pl.Series("alike", [one and one.estimate for one in alike], pl.Float64),
            pl.Series("alike_lower", [one and one.lower for one in alike], pl.Float64),
            pl.Series("alike_upper", [one and one.upper for one in alike], pl.Float64),
            left_out=pl.lit(len(factors) - frame.height, pl.Int64),
        )
        .sort("difference", "factor")
        .drop("place", "variance", "variance_0", "margin")
    )


def _happenings(given: pl.DataFrame) -> list[_Factor]:
    factors = [
        _Factor(_WHAT_HAPPENED, name, given[column], {"show": show, "by": "rated"})
        for name, column, show in (
            ("Reopened", "is_reopened", "reopened"),
            ("Escalated", "is_escalated", "escalated"),
            ("Missed an SLA target", "is_breached", "breached"),
        )
    ]
    slow: Sequence[tuple[str, str, Kind]] = (
        ("cycle_hours", "Slow cycle", "hours"),
        ("first_reply_minutes", "Slow first reply", "minutes"),
    )
    for column, name, kind in slow:
        limit = given[column].quantile(_SLOWEST, interpolation="linear")
        if limit is not None:
            label = f"{name}, over {readable(limit, kind)}"
            factors.append(_Factor(_WHAT_HAPPENED, label, given[column] > limit))
    return factors


def _values(given: pl.DataFrame) -> list[_Factor]:
    found = [
        (-count, name, value)
        for name, column in DIMENSIONS.items()
        if name != "group"
        for value, count in given[column].drop_nulls().value_counts().iter_rows()
    ]
    return [
        _Factor(
            "Customer tier" if name == "tier" else name.capitalize(),
            f"{name.capitalize()}: {value}",
            given[DIMENSIONS[name]] == value,
            {name: value, "show": "rated", "by": "rated"},
        )
        for _, name, value in sorted(found)[:_MOST_VALUES]
    ]


def _sides(given: pl.DataFrame, factors: Sequence[_Factor]) -> pl.DataFrame:
    """Return count, mean and variance of the scores with and without each factor, by its place."""
    sides = (
        given.select("score", *(one.has_it.alias(str(place)) for place, one in enumerate(factors)))
        .unpivot(index="score", variable_name="place", value_name="has_it")
        .drop_nulls("has_it")
        .group_by(pl.col("place").cast(pl.UInt32), "has_it")
        .agg(n=pl.len().cast(pl.Int64), mean=pl.col("score").mean(), variance=pl.col("score").var())
    )
    has_it = sides.filter("has_it").select("place", "variance", with_it="n", mean_with="mean")
    without = sides.filter(~pl.col("has_it")).select(
        "place", variance_0="variance", without="n", mean_without="mean"
    )
    return has_it.join(without, on="place")


def _alike(given: pl.DataFrame, factor: _Factor) -> LikeWithLike | None:
    return like_with_like(
        given.select("score", *_STRATA, has_it=factor.has_it),
        exposed="has_it",
        outcome="score",
        strata=_STRATA,
        z=z_score(),
    )


def _behind(piece: Mapping[str, str] | None) -> str | None:
    if piece is None:
        return None
    frame = pl.DataFrame([dict(piece)])
    behind: str = with_tickets_behind(frame, {name: name for name in piece})[BEHIND].item()
    return behind
