"""Whether the chances can be trusted: asked at moments in the past, held against what came.

Every 71 hours back from the tower's clock, all clocks that had started and were not yet due are
judged by what was known at that moment, and scored once it is known how they ended. Not every third
day at the same hour: so all hours of all days of the week are among the moments, and a year has so
many of them that a few days of trouble, on which everything is late together, do not decide.
Beside the forecast stand the two rules a desk would go by without one. Scores are those of Brier
(1950), "Verification of forecasts expressed in terms of probability"; the calibration error is the
mean gap between forecast and share in ten bins of equal width, weighted by their clocks (Naeini et
al., 2015, "Obtaining well calibrated probabilities using Bayesian binning").
"""

import math
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from control_tower.alerts.clocks import elapsed_at, running_at
from control_tower.alerts.history import BreachHistory

__all__ = [
    "METHODS",
    "asked_at",
    "judged_in_the_past",
    "miscalibration",
    "outdone_by",
    "past_moments",
    "reliability",
    "scores",
]

METHODS: Final = ("survival", "late_rate_by_type", "elapsed_share")
"""The forecast; the share of earlier clocks of the same metric and ticket type that passed their
target; and the share of its target a clock has used."""

_STEP: Final = timedelta(hours=71)
_WARM_UP: Final = timedelta(days=28)
_MOST_MOMENTS: Final = timedelta(days=365) // _STEP
_BINS: Final = 10
_ENOUGH_DECIDED: Final = 0.95
_ENOUGH_CLOCKS: Final = 500
_HIGHEST_ERROR: Final = 0.04
_MEAN_DEVIATION: Final = math.sqrt(2 / math.pi)
"""Mean absolute deviation of a normal variable, in standard deviations."""


def past_moments(clocks: pl.DataFrame, as_of: datetime) -> pl.Series:
    """Return the moments to judge at, newest first: at most a year of them.

    The first four weeks of the history are left to learn from.
    """
    moments = [as_of - number * _STEP for number in range(1, _MOST_MOMENTS + 1)]
    first = clocks["started_at"].min()
    kept = [m for m in moments if isinstance(first, datetime) and m >= first + _WARM_UP]
    return pl.Series("moment", kept, dtype=pl.Datetime("us", "UTC"))


def judged_in_the_past(
    clocks: pl.DataFrame,
    turns: pl.DataFrame,
    history: BreachHistory,
    stretches: pl.DataFrame,
    open_intervals: pl.DataFrame,
    as_of: datetime,
) -> pl.DataFrame:
    """Return what each method said of clocks in the past, and what came of them.

    A clock's priority, and so its target, is the one it had at the moment. Clocks of which it is
    still open whether they keep their target are left out; a moment at which they are more than
    one in twenty is left out whole, since only the quick ones would be left to judge.

    Args:
        clocks: Numbered clocks.
        turns: Their turns.
        history: How clocks went on.
        stretches: The stretches in which they ran.
        open_intervals: The desk's opening hours.
        as_of: The tower's clock.

    Returns:
        Columns moment, clock, elapsed_minutes, target_minutes, is_breached and one per method with
        its probability.
    """
    clocks = clocks.filter("is_sample")
    moments = past_moments(clocks, as_of)
    asked = asked_at(moments, clocks, turns, stretches, open_intervals)
    judged = [
        history.chances_at(moment, part)
        for (moment,), part in asked.group_by("moment")
        if part.height
    ]
    if not judged:
        return pl.DataFrame(schema=_JUDGED)
    outcomes = clocks.select(
        "clock", "is_decided", (pl.col("sla_status") == "breached").alias("is_breached")
    )
    return (
        pl.concat(judged)
        .filter(pl.col("elapsed_minutes") <= pl.col("target_minutes"))
        .join(outcomes, on="clock")
        .filter(pl.col("is_decided").mean().over("moment") >= _ENOUGH_DECIDED)
        .filter("is_decided")
        .join(
            _late_rates(clocks, moments),
            on=["metric", "ticket_type", "moment"],
            how="left",
            nulls_equal=True,
        )
        .select(
            "moment",
            "clock",
            "elapsed_minutes",
            "target_minutes",
            "is_breached",
            pl.col("breach_probability").alias("survival"),
            pl.col("late_rate").fill_null(0.5).alias("late_rate_by_type"),
            pl.when(pl.col("target_minutes") > 0)
            .then(pl.col("elapsed_minutes") / pl.col("target_minutes"))
            .otherwise(1.0)
            .alias("elapsed_share"),
        )
        .sort("moment", "clock")
    )


