"""Tickets as they stand, who works on them, and what customers thought of it."""

from typing import Final

import polars as pl

from control_tower.raw.contract import PRIORITIES, STATUSES
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.landing import empty_table
from control_tower.raw.zendesk.files import ZendeskTables
from control_tower.raw.zendesk.history import DELETED
from control_tower.raw.zendesk.time_zones import iana_zone

__all__ = ["agents", "group_names", "merged", "ratings", "tickets"]

_SETTLED: Final = ("solved", "closed")
_SCORES: Final = {"good": 5, "bad": 1, **{str(score): score for score in range(1, 6)}}
_NO_SCORES: Final = ("offered", "unoffered")


def agents(tables: ZendeskTables) -> pl.DataFrame:
    """Return the contract's `agents`: users whose role is agent or admin, in their main group."""
    staff = tables.frames["user"].filter(pl.col("role").is_in(["agent", "admin"]))
    is_main = (pl.col("default").str.to_lowercase() == "true").fill_null(value=False)
    homes = (
        tables.frames["group_membership"]
        .sort(is_main, "group_id", descending=[True, False])
        .unique("user_id", keep="first", maintain_order=True)
        .join(tables.frames["group"], left_on="group_id", right_on="id", how="left")
        .select(
            id="user_id",
            group_name=pl.coalesce("name", pl.format("Group {}", "group_id")),
        )
    )
    zones = {name: iana_zone(name) for name in staff["time_zone"].drop_nulls().unique()}
    return (
        staff.join(homes, on="id", how="left")
        .select(
            agent_id="id",
            agent_name=pl.coalesce("name", pl.format("Agent {}", "id")),
            group_name="group_name",
            time_zone=pl.col("time_zone").replace_strict(
                zones, default=None, return_dtype=pl.String
            ),
        )
        .sort("agent_id")
    )


def group_names(tables: ZendeskTables, events: pl.DataFrame) -> pl.DataFrame:
    """Return group_id (as text, as the history has it) and group_name of every group met."""
    names = tables.frames["group"].select(group_id=pl.col("id").cast(pl.String), named="name")
    met = events.select(pl.col("group_id").drop_nulls().unique())
    return met.join(names, on="group_id", how="left").select(
        "group_id", group_name=pl.coalesce("named", pl.format("Group {}", "group_id"))
    )


def tickets(
    tables: ZendeskTables,
    events: pl.DataFrame,
    people: pl.DataFrame,
    groups: pl.DataFrame,
    repairs: RepairLog,
) -> pl.DataFrame:
    """Return the contract's `tickets` as their last event left them.

    The history is taken before the ticket's own row, which a loader may have fetched at another
    time. Where the history says nothing of a field, the row does.
    """
    frame = tables.frames["ticket"].rename({"id": "ticket_id"})
    histories = events.group_by("ticket_id", maintain_order=True).agg(
        pl.col("status", "priority", "group_id", "assignee_id").last().name.suffix("_now"),
        pl.col("is_deletion").any(),
        _moments_of("solved").last().alias("solved_at"),
        _moments_of("closed").last().alias("closed_at"),
    )
    history = tables.frames["ticket_field_history"]
    logged = history.filter(pl.col("field_name") == "status")["ticket_id"].unique()
    known = frame.join(histories, on="ticket_id", maintain_order="left").with_columns(
        has_status=pl.col("ticket_id").is_in(logged.implode())
    )
    repairs.add(
        "tickets_after_the_clock",
        "refused",
        frame.height - known.height,
        "Tickets created after the tower's clock are not known yet.",
    )
    own = pl.when(pl.col("status").is_in(STATUSES)).then("status")
    status = pl.when("has_status").then("status_now").otherwise(pl.coalesce(own, "status_now"))
    desk = known.with_columns(
        status=status,
        priority=pl.coalesce(
            "priority_now", pl.when(pl.col("priority").is_in(PRIORITIES)).then("priority")
        ),
        group_id=pl.coalesce("group_id_now", pl.col("group_id").cast(pl.String)),
        assignee_id=pl.coalesce(pl.col("assignee_id_now").cast(pl.Int64), "assignee_id"),
        is_deleted=pl.col("is_deletion") | (pl.col("status") == DELETED),
        own_moment=pl.when(~pl.col("has_status")).then(pl.coalesce("updated_at", "created_at")),
    )
    is_settled = pl.col("status").is_in(_SETTLED)
    nobody = pl.col("assignee_id").is_not_null() & ~pl.col("assignee_id").is_in(
        people["agent_id"].implode()
    )
    repairs.add(
        "assignees_not_known",
        "repaired",
        desk.filter(nobody).height,
        "An assignee who is no agent in the table user is taken for nobody.",
    )
    return desk.with_columns(
        solved_at=pl.when(is_settled).then(
            pl.coalesce("solved_at", pl.when(pl.col("status") == "solved").then("own_moment"))
        ),
        closed_at=pl.when(pl.col("status") == "closed").then(
            pl.coalesce("closed_at", "own_moment")
        ),
        assignee_id=pl.when(~nobody).then("assignee_id"),
        ticket_type=pl.col("type"),
        channel=pl.col("via_channel"),
    ).join(groups, on="group_id", how="left", maintain_order="left")


def _moments_of(status: str) -> pl.Expr:
    return pl.col("occurred_at").filter(
        (pl.col("status") == status) & (pl.col("status").shift() != status).fill_null(value=True)
    )


def merged(tables: ZendeskTables) -> pl.DataFrame:
    """Return which ticket each merged one went into; the survivor names those merged into it."""
    return (
        tables.frames["ticket"]
        .select(
            merged_into_ticket_id="id",
            ticket_id=pl.col("merged_ticket_ids").str.extract_all(r"\d+"),
        )
        .explode("ticket_id", empty_as_null=False)
        .drop_nulls("ticket_id")
        .with_columns(pl.col("ticket_id").cast(pl.Int64))
        .unique("ticket_id", keep="last", maintain_order=True)
    )


def ratings(tables: ZendeskTables, keys: pl.DataFrame, repairs: RepairLog) -> pl.DataFrame:
    """Return the contract's `satisfaction_ratings`; good is 5 and bad is 1, as Zendesk asks."""
    frame = tables.frames["satisfaction_rating"]
    answered = frame.filter(~pl.col("score").is_in(_NO_SCORES).fill_null(value=True))
    word = pl.col("score").str.to_lowercase().str.replace("_?with_comment$", "")
    scored = answered.with_columns(
        score=word.replace_strict(_SCORES, default=None, return_dtype=pl.Int64)
    )
    kept = scored.drop_nulls("score").join(keys, on="ticket_id", how="semi", maintain_order="left")
    repairs.add(
        "ratings_not_usable",
        "refused",
        answered.height - kept.height,
        "Ratings without a score, or of a ticket nobody knows, are left out.",
    )
    return (
        kept.select("ticket_id", "score", rating_id="id", rated_at="created_at")
        .unique("rating_id", keep="last", maintain_order=True)
        .select(empty_table("satisfaction_ratings").columns)
    )
