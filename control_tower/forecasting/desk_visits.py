"""Visits: each stretch of time in which one group has a ticket to work on."""

from typing import Final

import polars as pl

from control_tower.forecasting.neighbours import neighbour

__all__ = ["NO_PRIORITY", "visits"]

NO_PRIORITY: Final = "no priority"
"""Stands for the priority of tickets that have none."""

_TO_WORK_ON: Final = ("new", "open")
_SETTLED: Final = ("solved", "closed")


def visits(
    ticket_events: pl.DataFrame, tickets: pl.DataFrame, ticket_costs: pl.DataFrame
) -> pl.DataFrame:
    """Return the visits of tickets to groups, in order of ticket and time.

    A visit begins when the group gets the ticket, new or from another group, or when the ticket
    comes back from pending, hold or solved. It ends when the ticket goes to another group, waits,
    or is solved. A ticket's minutes in a group are shared out evenly over its visits there, since
    desks book effort by ticket. Deleted and merged tickets are left out.

    Args:
        ticket_events: event_id, ticket_id, occurred_at, status, group_name.
        tickets: ticket_id, priority, is_deleted, merged_into_ticket_id.
        ticket_costs: ticket_id, group_name, handle_minutes.

    Returns:
        ticket_id, group_name, priority, began_at, ended_at (null if it goes on), is_returning
        (came back rather than anew), outcome (handed_over, pending, hold, reopened, done; null if
        it goes on), to_group, away_minutes (until it comes back, where it does), minutes (null if
        not known).
    """
    counted = tickets.filter(~pl.col("is_deleted") & pl.col("merged_into_ticket_id").is_null())
    is_work = pl.col("status").is_in(_TO_WORK_ON)
    before = neighbour("status", 1)
    was_work = before.is_in(_TO_WORK_ON)
    begins = is_work & (
        before.is_null() | ~was_work | (pl.col("group_name") != neighbour("group_name", 1))
    )
    rests = ~is_work & was_work
    turns = (
        ticket_events.join(counted.select("ticket_id"), on="ticket_id", how="semi")
        .drop_nulls("group_name")
        .sort("ticket_id", "occurred_at", "event_id")
        .with_columns(begins.fill_null(value=False).alias("begins"), rests.alias("rests"))
        .filter(pl.col("begins") | pl.col("rests").fill_null(value=False))
        .with_columns(
            neighbour("status", 1).is_in(_TO_WORK_ON).not_().alias("is_back"),
            neighbour("status", -1).alias("next_status"),
            neighbour("group_name", -1).alias("next_group"),
            neighbour("occurred_at", -1).alias("ended_at"),
            neighbour("occurred_at", -2).alias("back_at"),
        )
        .filter("begins")
    )
    is_handed = pl.col("next_status").is_in(_TO_WORK_ON)
    is_settled = pl.col("next_status").is_in(_SETTLED)
    away = (pl.col("back_at") - pl.col("ended_at")).dt.total_seconds() / 60
    share = pl.len().over("ticket_id", "group_name")
    return (
        turns.join(counted.select("ticket_id", "priority"), on="ticket_id", how="left")
        .join(
            ticket_costs.select("ticket_id", "group_name", "handle_minutes"),
            on=["ticket_id", "group_name"],
            how="left",
        )
        .select(
            "ticket_id",
            "group_name",
            pl.col("priority").fill_null(NO_PRIORITY),
            pl.col("occurred_at").alias("began_at"),
            "ended_at",
            pl.col("is_back").fill_null(value=False).alias("is_returning"),
            pl.when(is_handed)
            .then(pl.lit("handed_over"))
            .when(is_settled & pl.col("back_at").is_not_null())
            .then(pl.lit("reopened"))
            .when(is_settled)
            .then(pl.lit("done"))
            .otherwise(pl.col("next_status"))
            .alias("outcome"),
            pl.when(is_handed).then("next_group").alias("to_group"),
            pl.when(~is_handed).then(away).alias("away_minutes"),
            (pl.col("handle_minutes") / share).alias("minutes"),
        )
        .sort("ticket_id", "began_at", maintain_order=True)
    )
