"""SLA targets: what Zendesk's field history says was applied, and the policies behind it."""

from typing import Final

import polars as pl

from control_tower.raw.contract import METRICS, PRIORITIES
from control_tower.raw.event_log.reading import ROW
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.landing import empty_table
from control_tower.raw.zendesk.errors import ZendeskFilesError
from control_tower.raw.zendesk.files import ZendeskTables, refuse_value

__all__ = ["sla_applications", "sla_policies"]

_UNNAMED: Final = "Unnamed policy"
_CLOCKS: Final = {
    "reply_time": "first_reply_time",
    "requester_wait_time": "requester_wait_time",
    "agent_work_time": "agent_work_time",
    "periodic_update_time": "periodic_update_time",
    "resolution_time": "total_resolution_time",
    "group_ownership_time": "group_ownership_time",
}
"""The tower's metrics by Zendesk's clocks; pausable_update_time has none."""
_APPLIED: Final = pl.Struct({"minutes": pl.Float64, "in_business_hours": pl.Boolean})


def sla_applications(
    tables: ZendeskTables, tickets: pl.DataFrame, repairs: RepairLog
) -> pl.DataFrame:
    """Return the contract's `sla_applications` from the history of the metrics' fields.

    Where the history tells nothing of a ticket's metric, Zendesk's clocks do. Policy names and keys
    are those in force at that moment. A target taken away again is passed over, and counted.

    Raises:
        ZendeskFilesError: If a target is no JSON with minutes.
    """
    history = tables.frames["ticket_field_history"].join(
        tickets, on="ticket_id", how="semi", maintain_order="left"
    )
    ours = history.filter(pl.col("field_name").is_in(METRICS))
    taken = ours.filter(pl.col("value").is_null() | (pl.col("value") == "null"))
    repairs.add(
        "targets_taken_away",
        "noted",
        taken.height,
        "A target taken off a ticket, as Zendesk does once it is met, leaves the one before it.",
    )
    given = ours.join(taken, on=ROW, how="anti", maintain_order="left")
    file = tables.files.get("ticket_field_history", "ticket_field_history")
    targets = _decoded(given, file).sort("applied_at")
    names = (
        history.filter((pl.col("field_name") == "sla_policy") & pl.col("value").is_not_null())
        .select("ticket_id", pl.col("updated").alias("applied_at"), policy_name="value")
        .sort("applied_at")
    )
    keys = (
        tables.frames["ticket_sla_policy"]
        .select(
            "ticket_id",
            pl.col("policy_applied_at").alias("applied_at"),
            policy_id="sla_policy_id",
        )
        .sort("applied_at")
    )
    told = targets.join_asof(
        names, on="applied_at", by="ticket_id", check_sortedness=False
    ).join_asof(keys, on="applied_at", by="ticket_id", check_sortedness=False)
    clocked = _clocked(tables).join(tickets, on="ticket_id", how="semi", maintain_order="left")
    unsaid = clocked.join(told, on=["ticket_id", "metric"], how="anti", maintain_order="left")
    return (
        pl.concat([told, unsaid], how="diagonal")
        .with_columns(
            pl.col("policy_name").fill_null(_UNNAMED), is_met=pl.lit(None, dtype=pl.Boolean)
        )
        .unique(["ticket_id", "metric", "applied_at"], keep="last", maintain_order=True)
        .select(empty_table("sla_applications").columns)
    )


def _clocked(tables: ZendeskTables) -> pl.DataFrame:
    """Return the targets Zendesk's own clocks were given, oldest first."""
    is_later_reply = (pl.col("metric") == "reply_time") & (pl.col("instance_id") > 1)
    metric = pl.col("metric").replace_strict(_CLOCKS, default=None, return_dtype=pl.String)
    is_taken_back = (pl.col("deleted").str.to_lowercase() == "true").fill_null(value=False)
    return (
        tables.frames["ticket_metric_event"]
        .filter(
            pl.col("type").is_in(["apply_sla", "apply_group_sla"])
            & (pl.col("sla_target") > 0)
            & ~is_taken_back
        )
        .sort("time", "id")
        .select(
            "ticket_id",
            metric=pl.when(is_later_reply).then(pl.lit("next_reply_time")).otherwise(metric),
            applied_at="time",
            target_minutes=pl.col("sla_target").cast(pl.Float64),
            is_business_hours=(pl.col("sla_business_hours").str.to_lowercase() == "true").fill_null(
                value=False
            ),
            policy_name="sla_policy_title",
            policy_id=pl.when(pl.col("sla_policy_id") > 0).then("sla_policy_id"),
        )
        .drop_nulls("metric")
    )


