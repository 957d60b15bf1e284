"""Open time so far at any moment: one look-up of the last opening before it."""

import polars as pl

__all__ = ["clock_readings"]


def clock_readings(moments: pl.DataFrame, open_intervals: pl.DataFrame) -> pl.Series:
    """Return what clocks show at given moments, so that elapsed time is a difference of two.

    A clock that keeps a schedule shows the open time of that schedule so far, which is nought
    before its first opening; one without a schedule shows time itself. The same definition as
    the `clock_reading` macro of the dbt project.

    Args:
        moments: Columns schedule_id (null for clocks that run by the calendar) and moment.
        open_intervals: Columns schedule_id, opens_at, closes_at and open_minutes_before.

    Returns:
        Microseconds, in the order of `moments`.
    """
    openings = open_intervals.select(
        "schedule_id",
        "opens_at",
        (pl.col("closes_at") - pl.col("opens_at")).dt.total_microseconds().alias("length"),
        (pl.col("open_minutes_before") * 60_000_000).round().cast(pl.Int64).alias("before"),
    ).sort("opens_at")
    # Looked up once for each distinct moment: many clocks are read at the same one.
    asked = moments.select("schedule_id", "moment").unique().sort("moment")
    since_opening = (pl.col("moment") - pl.col("opens_at")).dt.total_microseconds()
    answers = asked.join_asof(
        openings,
        left_on="moment",
        right_on="opens_at",
        by="schedule_id",
        strategy="backward",
        check_sortedness=False,
    ).select(
        "schedule_id",
        "moment",
        pl.when(pl.col("schedule_id").is_null())
        .then(pl.col("moment").dt.epoch("us"))
        .when(pl.col("opens_at").is_null())
        .then(0)
        .otherwise(pl.col("before") + pl.min_horizontal(since_opening, "length"))
        .alias("reading"),
    )
    return moments.join(
        answers, on=["schedule_id", "moment"], how="left", nulls_equal=True, maintain_order="left"
    )["reading"]
