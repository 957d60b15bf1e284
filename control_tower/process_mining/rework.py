"""Rework: activities a ticket goes through more than once, and what that takes."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from control_tower.process_mining.durations import hours_by_key
from control_tower.process_mining.event_log import Codes, EventLog, Integers
from control_tower.process_mining.paths import Paths

__all__ = ["rework"]


def rework(log: EventLog, paths: Paths, by: Sequence[str] = ()) -> pl.DataFrame:
    """Return how often each activity is repeated within a ticket, one row an activity that is.

    Args:
        log: The log.
        paths: Its distinct ways, from `paths_of`.
        by: Dimensions to count apart by; see `EventLog.sliced_by`.

    Returns:
        The dimensions, activity, tickets (that have it), tickets_with_rework (that have it more
        than once), share (the second of the first), repeats (occurrences beyond a ticket's first),
        direct_repeats (that follow the same activity at once), most_repeats (of a single ticket),
        median_hours and p90_hours (from one occurrence to the next) and total_hours; the most
        repeats first.
    """
    log = log.sliced_by(by)
    before = _previous_occurrence(log.activities.len(), paths)
    # Within a path, the same distance leads back to the occurrence before in every ticket's events.
    distance = (np.arange(len(before)) - before)[paths.path_place(log)]
    again = np.flatnonzero(distance > 0)
    first = again - distance[again]
    cases = log.case_of_event
    width = max(len(log.activities), 1)
    key = log.slices.of_ticket[cases] * width + log.activity
    repeats = pl.DataFrame(
        {"key": key[again], "ticket": cases[again], "is_direct": distance[again] == 1}
    )
    per_ticket = repeats.group_by("key", "ticket").agg(
        pl.len().cast(pl.Int64).alias("repeats"),
        pl.col("is_direct").sum().cast(pl.Int64).alias("direct_repeats"),
    )
    counts = per_ticket.group_by("key").agg(
        pl.len().cast(pl.Int64).alias("tickets_with_rework"),
        pl.col("repeats", "direct_repeats").sum(),
        pl.col("repeats").max().alias("most_repeats"),
    )
    is_first = distance == 0
    having, tickets = np.unique(key[is_first], return_counts=True)
    table = (
        hours_by_key(key[again], log.moment[again] - log.moment[first])
        .join(counts, on="key", how="left")
        .join(pl.DataFrame({"key": having, "tickets": tickets}), on="key", how="left")
        .sort("key")
    )
    return log.slices.named(
        table.with_columns(
            (pl.col("key") // width).alias("slice"),
            log.activities.gather(table["key"] % width).alias("activity"),
        )
        .select(
            "slice",
            "activity",
            "tickets",
            "tickets_with_rework",
            (pl.col("tickets_with_rework") / pl.col("tickets")).alias("share"),
            "repeats",
            "direct_repeats",
            "most_repeats",
            "median_hours",
            "p90_hours",
            (pl.col("mean_hours") * pl.col("count")).alias("total_hours"),
        )
        .sort("slice", "repeats", "activity", descending=[False, True, False])
    )


def _previous_occurrence(activities: int, paths: Paths) -> Integers:
    """Return, by place on the paths, where the activity last occurred before on the same path.

    A place where it occurs for the first time is given itself.
    """
    activity: Codes = paths.activity
    path = np.repeat(np.arange(len(paths.tickets)), paths.lengths)
    key = path * max(activities, 1) + activity
    order = np.argsort(key, kind="stable")
    before = np.arange(len(key))
    is_same = key[order[1:]] == key[order[:-1]]
    before[order[1:][is_same]] = order[:-1][is_same]
    return before
