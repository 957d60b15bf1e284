"""What follows what, how often and after how long: the directly-follows graph.

Van der Aalst, "Process Mining: Data Science in Action" (2016): an activity directly follows
another if it is the next event of the same case.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from control_tower.process_mining.business_hours import BusinessClock
from control_tower.process_mining.durations import HOURS, Numbered, hours_by_key, numbered
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
    # Taking places is several times faster than taking what a mask leaves.
    step = np.flatnonzero(log.is_followed)
    width = max(len(log.activities), 1)
    # Neighbours are worked out where they lie, and steps taken once, which spares copies.
    neighbours = log.activity[:-1].astype(np.int64) * width
    neighbours += log.activity[1:]
    pair = neighbours[step]
    if log.slices.dimensions:
        pair += np.repeat(log.slices.of_ticket, log.lengths - 1) * width**2
    keys = numbered(pair)
    is_at_rest = (log.is_settled[:-1] & log.is_settled[1:])[step]
    found = hours_by_key(keys, np.diff(log.moment)[step]).with_columns(
        (2 * pl.Series(keys.count(is_at_rest)) > pl.col("count")).alias("is_administrative")
    )
    business = _business_hours(log, clock, step, keys)
    found = found.join(business, on="key", how="left", maintain_order="left")
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


def _business_hours(
    log: EventLog,
    clock: BusinessClock | None,
    step: Integers,
    keys: Numbered,
) -> pl.DataFrame:
    if clock is None or not clock.is_kept:
        none = np.zeros(0, dtype=np.int64)
        return hours_by_key(Numbered(none, none), none, "business_").drop("count")
    shown = clock.at_events
    kept = np.flatnonzero(np.repeat(clock.of_ticket, log.lengths - 1) >= 0)
    passed = shown[step[kept] + 1] - shown[step[kept]]
    of_kept = numbered(keys.places[kept])
    with_their_keys = Numbered(keys.distinct[of_kept.distinct], of_kept.places)
    return hours_by_key(with_their_keys, passed, "business_").drop("count")
