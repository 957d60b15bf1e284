"""What happened to tickets, one event a change, read from comments and field history."""

from typing import Final

import polars as pl

from control_tower.raw.contract import STATUSES
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.zendesk.files import ZendeskTables

__all__ = ["DELETED", "events"]

DELETED: Final = "deleted"
"""Zendesk's status of a deleted ticket, which is no state of work."""

_NOTHING: Final = ""
"""A field set to nothing, while a missing value means that it was not touched."""

_OPENING_SECONDS: Final = 60
_STATES: Final = ("status", "priority", "group_id", "assignee_id")
_COLUMNS: Final = ("ticket_id", "occurred_at", "place", "kind", "user_id", "is_public", *_STATES)


def events(tables: ZendeskTables, repairs: RepairLog) -> pl.DataFrame:
    """Return the events of all tickets in order, with the ticket's state after each.

    A ticket begins with `created`, which holds its first comment and the values its fields had
    then. Every later comment and change of status, priority, group or assignee is an event of its
    own; of what happened at one moment comments come first, so that a reply that solves a ticket
    is a reply.

    Returns:
        ticket_id, occurred_at, activity, status, priority, group_id, assignee_id, user_id (who
        did it), actor, is_public, is_deletion.
    """
    tickets = tables.frames["ticket"].select(pl.col("id").alias("ticket_id"), "created_at")
    comments = _comments(tables, tickets, repairs)
    changes = _changes(tables, tickets, repairs)
    is_first = pl.col("occurred_at") <= pl.col("created_at")
    created = _created(tables, tickets, comments, changes.filter(is_first))
    told = comments.filter(~pl.col("is_opening")).with_columns(
        place=pl.lit(1), kind=pl.lit("comment")
    )
    parts = [created, told, changes.filter(~is_first)]
    ordered = pl.concat([part.select(_padded(part)) for part in parts], how="vertical").sort(
        "ticket_id", "occurred_at", "place", maintain_order=True
    )
    carried = ordered.with_columns(
        is_deletion=(pl.col("status") == DELETED).fill_null(value=False)
    ).with_columns(
        pl.when(pl.col(name) != DELETED).then(name).forward_fill().over("ticket_id").alias(name)
        if name == "status"
        else pl.col(name).forward_fill().over("ticket_id")
        for name in _STATES
    )
    before = pl.col("status").shift().over("ticket_id")
    return (
        carried.with_columns(activity=_activity(before), actor=_actor(tables))
        .with_columns(pl.col(_STATES).replace(_NOTHING, None))
        .with_columns(pl.col("status").fill_null("new"))
        .drop("place", "kind")
    )


def _padded(part: pl.DataFrame) -> list[pl.Expr]:
    kinds = {"is_public": pl.Boolean, "ticket_id": pl.Int64, "user_id": pl.Int64, "place": pl.Int32}
    return [
        (pl.col(name) if name in part.columns else pl.lit(None))
        .cast(kinds.get(name, pl.Datetime("us", "UTC") if name == "occurred_at" else pl.String))
        .alias(name)
        for name in _COLUMNS
    ]


def _comments(tables: ZendeskTables, tickets: pl.DataFrame, repairs: RepairLog) -> pl.DataFrame:
    """Return the comments in order; the one a ticket was opened with is marked."""
    frame = tables.frames["ticket_comment"].rename({"created": "occurred_at"})
    known = frame.join(tickets, on="ticket_id", maintain_order="left")
    repairs.add(
        "comments_without_ticket",
        "refused",
        frame.height - known.height,
        "Comments on a ticket that is not in the table ticket are left out.",
    )
    is_public = (pl.col("public").str.to_lowercase() == "true").fill_null(value=False)
    age = pl.col("occurred_at") - pl.col("created_at")
    return known.sort("ticket_id", "occurred_at", "id").with_columns(
        is_public=is_public,
        is_opening=(pl.int_range(pl.len()).over("ticket_id") == 0)
        & (age <= pl.duration(seconds=_OPENING_SECONDS)),
    )


