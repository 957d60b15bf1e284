"""The tables every source must land, defined once.

Six raw tables describe the tickets, six reference tables describe how the desk is set up, two hold
the figures the desk worked out itself, and two more say where the landing came from. Columns,
types, keys and allowed values are declared here and nowhere else: sources build against these
schemas, landing validates against them, and the asset graph shows them.

All times are UTC, durations carry their unit in the name, money is in US dollars. A source that
has no such fact leaves a nullable column empty.
"""

from collections.abc import Mapping
from typing import Final

import dataframely as dy
import polars as pl

from control_tower.columns import (
    flag,
    identifier,
    moment,
    one_of,
    polars_schema_of,
    share,
    text,
)

__all__ = [
    "ACTIVITIES",
    "ACTORS",
    "DESK_CLOCKS",
    "DESK_EVENT_TYPES",
    "DESK_METRICS",
    "FOREIGN_KEYS",
    "METRICS",
    "PRIORITIES",
    "RAW_TABLES",
    "REFERENCE_TABLES",
    "STATUSES",
    "polars_schema",
]

PRIORITIES: Final = ("urgent", "high", "normal", "low")
STATUSES: Final = ("new", "open", "pending", "hold", "solved", "closed")
ACTORS: Final = ("agent", "customer", "system")
METRICS: Final = (
    "first_reply_time",
    "next_reply_time",
    "periodic_update_time",
    "requester_wait_time",
    "agent_work_time",
    "total_resolution_time",
    "group_ownership_time",
)
ACTIVITIES: Final = (
    "created",
    "assigned",
    "replied",
    "customer_replied",
    "put_on_hold",
    "escalated",
    "priority_changed",
    "solved",
    "reopened",
    "closed",
)
"""The activities of the built-in team; an event log keeps its own names."""
DESK_METRICS: Final = (
    "reply_time",
    "first_resolution_time",
    "full_resolution_time",
    "agent_wait_time",
    "requester_wait_time",
    "on_hold_time",
    "replies",
    "reopens",
)
"""What a desk sums up of a ticket; the last two are counts, the others durations."""
DESK_CLOCKS: Final = (
    "agent_work_time",
    "group_ownership_time",
    "pausable_update_time",
    "periodic_update_time",
    "reply_time",
    "requester_wait_time",
    "resolution_time",
)
"""The desk's own names of its SLA clocks; the reply after the first is an instance above 1."""
DESK_EVENT_TYPES: Final = (
    "measure",
    "activate",
    "pause",
    "fulfill",
    "apply_sla",
    "breach",
    "update_status",
)


class Agents(dy.Schema):
    """One row per agent who can own a ticket."""

    agent_id = identifier("Agent's key", key=True)
    agent_name = text("Name shown in reports")
    group_name = text("Group the agent belongs to", nullable=True)
    time_zone = text("IANA zone the agent works in", nullable=True)
    fte = dy.Float64(nullable=True, min=0, description="Contracted share of a full-time post")
    hourly_cost_usd = dy.Float64(nullable=True, min=0, description="Loaded cost of an hour, USD")


class SlaPolicies(dy.Schema):
    """One row per policy, metric and priority: the target a matching ticket gets."""

    policy_id = identifier("Policy's key", key=True)
    policy_name = text("Policy's name")
    position = dy.Int64(min=1, description="Order in which policies are tried, first match wins")
    metric = one_of(METRICS, "SLA metric the target is for", key=True)
    priority = one_of(PRIORITIES, "Priority the target is for", key=True)
    ticket_type = text("Ticket type the policy is limited to", nullable=True)
    customer_tier = text("Customer tier the policy is limited to", nullable=True)
    target_minutes = dy.Float64(min_exclusive=0, description="Target, minutes")
    is_business_hours = flag("Whether the clock runs in opening hours only")