_JUDGED: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "moment": pl.Datetime("us", "UTC"),
    "clock": pl.UInt32,
    "elapsed_minutes": pl.Float64,
    "target_minutes": pl.Float64,
    "is_breached": pl.Boolean,
    **dict.fromkeys(METHODS, pl.Float64),
}


def reliability(judged: pl.DataFrame) -> pl.DataFrame:
    """Return, per method and bin of forecasts that holds any, what was forecast and what came.

    Returns:
        Columns method, bin (1 to 10), forecasts_from, forecasts_to, clocks, mean_forecast and
        observed_share.
    """
    return _bins(judged).drop("forecast_variance")


def _bins(judged: pl.DataFrame) -> pl.DataFrame:
    forecast = pl.col("forecast")
    return (
        _by_method(judged)
        .with_columns(
            (pl.col("forecast") * _BINS).floor().clip(0, _BINS - 1).cast(pl.Int64).alias("bin")
        )
        .group_by("method", "bin")
        .agg(
            pl.len().cast(pl.Int64).alias("clocks"),
            pl.col("forecast").mean().clip(0, 1).alias("mean_forecast"),
            pl.col("is_breached").mean().alias("observed_share"),
            (forecast * (1 - forecast)).sum().clip(lower_bound=0).alias("forecast_variance"),
        )
        .select(
            "method",
            pl.col("bin") + 1,
            (pl.col("bin") / _BINS).alias("forecasts_from"),
            ((pl.col("bin") + 1) / _BINS).alias("forecasts_to"),
            "clocks",
            "mean_forecast",
            "observed_share",
            "forecast_variance",
        )
        .sort(pl.col("method").cast(pl.Enum(METHODS)), "bin")
    )


def scores(judged: pl.DataFrame) -> pl.DataFrame:
    """Return how well each method did; one row a method, none if nothing could be judged.

    Returns:
        Columns method, moments, clocks, breach_rate, brier_score (0 is perfect), calibration_error
        (expected, ten bins), error_by_chance (the calibration error to expect of forecasts that
        are exactly right, were clocks independent) and auc (chance that a clock that breached had
        the higher forecast of a pair; null where all ended alike).
    """
    gap = (pl.col("mean_forecast") - pl.col("observed_share")).abs()
    chance = pl.col("forecast_variance").sqrt() * _MEAN_DEVIATION
    errors = (
        _bins(judged)
        .group_by("method")
        .agg(
            ((gap * pl.col("clocks")).sum() / pl.col("clocks").sum()).alias("calibration_error"),
            (chance.sum() / pl.col("clocks").sum()).alias("error_by_chance"),
        )
    )
    breached = pl.col("is_breached").sum()
    kept = pl.len() - breached
    # The rank sum of Mann and Whitney (1947), ties at their mean rank.
    ranks = pl.col("forecast").rank().filter("is_breached").sum()
    return (
        _by_method(judged)
        .group_by("method")
        .agg(
            pl.col("moment").n_unique().cast(pl.Int64).alias("moments"),
            pl.len().cast(pl.Int64).alias("clocks"),
            pl.col("is_breached").mean().alias("breach_rate"),
            (pl.col("forecast") - pl.col("is_breached")).pow(2).mean().alias("brier_score"),
            pl.when((breached > 0) & (kept > 0))
            .then((ranks - breached * (breached + 1) / 2) / (breached.cast(pl.Float64) * kept))
            .alias("auc"),
        )
        .join(errors, on="method")
        .select(
            "method",
            "moments",
            "clocks",
            "breach_rate",
            "brier_score",
            "calibration_error",
            "error_by_chance",
            "auc",
        )
        .sort(pl.col("method").cast(pl.Enum(METHODS)))
    )


def miscalibration(scored: pl.DataFrame) -> list[str]:
    """Return a sentence if the forecasts strayed from what came, with enough clocks to tell.

    Enough are so many that chance alone accounts for at most half the error allowed.
    """
    return [
        f"over {row['clocks']:,} clocks judged in the past, breach probabilities lay "
        f"{row['calibration_error']:.3f} from what came on average, above {_HIGHEST_ERROR}; "
        "read them with care"
        for row in _forecast_if_enough(scored).iter_rows(named=True)
        if row["calibration_error"] > _HIGHEST_ERROR
        and row["error_by_chance"] <= _HIGHEST_ERROR / 2
    ]


