"""Handovers: how tickets pass between groups, and how many come straight back."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from control_tower.process_mining.durations import hours_by_key, numbered
from control_tower.process_mining.event_log import EventLog
from control_tower.process_mining.stays import Stays

__all__ = ["handovers"]


def handovers(log: EventLog, stays: Stays, by: Sequence[str] = ()) -> pl.DataFrame:
    """Return how often each group passed tickets to each other, one row a pair of groups.

    Time in which nobody held the ticket is passed over.

    Args:
        log: The log.
        stays: Its stays, from `stays_of`.
        by: Dimensions to count apart by; see `EventLog.sliced_by`.

    Returns:
        The dimensions, from_group, to_group, count, tickets, share (of all handovers),
        median_hours (of work with the group that passed them on, by the calendar), came_back and
        share_came_back (handovers whose next one went back to the same group, known as
        ping-pong); the most frequent first.
    """
    log = log.sliced_by(by)
    held = stays.held()
    ticket, group = held.ticket, held.group
    given = np.flatnonzero(ticket[1:] == ticket[:-1])
    returned = np.zeros(len(given), dtype=np.bool_)
    # The next handover of the same ticket is the next in the list.
    is_next = ticket[given[1:]] == ticket[given[:-1]]
    returned[:-1] = is_next & (group[given[1:] + 1] == group[given[:-1]])
    width = max(len(log.groups), 1)
    keys = numbered(
        (log.slices.of_ticket[ticket[given]] * width + group[given]) * width + group[given + 1]
    )
    counts = (
        pl.DataFrame(
            {"key": keys.distinct[keys.places], "ticket": ticket[given], "returned": returned}
        )
        .group_by("key")
        .agg(
            pl.col("ticket").n_unique().cast(pl.Int64).alias("tickets"),
            pl.col("returned").sum().cast(pl.Int64).alias("came_back"),
        )
    )
    found = hours_by_key(keys, held.time[given]).join(
        counts, on="key", how="left", maintain_order="left"
    )
    key = found["key"]
    table = found.with_columns(
        (key // width**2).alias("slice"),
        log.groups.gather(key // width % width).alias("from_group"),
        log.groups.gather(key % width).alias("to_group"),
    ).select(
        "slice",
        "from_group",
        "to_group",
        "count",
        "tickets",
        (pl.col("count") / pl.col("count").sum().over("slice")).alias("share"),
        "median_hours",
        "came_back",
        (pl.col("came_back") / pl.col("count")).alias("share_came_back"),
    )
    return log.slices.named(
        table.sort(
            "slice", "count", "from_group", "to_group", descending=[False, True, False, False]
        )
    )
