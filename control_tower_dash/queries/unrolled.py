"""Ways through the desk with rework unrolled, so that they flow one way only."""

from typing import Final

import polars as pl

from control_tower_dash.forward_order import forward_order

__all__ = ["AGAIN", "OTHER_WAYS", "unrolled"]

OTHER_WAYS: Final = "other ways"
AGAIN: Final = " ↺"
_MOST_ROUNDS: Final = 1
_TIMES_TOLD_APART: Final = 3
_LEAST_SHARE: Final = 0.005
_MOST_LINKS: Final = 40


def unrolled(variants: pl.DataFrame) -> pl.DataFrame:
    """Return how many tickets take each step, the k-th time at an activity told apart.

    The third time and all later ones count as one. Some tickets take two steps in one order and
    some in the other; what follows a step against the order that most keep is told apart, too, and
    marked with an arrow that turns. So nothing flows back. A way is followed until its first rare
    step; from there it is one of the other ways. So what flows into a step flows out of it, or
    ends there.

    Args:
        variants: activities (list), tickets; one row a variant.

    Returns:
        source and target (as 'replied', 'replied (2)', 'replied (3+)', 'solved ↺', or
        `OTHER_WAYS`), from_activity and to_activity (the latter null for other ways), tickets; the
        most first.
    """
    steps = _told_apart(_steps(variants))
    everyone = int(variants["tickets"].sum())
    kept = (
        steps.filter(pl.col("round") <= _MOST_ROUNDS)
        .group_by("source", "target")
        .agg(pl.col("tickets").sum())
        .filter(pl.col("tickets") >= _LEAST_SHARE * everyone)
        .sort("tickets", "source", "target", descending=[True, False, False])
        .head(_MOST_LINKS)
        .select("source", "target", pl.lit(value=True).alias("is_kept"))
    )
    return (
        steps.join(kept, on=("source", "target"), how="left", maintain_order="left")
        .with_columns(pl.col("is_kept").fill_null(value=False))
        .with_columns(lost=(~pl.col("is_kept")).cast(pl.Int64).cum_sum().over("way"))
        # Of the steps not drawn only a way's first is needed: there it leaves.
        .filter((pl.col("lost") == 0) | ((pl.col("lost") == 1) & ~pl.col("is_kept")))
        .with_columns(
            target=pl.when("is_kept").then("target").otherwise(pl.lit(OTHER_WAYS)),
            to_activity=pl.when("is_kept").then("to_activity"),
        )
        .group_by("source", "target", "from_activity", "to_activity")
        .agg(pl.col("tickets").sum())
        .sort("tickets", "source", "target", descending=[True, False, False])
    )


def _told_apart(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the steps with nodes named by how often their way went against the common order."""
    counted = (
        steps.group_by("source", "target").agg(pl.col("tickets").sum()).sort("source", "target")
    )
    order = forward_order({(a, b): float(n) for a, b, n in counted.iter_rows()})
    place = {node: at for at, node in enumerate(order)}
    source, target = (
        pl.col(name).replace_strict(place, return_dtype=pl.Int64) for name in ("source", "target")
    )
    is_back = (target <= source).cast(pl.Int64)
    rounds = steps.with_columns(round=is_back.cum_sum().over("way"), went_back=is_back)
    turn = pl.lit(AGAIN)
    return rounds.with_columns(
        source=pl.col("source")
        + turn.repeat_by(pl.col("round") - pl.col("went_back")).list.join(""),
        target=pl.col("target") + turn.repeat_by("round").list.join(""),
    )


def _steps(variants: pl.DataFrame) -> pl.DataFrame:
    """Return the steps of every variant: way, source, target, their activities and tickets."""
    time = pl.int_range(1, pl.len() + 1).over("way", "activity")
    occurrences = (
        variants.select("activities", "tickets")
        .with_row_index("way")
        .explode("activities")
        .rename({"activities": "activity"})
        .with_columns(time=time)
        .with_columns(
            node=pl.when(pl.col("time") == 1)
            .then("activity")
            .when(pl.col("time") < _TIMES_TOLD_APART)
            .then(pl.format("{} ({})", "activity", "time"))
            .otherwise(pl.format("{} (" + str(_TIMES_TOLD_APART) + "+)", "activity"))
        )
    )
    return (
        occurrences.with_columns(
            target=pl.col("node").shift(-1).over("way"),
            to_activity=pl.col("activity").shift(-1).over("way"),
        )
        .drop_nulls("target")
        .filter(pl.col("node") != pl.col("target"))
        .select(
            "way",
            source="node",
            target="target",
            from_activity="activity",
            to_activity="to_activity",
            tickets="tickets",
        )
    )
