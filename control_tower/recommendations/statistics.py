"""Intervals that tell a difference from chance, for shares and for means.

Shares are judged by Wilson's score interval (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927) and the
difference of two by Newcombe's hybrid of two of them (R. G. Newcombe, Stat. Med. 17, 1998, method
10). Like is compared with like by Cochran's and Mantel and Haenszel's weights over strata. Where a
rule looks at many subjects, the level is divided by their number (Bonferroni).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import polars as pl

__all__ = [
    "Interval",
    "LikeWithLike",
    "Slope",
    "difference_interval",
    "like_with_like",
    "slope",
    "wilson_interval",
    "z_score",
]

_LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its interval."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class LikeWithLike(Interval):
    """A difference of means within strata, and how many observations stand on each side of it."""

    exposed: int
    others: int


@dataclass(frozen=True)
class Slope(Interval):
    """Change of one figure for each unit of another, and from how many observations."""

    observations: int


def z_score(comparisons: int = 1, level: float = _LEVEL) -> float:
    """Return the standard normal quantile of a two-sided interval, Bonferroni's if several.

    Args:
        comparisons: How many intervals are to hold at once.
        level: With which probability, as a fraction of one.
    """
    return NormalDist().inv_cdf(1 - (1 - level) / (2 * max(comparisons, 1)))


def wilson_interval(successes: float, trials: float, z: float) -> Interval:
    """Return a share with Wilson's score interval; 0 to 1 without trials."""
    if trials <= 0:
        return Interval(0.0, 0.0, 1.0)
    share = successes / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    margin = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials**2)) / (1 + z * z / trials)
    return Interval(share, max(0.0, centre - margin), min(1.0, centre + margin))


def difference_interval(
    successes: float, trials: float, other_successes: float, other_trials: float, z: float
) -> Interval:
    """Return a share less another share, with Newcombe's interval."""
    one = wilson_interval(successes, trials, z)
    other = wilson_interval(other_successes, other_trials, z)
    difference = one.estimate - other.estimate
    return Interval(
        difference,
        difference - sqrt((one.estimate - one.lower) ** 2 + (other.upper - other.estimate) ** 2),
        difference + sqrt((one.upper - one.estimate) ** 2 + (other.estimate - other.lower) ** 2),
    )


def like_with_like(
    frame: pl.DataFrame, *, exposed: str, outcome: str, strata: Sequence[str], z: float
) -> LikeWithLike | None:
    """Return how much higher an outcome is where something happened, among tickets alike.

    In each stratum the means of the two sides are subtracted; the differences are averaged with
    the weight n1 n0 / (n1 + n0). Strata with fewer than two tickets on a side say nothing and are
    left out, as are rows whose exposure or outcome is not known. Unknown values of a stratum's
    columns are a value like any other.

    Args:
        frame: One row per ticket.
        exposed: Boolean column: whether it happened.
        outcome: Column to compare, a number or true and false.
        strata: Columns whose values make tickets alike.
        z: Standard normal quantile of the interval.

    Returns:
        The difference with its interval, in the outcome's unit; None if nothing can be compared.
    """
    sides = (
        frame.lazy()
        .select(*strata, exposed, pl.col(outcome).cast(pl.Float64))
        .drop_nulls([exposed, outcome])
        .group_by([*strata, exposed])
        .agg(n=pl.len(), mean=pl.col(outcome).mean(), variance=pl.col(outcome).var())
        .filter(pl.col("n") >= 2)
        .collect()
    )
    with_it = sides.filter(pl.col(exposed)).drop(exposed)
    without = sides.filter(~pl.col(exposed)).drop(exposed)
    if strata:
        pairs = with_it.join(without, on=list(strata), suffix="_0", nulls_equal=True)
    else:
        pairs = with_it.join(without, how="cross", suffix="_0")
    if pairs.is_empty():
        return None
    weight = pl.col("n") * pl.col("n_0") / (pl.col("n") + pl.col("n_0"))
    totals = pairs.select(
        weight=weight.sum(),
        difference=(weight * (pl.col("mean") - pl.col("mean_0"))).sum(),
        variance=(
            weight.pow(2)
            * (pl.col("variance") / pl.col("n") + pl.col("variance_0") / pl.col("n_0"))
        ).sum(),
        exposed=pl.col("n").sum(),
        others=pl.col("n_0").sum(),
    ).row(0, named=True)
    difference = totals["difference"] / totals["weight"]
    margin = z * sqrt(totals["variance"]) / totals["weight"]
    return LikeWithLike(
        difference,
        difference - margin,
        difference + margin,
        exposed=int(totals["exposed"]),
        others=int(totals["others"]),
    )


def slope(x: pl.Series, y: pl.Series, z: float) -> Slope | None:
    """Return the least-squares slope of y on x; None with under three points or a constant x."""
    n = x.len()
    if n < 3:
        return None
    frame = pl.DataFrame({"x": x.cast(pl.Float64), "y": y.cast(pl.Float64)})
    centred = frame.select(pl.all() - pl.all().mean())
    spread, together, other = centred.select(
        (pl.col("x") ** 2).sum().alias("spread"),
        (pl.col("x") * pl.col("y")).sum().alias("together"),
        (pl.col("y") ** 2).sum().alias("other"),
    ).row(0)
    if spread <= 0:
        return None
    estimate = together / spread
    residual = max(0.0, other - estimate * together)
    margin = z * sqrt(residual / (n - 2) / spread)
    return Slope(estimate, estimate - margin, estimate + margin, observations=n)
