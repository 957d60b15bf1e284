"""How far a share can move, read off the desk's own best weeks rather than assumed."""

from math import sqrt

import polars as pl

__all__ = ["best_weeks_share", "weeks_differ"]

_FEWEST_WEEKS = 4
_SMALLEST_WEEK = 5
_LEVEL_Z = 1.6449
"""One-sided 95 %."""


def _weekly(frame: pl.DataFrame, moment: str, happened: str) -> pl.DataFrame:
    return (
        frame.drop_nulls([moment, happened])
        .group_by(week=pl.col(moment).dt.truncate("1w"))
        .agg(n=pl.len(), happened=pl.col(happened).sum())
        .filter(pl.col("n") >= _SMALLEST_WEEK)
    )


def best_weeks_share(
    frame: pl.DataFrame, moment: str, happened: str, *, highest: bool
) -> float | None:
    """Return a share in the best quarter of weeks, taken together; None with under four weeks.

    Weeks with fewer than five rows do not count. The best weeks are partly luck, so a rule that
    takes their level for reachable must first know that something is wrong by other means.

    Args:
        frame: One row per ticket or target.
        moment: Column of the moment that says which week it belongs to.
        happened: Boolean column.
        highest: Whether the best weeks are those with the highest share.
    """
    weeks = _weekly(frame, moment, happened)
    if weeks.height < _FEWEST_WEEKS:
        return None
    best = (
        weeks.with_columns(share=pl.col("happened") / pl.col("n"))
        .sort("share", "week", descending=[highest, False])
        .head(max(1, weeks.height // 4))
    )
    return float(best["happened"].sum()) / float(best["n"].sum())


def weeks_differ(frame: pl.DataFrame, moment: str, happened: str) -> bool:
    """Return whether a share differs between weeks by more than chance, at 95 %.

    Pearson's test of homogeneity; the chi-squared quantile by Wilson and Hilferty's cube root.
    """
    weeks = _weekly(frame, moment, happened)
    freedom = weeks.height - 1
    if freedom < _FEWEST_WEEKS - 1:
        return False
    share = float(weeks["happened"].sum()) / float(weeks["n"].sum())
    if not 0 < share < 1:
        return False
    statistic = weeks.select(
        (
            (pl.col("happened") - pl.col("n") * share) ** 2 / (pl.col("n") * share * (1 - share))
        ).sum()
    ).item()
    spread = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / sqrt(spread)
    return bool(z > _LEVEL_Z)
