"""The tables of a Zendesk desk as Fivetran lands them: which are needed, and what they tell.

Source: Fivetran's schema of its Zendesk Support connector; what Zendesk's interface gives beyond it
is laid out alike. Columns not named here are passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["DURATIONS", "HOURS", "TABLES", "Layout"]

HOURS: Final = ("calendar", "business")
DURATIONS: Final = (
    "reply_time",
    "first_resolution_time",
    "full_resolution_time",
    "agent_wait_time",
    "requester_wait_time",
    "on_hold_time",
)
"""Durations of a ticket's metric set, each in minutes by the calendar and in business hours."""


@dataclass(frozen=True)
class Layout:
    """What is read of one table.

    Attributes:
        keys: Columns of whole numbers.
        times: Columns of moments, UTC where they carry no offset.
        texts: Columns read as they are.
        needed: Those of the columns without which the table says nothing.
        without: What the tower does without the table; None for tables that must be there.
    """

    needed: tuple[str, ...]
    keys: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    without: str | None = None


TABLES: Final[Mapping[str, Layout]] = {
    "ticket": Layout(
        needed=("id", "created_at", "status"),
        keys=("id", "assignee_id", "group_id", "submitter_id"),
        times=("created_at", "updated_at"),
        texts=("status", "priority", "type", "via_channel", "merged_ticket_ids"),
    ),
    "ticket_field_history": Layout(
        needed=("ticket_id", "field_name", "updated", "value"),
        keys=("ticket_id", "user_id"),
        times=("updated",),
        texts=("field_name", "value"),
    ),
    "ticket_comment": Layout(
        needed=("id", "ticket_id", "created", "public", "user_id"),
        keys=("id", "ticket_id", "user_id"),
        times=("created",),
        texts=("public",),
    ),
    "user": Layout(needed=("id", "role"), keys=("id",), texts=("role", "name", "time_zone")),
    "group": Layout(
        needed=("id", "name"),
        keys=("id",),
        texts=("name",),
        without="groups are named by their keys",
    ),
    "group_membership": Layout(
        needed=("user_id", "group_id"),
        keys=("user_id", "group_id"),
        texts=("default",),
        without="agents belong to no group",
    ),
    "schedule": Layout(
        needed=("id", "time_zone", "start_time", "end_time"),
        keys=("id", "start_time", "end_time"),
        times=("created_at", "updated_at"),
        texts=("name", "time_zone"),
        without="business hours are counted by the calendar",
    ),
    "schedule_holiday": Layout(
        needed=("schedule_id", "start_date", "end_date"),
        keys=("schedule_id",),
        texts=("start_date", "end_date"),
        without="no day counts as a holiday",
    ),
    "ticket_schedule": Layout(
        needed=("ticket_id", "schedule_id", "created_at"),
        keys=("ticket_id", "schedule_id"),
        times=("created_at",),
        without="every ticket keeps the oldest schedule",
    ),
    "sla_policy": Layout(
        needed=("id", "title"),
        keys=("id", "position"),
        texts=("title",),
        without="policies are tried in the order of their keys",
    ),
    "sla_policy_metric_history": Layout(
        needed=("sla_policy_id", "metric", "priority", "target", "business_hours"),
        keys=("sla_policy_id",),
        times=("sla_policy_updated_at",),
        texts=("metric", "priority", "target", "business_hours"),
        without="there are no policies to look up",
    ),
    "ticket_sla_policy": Layout(
        needed=("ticket_id", "sla_policy_id", "policy_applied_at"),
        keys=("ticket_id", "sla_policy_id"),
        times=("policy_applied_at",),
        without="targets are known by their policy's name only",
    ),
    "satisfaction_rating": Layout(
        needed=("id", "ticket_id", "score", "created_at"),
        keys=("id", "ticket_id"),
        times=("created_at",),
        texts=("score",),
        without="there are no ratings",
    ),
    "ticket_metric": Layout(
        needed=("ticket_id",),
        keys=(
            "ticket_id",
            "replies",
            "reopens",
            *(f"{name}_in_minutes_{hours}" for name in DURATIONS for hours in HOURS),
        ),
        without="there are no figures of Zendesk's own to compare with",
    ),
    "ticket_metric_event": Layout(
        needed=("id", "ticket_id", "metric", "instance_id", "type", "time"),
        keys=(
            "id",
            "ticket_id",
            "instance_id",
            "sla_target",
            "sla_policy_id",
            "status_calendar",
            "status_business",
        ),
        times=("time",),
        texts=("metric", "type", "sla_policy_title", "sla_business_hours", "deleted"),
        without="there are no clocks of Zendesk's own to compare with",
    ),
}
"""By table name, those that must be there first."""