def outdone_by(scored: pl.DataFrame) -> list[str]:
    """Return a sentence per simple rule that did at least as well, with enough clocks to tell."""
    return [
        f"over {row['clocks']:,} clocks judged in the past, {rule['method']} had a Brier score of "
        f"{rule['brier_score']:.4f}, the breach probability {row['brier_score']:.4f}; "
        "clocks of this desk end in ways its past does not foretell"
        for row in _forecast_if_enough(scored).iter_rows(named=True)
        for rule in scored.filter(pl.col("method") != METHODS[0]).iter_rows(named=True)
        if rule["brier_score"] <= row["brier_score"]
    ]


def _forecast_if_enough(scored: pl.DataFrame) -> pl.DataFrame:
    return scored.filter((pl.col("method") == METHODS[0]) & (pl.col("clocks") >= _ENOUGH_CLOCKS))


def _by_method(judged: pl.DataFrame) -> pl.DataFrame:
    return judged.unpivot(
        METHODS,
        index=["moment", "is_breached"],
        variable_name="method",
        value_name="forecast",
    )


def asked_at(
    moments: pl.Series,
    clocks: pl.DataFrame,
    turns: pl.DataFrame,
    stretches: pl.DataFrame,
    open_intervals: pl.DataFrame,
) -> pl.DataFrame:
    """Return the clocks that had started and not stopped at each of some moments.

    The clock of a solved ticket had stopped, even if the ticket was reopened later.

    Returns:
        Columns moment, clock, elapsed_minutes, metric, ticket_type, and target_minutes: the
        target of the priority the ticket had then.
    """
    running = running_at(clocks, moments)
    elapsed = elapsed_at(running, stretches, open_intervals)
    kinds = ["metric", "policy_name", "priority"]
    # A policy that has several targets for one priority tells its conditions apart by other facts.
    known_targets = (
        clocks.group_by(kinds)
        .agg(
            pl.col("target_minutes").first().alias("target_then"),
            pl.col("target_minutes").n_unique().alias("targets"),
        )
        .filter(pl.col("targets") == 1)
        .drop("targets")
    )
    turned = turns.join(running.select("clock").unique(), on="clock", how="semi")
    return (
        running.with_columns(elapsed.alias("elapsed_minutes"))
        .sort("moment")
        .join_asof(
            turned.select("clock", "turned_at", "priority", "stage").sort("turned_at"),
            left_on="moment",
            right_on="turned_at",
            by="clock",
            check_sortedness=False,
        )
        # Who could have known that the ticket would be reopened?
        .filter(pl.col("stage") != "solved")
        .join(
            clocks.select("clock", "metric", "policy_name", "ticket_type", "target_minutes"),
            on="clock",
            how="left",
        )
        .join(known_targets, on=kinds, how="left", nulls_equal=True)
        .select(
            "moment",
            "clock",
            "elapsed_minutes",
            "metric",
            "ticket_type",
            pl.coalesce("target_then", "target_minutes").alias("target_minutes"),
        )
    )


def _late_rates(clocks: pl.DataFrame, moments: pl.Series) -> pl.DataFrame:
    """Return the share of clocks that had stopped by each moment and were late, by kind."""
    kinds = ["metric", "ticket_type"]
    ascending = moments.sort()
    counted_from = clocks.filter(pl.col("ended_at").is_not_null()).select(
        *kinds,
        pl.Series(
            "counted_from",
            ascending.search_sorted(clocks["ended_at"].drop_nulls(), side="left"),
            dtype=pl.Int64,
        ),
        (pl.col("sla_status") == "breached").alias("late"),
    )
    places = pl.DataFrame({"moment": ascending, "place": range(len(ascending))}).cast(
        {"place": pl.Int64}
    )
    return (
        counted_from.group_by(*kinds, "counted_from")
        .agg(pl.len().alias("clocks"), pl.col("late").sum())
        .join(places, how="cross")
        .filter(pl.col("counted_from") <= pl.col("place"))
        .group_by(*kinds, "moment")
        .agg((pl.col("late").sum() / pl.col("clocks").sum()).alias("late_rate"))
    )
