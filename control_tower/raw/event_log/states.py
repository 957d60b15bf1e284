"""The state of a ticket after each of its events."""

from typing import Final

import polars as pl

from control_tower.raw.event_log.columns import example
from control_tower.raw.event_log.mapping import FIELDS, STATUS_OF_ROLE, EventLogMapping, Roles
from control_tower.raw.event_log.repairs import RepairLog

__all__ = ["SETTLED", "with_states"]

SETTLED: Final = ("solved", "closed")

_CARRIED = ("group", "priority", "status")
_WORDS = {
    "group": "group",
    "priority": "priority",
    "status": "status",
    "ticket_type": "ticket type",
    "channel": "channel",
    "customer_tier": "customer tier",
}


def with_states(events: pl.DataFrame, mapping: EventLogMapping, repairs: RepairLog) -> pl.DataFrame:
    """Fill in what the log leaves out and say who caused each event.

    Group, priority and status hold until the log says otherwise. What describes the ticket as a
    whole (type, channel, tier) is the last value the log gives.

    Args:
        events: Clean events in order of time.
        mapping: What activities and resources mean.
        repairs: Where filled values are counted.

    Returns:
        The events with those fields filled, `status` in every row, `actor` and `is_public`;
        `resource` is null where it is not an agent.
    """
    events = events.with_columns(is_first=pl.int_range(pl.len()).over("case") == 0)
    for field in FIELDS:
        if getattr(getattr(mapping, field), "column", None) is not None:
            events = _filled(events, field, repairs)
        elif field == "status":
            events = events.with_columns(status=_status_by_activity(mapping.activities))
    _count_missing_resources(events, mapping, repairs)
    return _named_escalations(_with_actors(events, mapping), mapping.activities, repairs).drop(
        "is_first"
    )


def _filled(events: pl.DataFrame, field: str, repairs: RepairLog) -> pl.DataFrame:
    given = pl.col(field)
    whole = given.drop_nulls().last() if field not in _CARRIED else given.forward_fill()
    filled = events.with_columns(whole.over("case").alias(field))
    taken = events.filter(events[field].is_null() & filled[field].is_not_null())
    left = events.filter(filled[field].is_null())
    word = _WORDS[field]
    repairs.add(
        f"{field}_filled",
        "repaired",
        taken.height,
        f"A missing {word} is the one the case had before."
        if field in _CARRIED
        else f"A missing {word} is the one other rows of the case give.",
        example(taken, ["case", "activity"]),
    )
    becomes = "taken for new" if field == "status" else "left empty"
    repairs.add(
        f"{field}_not_known",
        "repaired" if field == "status" else "noted",
        left.height,
        f"Where a case has no {word} yet, it is {becomes}.",
        example(left, ["case", "activity"]),
    )
    return filled.with_columns(pl.col("status").fill_null("new")) if field == "status" else filled


def _status_by_activity(roles: Roles) -> pl.Expr:
    """Return the status after each event, read from what the activities mean.

    A first event makes a ticket new, any later one open; a settled ticket stays so until an
    activity that is pending, on hold or reopened.
    """
    status_of = {
        activity: status
        for role, status in STATUS_OF_ROLE.items()
        for activity in getattr(roles, role)
    }
    activity = pl.col("activity")
    said = (
        activity.replace_strict(status_of, default=None, return_dtype=pl.String)
        if status_of
        else pl.lit(None, dtype=pl.String)
    )
    last_said = said.forward_fill().over("case")
    return (
        pl.when(pl.col("is_first") & (said.is_null() | (said == "open")))
        .then(pl.lit("new"))
        .when(said.is_not_null())
        .then(said)
        .when(last_said.is_in(SETTLED))
        .then(last_said)
        .otherwise(pl.lit("open"))
    )


def _with_actors(events: pl.DataFrame, mapping: EventLogMapping) -> pl.DataFrame:
    roles, actors = mapping.activities, mapping.actors
    activity, resource = pl.col("activity"), pl.col("resource")
    is_reply = activity.is_in(roles.agent_reply)
    is_customer = activity.is_in(roles.customer_reply) | resource.is_in(actors.customer)
    is_system = resource.is_in(actors.system)
    actor = (
        pl.when(is_customer.fill_null(value=False))
        .then(pl.lit("customer"))
        .when(is_system.fill_null(value=False))
        .then(pl.lit("system"))
        .when(is_reply | resource.is_not_null())
        .then(pl.lit("agent"))
        .otherwise(pl.lit("system"))
    )
    is_agent = ~resource.is_in([*actors.customer, *actors.system]) & ~activity.is_in(
        roles.customer_reply
    )
    return events.with_columns(
        actor=actor,
        is_public=activity.is_in([*roles.agent_reply, *roles.customer_reply]),
        resource=pl.when(is_agent).then(resource),
    )


def _count_missing_resources(
    events: pl.DataFrame, mapping: EventLogMapping, repairs: RepairLog
) -> None:
    if getattr(mapping.resource, "column", None) is None:
        return
    nobody = events.filter(pl.col("resource").is_null())
    repairs.add(
        "resource_not_known",
        "noted",
        nobody.height,
        "Events without a resource have no agent and count as caused by the system, unless their "
        "activity is a reply.",
        example(nobody, ["case", "activity"]),
    )


def _named_escalations(events: pl.DataFrame, roles: Roles, repairs: RepairLog) -> pl.DataFrame:
    is_escalation = pl.col("activity").is_in(roles.escalated)
    renamed = events.filter(is_escalation & (pl.col("activity") != "escalated"))
    repairs.add(
        "escalation_renamed",
        "noted",
        renamed.height,
        "Activities with the role escalated land under that name, by which escalations are known.",
        example(renamed, ["case", "activity"]),
    )
    return events.with_columns(
        activity=pl.when(is_escalation).then(pl.lit("escalated")).otherwise("activity")
    )
