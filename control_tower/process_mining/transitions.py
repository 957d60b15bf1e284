"""What follows what, how often and after how long: the directly-follows graph.

Van der Aalst, "Process Mining: Data Science in Action" (2016): an activity directly follows
another if it is the next event of the same case.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from control_tower.process_mining.business_hours import BusinessClock
from control_tower.process_mining.durations import HOURS, hours_by_key
from control_tower.process_mining.event_log import EventLog, Integers

__all__ = ["transitions"]


def transitions(
    log: EventLog, clock: BusinessClock | None = None, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Return the transition matrix of a log, one row per step from one activity to the next.

    Args:
        log: The log.
        clock: Opening hours; without, business hours are null.
        by: Dimensions to count apart by; see `EventLog.sliced_by`.

    Returns:
        The dimensions, from_activity, to_activity, count, share_of_from (of all steps from that
        activity), mean, median and p90 hours by the calendar and in opening hours (null where no
        ticket of the step is on a schedule), is_administrative (most tickets were at rest in
        between: solved, and waiting to be closed); the most frequent first.
    """
    log = log.sliced_by(by)
    before = np.flatnonzero(log.is_followed)
    after = before + 1
    width = max(len(log.activities), 1)
    cases = log.case_of_event[before]
    pair = log.activity[before].astype(np.int64) * width + log.activity[after]
    keys = log.slices.of_ticket[cases] * width**2 + pair
    found = (
        hours_by_key(keys, log.moment[after] - log.moment[before])
        .join(_business_hours(log, clock, cases, before, keys), on="key", how="left")
        .join(_administrative(log, before, keys), on="key", how="left")
        .sort("key")
    )
    key = found["key"]
    table = found.with_columns(
        (key // width**2).alias("slice"),
        log.activities.gather(key // width % width).alias("from_activity"),
        log.activities.gather(key % width).alias("to_activity"),
    ).select(
        "slice",
        "from_activity",
        "to_activity",
        "count",
        (pl.col("count") / pl.col("count").sum().over("slice", "from_activity")).alias(
            "share_of_from"
        ),
        *(f"{kind}{figure}" for kind in ("", "business_") for figure in HOURS),
        "is_administrative",
    )
    return log.slices.named(
        table.sort(
            "slice", "count", "from_activity", "to_activity", descending=[False, True, False, False]
        )
    )


def _administrative(log: EventLog, before: Integers, keys: Integers) -> pl.DataFrame:
    """Return by key whether most of the tickets were at rest from the one event to the other."""
    is_at_rest = log.is_settled[before] & log.is_settled[before + 1]
    return (
        pl.DataFrame({"key": keys, "is_at_rest": is_at_rest})
        .group_by("key")
        .agg((pl.col("is_at_rest").mean() > 0.5).alias("is_administrative"))
    )


def _business_hours(
    log: EventLog,
    clock: BusinessClock | None,
    cases: Integers,
    before: Integers,
    keys: Integers,
) -> pl.DataFrame:
    none = np.zeros(0, dtype=np.int64)
    if clock is None or not clock.is_kept:
        return hours_by_key(none, none, "business_").drop("count")
    shown = clock.readings(log.case_of_event, log.moment)
    kept = np.flatnonzero(clock.of_ticket[cases] >= 0)
    from_place = before[kept]
    return hours_by_key(keys[kept], shown[from_place + 1] - shown[from_place], "business_").drop(
        "count"
    )
