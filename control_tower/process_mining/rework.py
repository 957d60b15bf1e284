"""Rework: activities a ticket goes through more than once, and what that takes."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from control_tower.process_mining.durations import hours_by_key, numbered
from control_tower.process_mining.event_log import Codes, EventLog, Integers
from control_tower.process_mining.paths import Paths, stretches

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
    distance = np.arange(len(before)) - before
    width = max(len(log.activities), 1)
    table = (
        _times_between(log, paths, distance, width)
        .join(_repeats(log, paths, distance, width), on="key", how="left")
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


def _times_between(log: EventLog, paths: Paths, distance: Integers, width: int) -> pl.DataFrame:
    """Return, by slice and activity, the hours from each occurrence on a ticket to its next."""
    # Within a path, the same distance leads back to the occurrence before in every ticket's events.
    has_repeats = np.add.reduceat(distance, paths.starts[:-1]) > 0 if len(distance) else distance
    tickets = np.flatnonzero(has_repeats[paths.of_ticket])
    lengths = log.lengths[tickets]
    event = stretches(log.starts[tickets], lengths)
    back = distance[stretches(paths.starts[paths.of_ticket[tickets]], lengths)]
    is_again = back > 0
    again = event[is_again]
    slices = np.repeat(log.slices.of_ticket[tickets], lengths)[is_again]
    keys = numbered(slices * width + log.activity[again])
    return hours_by_key(keys, log.moment[again] - log.moment[again - back[is_again]])


def _repeats(log: EventLog, paths: Paths, distance: Integers, width: int) -> pl.DataFrame:
    """Return, by slice and activity, how many tickets have it and how often they repeat it."""
    path_count = max(len(paths.tickets), 1)
    walked = numbered(log.slices.of_ticket * path_count + paths.of_ticket)
    path = walked.distinct % path_count
    lengths = paths.lengths[path]
    place = stretches(paths.starts[path], lengths)
    return (
        pl.DataFrame(
            {
                "walk": np.repeat(np.arange(len(path)), lengths),
                "key": np.repeat(walked.distinct // path_count, lengths) * width
                + paths.activity[place],
                "times": np.repeat(walked.count(), lengths),
                "is_again": distance[place] > 0,
                "is_direct": distance[place] == 1,
            }
        )
        .group_by("walk", "key")
        .agg(
            pl.col("times").first(),
            pl.col("is_again").sum().cast(pl.Int64).alias("repeats"),
            pl.col("is_direct").sum().cast(pl.Int64),
        )
        .group_by("key")
        .agg(
            pl.col("times").sum().alias("tickets"),
            pl.col("times").filter(pl.col("repeats") > 0).sum().alias("tickets_with_rework"),
            (pl.col("times") * pl.col("repeats")).sum().alias("repeats"),
            (pl.col("times") * pl.col("is_direct")).sum().alias("direct_repeats"),
            pl.col("repeats").max().alias("most_repeats"),
        )
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