def _decoded(given: pl.DataFrame, file: str) -> pl.DataFrame:
    text = pl.col("value")
    looks_right = text.str.contains(r"^\s*\{.*\}\s*$") & text.str.contains(r'"minutes"\s*:\s*\d')
    wrong = given.filter(~looks_right)
    if wrong.height:
        raise refuse_value(
            file,
            int(wrong[ROW][0]),
            "value",
            wrong["value"][0],
            'is no target; one is written {"minutes": 60, "in_business_hours": true}',
        )
    try:
        decoded = given.with_columns(text.str.json_decode(_APPLIED))
    except pl.exceptions.PolarsError as error:
        raise ZendeskFilesError(
            f"{file}, column value: a target is no JSON ({str(error).splitlines()[0]}); "
            "load the table again"
        ) from None
    return decoded.select(
        "ticket_id",
        pl.col("field_name").alias("metric"),
        pl.col("updated").alias("applied_at"),
        target_minutes=text.struct.field("minutes"),
        is_business_hours=text.struct.field("in_business_hours").fill_null(value=False),
    ).filter(pl.col("target_minutes") > 0)


def sla_policies(
    tables: ZendeskTables, applications: pl.DataFrame, repairs: RepairLog
) -> pl.DataFrame:
    """Return the contract's `sla_policies`: the newest version of each, in Zendesk's order.

    Without the table sla_policy they are named as they were when last applied.

    Raises:
        ZendeskFilesError: If a target is no number of minutes.
    """
    frame = tables.frames["sla_policy_metric_history"]
    file = tables.files.get("sla_policy_metric_history", "sla_policy_metric_history")
    newest = frame.filter(
        (pl.col("sla_policy_updated_at") == pl.col("sla_policy_updated_at").max()).over(
            "sla_policy_id"
        )
        | pl.col("sla_policy_updated_at").is_null()
    )
    known = newest.filter(
        pl.col("metric").is_in(METRICS) & pl.col("priority").is_in(PRIORITIES)
    ).with_columns(target_minutes=pl.col("target").cast(pl.Float64, strict=False))
    repairs.add(
        "policies_of_other_metrics",
        "refused",
        newest.height - known.height,
        "Targets of metrics the tower has no clock for are left out.",
    )
    wrong = known.filter(pl.col("target_minutes").is_null() | (pl.col("target_minutes") <= 0))
    if wrong.height:
        row = wrong.row(0, named=True)
        raise refuse_value(
            file, row[ROW], "target", str(row["target"]), "is no number of minutes; correct it"
        )
    names = tables.frames["sla_policy"].select("title", "position", sla_policy_id=pl.col("id"))
    applied = applications.group_by("policy_id").agg(pl.col("policy_name").last())
    order = known.select(pl.col("sla_policy_id").unique(maintain_order=True).sort())
    order = order.with_row_index("by_key", offset=1)
    return (
        known.join(names, on="sla_policy_id", how="left", maintain_order="left")
        .join(
            applied,
            left_on="sla_policy_id",
            right_on="policy_id",
            how="left",
            maintain_order="left",
        )
        .join(order, on="sla_policy_id", how="left", maintain_order="left")
        .select(
            policy_id="sla_policy_id",
            policy_name=pl.coalesce(
                "title", "policy_name", pl.format("Policy {}", "sla_policy_id")
            ),
            position=pl.coalesce("position", "by_key").cast(pl.Int64).clip(1),
            metric="metric",
            priority="priority",
            ticket_type=pl.lit(None, dtype=pl.String),
            customer_tier=pl.lit(None, dtype=pl.String),
            target_minutes="target_minutes",
            is_business_hours=(pl.col("business_hours").str.to_lowercase() == "true").fill_null(
                value=False
            ),
        )
        .unique(["policy_id", "metric", "priority"], keep="last", maintain_order=True)
    )