def _changes(tables: ZendeskTables, tickets: pl.DataFrame, repairs: RepairLog) -> pl.DataFrame:
    """Return the changes of the fields that make a ticket's state, one column a field."""
    frame = tables.frames["ticket_field_history"]
    known = frame.join(tickets, on="ticket_id", maintain_order="left")
    repairs.add(
        "changes_without_ticket",
        "refused",
        frame.height - known.height,
        "Changes of a ticket that is not in the table ticket are left out.",
    )
    ours = known.filter(pl.col("field_name").is_in(_STATES)).rename({"updated": "occurred_at"})
    value = pl.col("value").fill_null(_NOTHING).str.replace(r"^(\d+)\.0$", "$1")
    unknown = (pl.col("field_name") == "status") & ~pl.col("value").is_in([*STATUSES, DELETED])
    strange = ours.filter(unknown.fill_null(value=True))
    repairs.add(
        "statuses_not_known",
        "refused",
        strange.height,
        "Changes to a status Zendesk does not have leave the ticket as it was.",
        str(strange["value"][0]) if strange.height else None,
    )
    places = {"assignee_id": 2, "group_id": 3, "priority": 4, "status": 5}
    return ours.filter(~unknown.fill_null(value=False)).with_columns(
        *(pl.when(pl.col("field_name") == name).then(value).alias(name) for name in _STATES),
        place=pl.col("field_name").replace_strict(places, return_dtype=pl.Int32),
        kind=pl.col("field_name"),
        is_public=pl.lit(value=False),
    )


def _created(
    tables: ZendeskTables, tickets: pl.DataFrame, comments: pl.DataFrame, first: pl.DataFrame
) -> pl.DataFrame:
    openings = comments.filter("is_opening").select("ticket_id", "user_id", "is_public")
    initial = first.group_by("ticket_id").agg(pl.col(name).drop_nulls().last() for name in _STATES)
    submitters = tables.frames["ticket"].select(pl.col("id").alias("ticket_id"), "submitter_id")
    return (
        tickets.join(openings, on="ticket_id", how="left", maintain_order="left")
        .join(submitters, on="ticket_id", how="left", maintain_order="left")
        .join(initial, on="ticket_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("user_id").fill_null(pl.col("submitter_id")),
            pl.col("is_public").fill_null(value=True),
            occurred_at=pl.col("created_at"),
            place=pl.lit(0),
            kind=pl.lit("created"),
        )
    )


def _activity(status_before: pl.Expr) -> pl.Expr:
    status, kind = pl.col("status"), pl.col("kind")
    was_settled = status_before.is_in(["solved", "closed"])
    is_settled = status.is_in(["solved", "closed"])
    of_status = (
        pl.when("is_deletion")
        .then(pl.lit("deleted"))
        .when(was_settled & ~is_settled)
        .then(pl.lit("reopened"))
        .when(status == "hold")
        .then(pl.lit("put_on_hold"))
        .when(status == "open")
        .then(pl.lit("opened"))
        .otherwise(status)
    )
    return (
        pl.when(kind == "comment")
        .then(pl.lit("comment"))
        .when(kind == "status")
        .then(of_status)
        .when(kind == "priority")
        .then(pl.lit("priority_changed"))
        .when(kind == "group_id")
        .then(pl.lit("group_changed"))
        .when(kind == "assignee_id")
        .then(
            pl.when(pl.col("assignee_id") == _NOTHING)
            .then(pl.lit("unassigned"))
            .otherwise(pl.lit("assigned"))
        )
        .otherwise(kind)
    )


def _actor(tables: ZendeskTables) -> pl.Expr:
    users = tables.frames["user"]
    roles = dict(zip(users["id"], users["role"], strict=True))
    role = pl.col("user_id").replace_strict(roles, default=None, return_dtype=pl.String)
    return (
        pl.when(role.is_in(["agent", "admin"]))
        .then(pl.lit("agent"))
        .when(pl.col("user_id").is_not_null())
        .then(pl.lit("customer"))
        .otherwise(pl.lit("system"))
    )