class Tickets(dy.Schema):
    """One row per ticket, as it stands at the tower's clock."""

    ticket_id = identifier("Ticket's key", key=True)
    external_id = text("Ticket's name at the desk, where that is not the key", nullable=True)
    created_at = moment("When the ticket was created")
    ticket_type = text("Kind of request, such as question or incident", nullable=True)
    priority = one_of(PRIORITIES, "Priority now", nullable=True)
    channel = text("Channel the ticket came in by", nullable=True)
    customer_tier = text("Contract tier of the customer", nullable=True)
    group_name = text("Group that holds the ticket now", nullable=True)
    assignee_id = identifier("Agent who holds the ticket now", nullable=True)
    status = one_of(STATUSES, "Status now")
    solved_at = moment("Last time the ticket was solved; null while it is not", nullable=True)
    closed_at = moment("When the ticket was closed for good", nullable=True)
    is_deleted = flag("Whether the ticket was deleted")
    merged_into_ticket_id = identifier("Ticket this one was merged into", nullable=True)
    churned_within_90_days = flag(
        "Whether the customer left within 90 days; null if not known", nullable=True
    )

    @dy.rule()
    def solved_at_not_before_created_at(cls) -> pl.Expr:
        """A ticket cannot be solved before it is created."""
        return pl.col("solved_at") >= pl.col("created_at")

    @dy.rule()
    def closed_at_not_before_created_at(cls) -> pl.Expr:
        """A ticket cannot be closed before it is created."""
        return pl.col("closed_at") >= pl.col("created_at")

    @dy.rule()
    def closed_status_has_closed_at(cls) -> pl.Expr:
        """A closed ticket has a close time."""
        return (pl.col("status") != "closed") | pl.col("closed_at").is_not_null()

    @dy.rule()
    def solved_status_has_solved_at(cls) -> pl.Expr:
        """A solved ticket has a solve time."""
        return (pl.col("status") != "solved") | pl.col("solved_at").is_not_null()


class TicketEvents(dy.Schema):
    """One row per event in a ticket's life; order within a ticket is (occurred_at, event_id)."""

    event_id = identifier("Event's key", key=True)
    ticket_id = identifier("Ticket the event belongs to")
    occurred_at = moment("When it happened")
    activity = text("What happened")
    status = one_of(STATUSES, "Ticket's status after the event")
    priority = one_of(PRIORITIES, "Ticket's priority after the event", nullable=True)
    group_name = text("Group that holds the ticket after the event", nullable=True)
    agent_id = identifier("Agent who did it, or to whom the ticket went", nullable=True)
    actor = one_of(ACTORS, "Who caused the event")
    is_public = flag("Whether the customer could see it")


class TicketCosts(dy.Schema):
    """One row per ticket and group that worked on it."""

    ticket_id = identifier("Ticket the effort went into", key=True)
    group_name = text("Group whose agents did the work", key=True)
    handle_minutes = dy.Float64(min=0, description="Hands-on time, minutes")
    cost_usd = dy.Float64(min=0, nullable=True, description="What that time cost, USD")


class SatisfactionRatings(dy.Schema):
    """One row per rating a customer gave."""

    rating_id = identifier("Rating's key", key=True)
    ticket_id = identifier("Ticket that was rated")
    score = dy.Int64(min=1, max=5, description="Satisfaction, 1 (worst) to 5 (best)")
    rated_at = moment("When the rating was given")


class Schedules(dy.Schema):
    """One row per schedule and weekly opening interval, in the schedule's own zone."""

    schedule_id = identifier("Schedule's key", key=True)
    schedule_name = text("Schedule's name")
    time_zone = text("IANA zone the hours are in")
    weekday = dy.Int64(primary_key=True, min=0, max=6, description="Weekday, 0 is Monday")
    opens = dy.Int64(primary_key=True, min=0, max=1439, description="Opening, minute of the day")
    closes = dy.Int64(min=1, max=1440, description="Closing, minute of the day")
    is_default = flag("Whether tickets without a schedule of their own use it")
    edited_at = moment("When the schedule was last edited, if the desk tells", nullable=True)

    @dy.rule()
    def closes_after_opens(cls) -> pl.Expr:
        """Hours end after they begin; split an interval that crosses midnight."""
        return pl.col("closes") > pl.col("opens")


