"""The desk's SLA clocks, numbered, and what they had on them at any moment."""

import polars as pl

from control_tower.alerts.chosen import MOST_CLOCKS, chosen_among
from control_tower.open_time import clock_readings

__all__ = ["elapsed_at", "numbered_clocks", "running_at", "stretches_of"]

_KEYS = ("ticket_id", "metric", "instance")
_MICROSECONDS = 60_000_000


def numbered_clocks(
    sla: pl.DataFrame, schedules: pl.DataFrame, most: int = MOST_CLOCKS
) -> pl.DataFrame:
    """Return the chosen clocks, with a number each, `clock`, from 0 without gaps.

    Args:
        sla: `marts.sla`, or the chosen clocks of it, which have is_sample.
        schedules: Columns ticket_id, metric, instance and schedule_id of
            `intermediate.int_sla_targets`; the schedule is joined on.
        most: How many clocks to learn from at most, about, of those of `marts.sla`.

    Returns:
        The columns of `sla`, schedule_id, clock and is_sample, whether it is learned from.
    """
    chosen = sla if "is_sample" in sla.columns else chosen_among(sla, most)
    return chosen.join(schedules, on=_KEYS, how="left").sort(_KEYS).with_row_index("clock")


def stretches_of(clocks: pl.DataFrame, readings: pl.DataFrame) -> pl.DataFrame:
    """Return the stretches in which clocks ran, by the clock's number.

    Args:
        clocks: Numbered clocks.
        readings: `intermediate.int_sla_clock_readings`.

    Returns:
        Columns clock, clock_schedule_id, started_at, ended_at, started_reading, ended_reading.
    """
    return readings.join(clocks.select(*_KEYS, "clock"), on=_KEYS).drop(_KEYS)


def running_at(clocks: pl.DataFrame, moments: pl.Series) -> pl.DataFrame:
    """Return which clocks had started and not stopped at each of some moments.

    Returns:
        Columns clock and moment.
    """
    parts = [
        clocks.filter(
            (pl.col("started_at") < moment)
            & (pl.col("ended_at").is_null() | (pl.col("ended_at") > moment))
        ).select("clock", pl.lit(moment, dtype=moments.dtype).alias("moment"))
        for moment in moments
    ]
    empty = pl.DataFrame(schema={"clock": pl.UInt32, "moment": moments.dtype})
    return pl.concat([empty, *parts])


def elapsed_at(
    moments: pl.DataFrame, stretches: pl.DataFrame, open_intervals: pl.DataFrame
) -> pl.Series:
    """Return what clocks had on them at given moments, in minutes.

    Args:
        moments: Columns clock and moment.
        stretches: The stretches in which the clocks ran.
        open_intervals: The desk's opening hours.
    """
    asked = moments.select("clock", "moment").with_row_index("asked")
    begun = asked.join(stretches, on="clock").filter(pl.col("started_at") < pl.col("moment"))
    # A stretch that was over by then needs no look-up.
    cut = pl.col("ended_at").is_null() | (pl.col("ended_at") > pl.col("moment"))
    over, under_way = begun.filter(~cut), begun.filter(cut)
    at_moment = clock_readings(
        under_way.select(pl.col("clock_schedule_id").alias("schedule_id"), "moment"),
        open_intervals,
    )
    spent = (
        pl.concat(
            [
                over.select(
                    "asked", (pl.col("ended_reading") - pl.col("started_reading")).alias("spent")
                ),
                under_way.select(
                    "asked", (at_moment - under_way["started_reading"]).alias("spent")
                ),
            ]
        )
        .group_by("asked")
        .agg(pl.col("spent").sum() / _MICROSECONDS)
    )
    return asked.join(spent, on="asked", how="left", maintain_order="left")["spent"].fill_null(0.0)