class Holidays(dy.Schema):
    """One row per schedule and day on which it stays closed."""

    schedule_id = identifier("Schedule the holiday belongs to", key=True)
    holiday_date = dy.Date(primary_key=True, description="Local date without opening hours")


class TicketSchedules(dy.Schema):
    """One row per change of a ticket's schedule; tickets on the default have none."""

    ticket_id = identifier("Ticket the schedule is for", key=True)
    schedule_id = identifier("Schedule from then on")
    effective_from = moment("When it took effect", key=True)


class SlaApplications(dy.Schema):
    """One row per ticket and metric: what the desk says it applied, or says came of it."""

    ticket_id = identifier("Ticket the target is for", key=True)
    metric = one_of(METRICS, "SLA metric the target is for", key=True)
    policy_id = identifier("Policy's key, where the desk names one", nullable=True)
    policy_name = text("Policy's name")
    target_minutes = dy.Float64(
        min_exclusive=0, nullable=True, description="Target, minutes; null if the desk kept none"
    )
    is_business_hours = flag("Whether the clock runs in opening hours only")
    applied_at = moment("When it was applied", key=True)
    is_met = flag("Whether the desk says the target was met; null if it does not", nullable=True)

    @dy.rule()
    def target_or_outcome_is_known(cls) -> pl.Expr:
        """The desk gives a target, an outcome, or both."""
        return pl.col("target_minutes").is_not_null() | pl.col("is_met").is_not_null()


class OpenIntervals(dy.Schema):
    """One row per schedule and stretch of opening hours, on the UTC time line."""

    schedule_id = identifier("Schedule the hours belong to", key=True)
    opens_at = moment("When the desk opens", key=True)
    closes_at = moment("When the desk closes")
    open_minutes_before = dy.Float64(
        min=0, description="Open minutes of this schedule before opens_at"
    )

    @dy.rule()
    def closes_at_after_opens_at(cls) -> pl.Expr:
        """Opening hours end after they begin."""
        return pl.col("closes_at") > pl.col("opens_at")


class DeskTicketMetrics(dy.Schema):
    """One row per ticket and metric: the figure the desk itself worked out, rounded as it does."""

    ticket_id = identifier("Ticket the figure is of", key=True)
    metric = one_of(DESK_METRICS, "Metric, by the desk's own name", key=True)
    calendar_minutes = dy.Float64(
        nullable=True, min=0, description="Duration by the calendar, minutes; null for counts"
    )
    business_minutes = dy.Float64(
        nullable=True, min=0, description="Duration in opening hours, minutes; null for counts"
    )
    occurrences = dy.Int64(nullable=True, min=0, description="How often; null for durations")

    @dy.rule()
    def some_figure_is_known(cls) -> pl.Expr:
        """The desk gives a duration or a count."""
        return (
            pl.col("calendar_minutes").is_not_null()
            | pl.col("business_minutes").is_not_null()
            | pl.col("occurrences").is_not_null()
        )


class DeskMetricEvents(dy.Schema):
    """One row per event of one of the desk's own SLA clocks."""

    event_id = identifier("Event's key", key=True)
    ticket_id = identifier("Ticket the clock belongs to")
    metric = one_of(DESK_CLOCKS, "Clock, by the desk's own name")
    instance = dy.Int64(min=0, description="Which run of the clock, from 1; 0 for measure events")
    event_type = one_of(DESK_EVENT_TYPES, "What happened to the clock")
    occurred_at = moment("When it happened")
    policy_id = identifier("Policy's key, of apply_sla", nullable=True)
    policy_name = text("Policy's name, of apply_sla", nullable=True)
    target_minutes = dy.Float64(
        min_exclusive=0, nullable=True, description="Target, minutes, of apply_sla"
    )
    is_business_hours = flag("Whether the target counts opening hours only", nullable=True)
    calendar_minutes = dy.Float64(
        min=0, nullable=True, description="Time on the clock by the calendar, of update_status"
    )
    business_minutes = dy.Float64(
        min=0, nullable=True, description="Time on the clock in opening hours, of update_status"
    )


class GroupCapacity(dy.Schema):
    """One row per group whose staffing the source knows; none where it does not say."""

    group_name = text("Group's name", key=True)
    fte = dy.Float64(nullable=False, min=0, description="Full-time posts in the group")
    productive_hours_per_day = dy.Float64(
        nullable=False, min=0, max=24, description="Hours of a full-time day that go into tickets"
    )
    shrinkage = share("Share of working days lost to leave, sickness and training, 0 to 1")
    target_occupancy = share("Share of productive hours to plan for, 0 to 1")


class LandingRecord(dy.Schema):
    """One row: which source landed, from what, and the tower's clock."""

    landing_id = text("Fingerprint of the source, its input and its settings", key=True)
    source = text("Source that landed the tables")
    described_as = text("The source in words, for readers")
    as_of = moment("The tower's clock: now, for open tickets, backlog and risk")


class Repairs(dy.Schema):
    """One row per rule that changed or refused rows while landing."""

    rule = text("Name of the rule", key=True)
    treatment = one_of(("repaired", "refused", "noted"), "What became of the rows")
    rows = dy.Int64(min=0, description="How many rows the rule touched")
    explanation = text("The rule in one sentence")
    example = dy.String(nullable=True, description="One row it touched, in words")


RAW_TABLES: Final[Mapping[str, type[dy.Schema]]] = {
    "agents": Agents,
    "sla_policies": SlaPolicies,
    "tickets": Tickets,
    "ticket_events": TicketEvents,
    "ticket_costs": TicketCosts,
    "satisfaction_ratings": SatisfactionRatings,
}
"""The six tables of `data/raw`, parents before children."""

REFERENCE_TABLES: Final[Mapping[str, type[dy.Schema]]] = {
    "schedules": Schedules,
    "holidays": Holidays,
    "ticket_schedules": TicketSchedules,
    "sla_applications": SlaApplications,
    "open_intervals": OpenIntervals,
    "desk_ticket_metrics": DeskTicketMetrics,
    "desk_metric_events": DeskMetricEvents,
    "group_capacity": GroupCapacity,
    "landing": LandingRecord,
    "repairs": Repairs,
}
"""The tables of `data/reference`."""

FOREIGN_KEYS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("tickets", "assignee_id", "agents", "agent_id"),
    ("ticket_events", "ticket_id", "tickets", "ticket_id"),
    ("ticket_events", "agent_id", "agents", "agent_id"),
    ("ticket_costs", "ticket_id", "tickets", "ticket_id"),
    ("satisfaction_ratings", "ticket_id", "tickets", "ticket_id"),
    ("holidays", "schedule_id", "schedules", "schedule_id"),
    ("ticket_schedules", "ticket_id", "tickets", "ticket_id"),
    ("ticket_schedules", "schedule_id", "schedules", "schedule_id"),
    ("sla_applications", "ticket_id", "tickets", "ticket_id"),
    ("desk_ticket_metrics", "ticket_id", "tickets", "ticket_id"),
    ("desk_metric_events", "ticket_id", "tickets", "ticket_id"),
)
"""Child table, child column, parent table, parent column."""


def polars_schema(table: str) -> pl.Schema:
    """Return the column names and Polars types of a raw or reference table.

    Raises:
        KeyError: If the contract has no such table.
    """
    return polars_schema_of({**RAW_TABLES, **REFERENCE_TABLES}[table])
