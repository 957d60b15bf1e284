"""Events in order made into the tables of the landing contract."""

from datetime import datetime, timedelta

import polars as pl

from control_tower.raw.contract import polars_schema
from control_tower.raw.event_log.mapping import Amount, EventLogMapping, Sla
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.event_log.schedule_mapping import WEEKDAYS, Schedule, minutes_of_day
from control_tower.raw.event_log.states import SETTLED
from control_tower.raw.landing import empty_table

__all__ = ["build_tables"]

_SCHEDULE_ID = 1
_DAYS_AHEAD = 731
"""Opening hours are laid out up to two years past the clock; holidays reach as far."""


def build_tables(
    events: pl.DataFrame, mapping: EventLogMapping, as_of: datetime, repairs: RepairLog
) -> dict[str, pl.DataFrame]:
    """Return the contract's tables.

    Args:
        events: Events in order of time with the ticket's state after each.
        mapping: Targets, schedule and what else is not in the events.
        as_of: The tower's clock.
        repairs: Where mended creation times are counted.

    Returns:
        agents, sla_policies, tickets, ticket_events, ticket_costs, satisfaction_ratings,
        schedules, holidays and sla_applications, by name.
    """
    events = _with_keys(events)
    tickets = _tickets(events, mapping, as_of, repairs)
    return {
        name: _in_contract(name, frame)
        for name, frame in {
            "agents": _agents(events),
            "sla_policies": _sla_policies(mapping.sla),
            "tickets": tickets,
            "ticket_events": events,
            "ticket_costs": _ticket_costs(events, mapping),
            "satisfaction_ratings": _satisfaction_ratings(events),
            "schedules": _schedules(mapping.schedule),
            "holidays": _holidays(mapping.schedule, events["occurred_at"][0], as_of),
            "sla_applications": _sla_applications(events, tickets, mapping.sla),
        }.items()
    }


def _in_contract(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    if frame.width == 0:
        return empty_table(table)
    schema = polars_schema(table)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )


def _with_keys(events: pl.DataFrame) -> pl.DataFrame:
    def numbered(column: str, key: str) -> pl.DataFrame:
        # Keys follow the order of first appearance, so that a log that has grown keeps them.
        names = events.select(pl.col(column).drop_nulls()).unique(maintain_order=True)
        return names.with_row_index(key, offset=1).with_columns(pl.col(key).cast(pl.Int64))

    return (
        events.join(numbered("case", "ticket_id"), on="case", maintain_order="left")
        .join(numbered("resource", "agent_id"), on="resource", how="left", maintain_order="left")
        .with_row_index("event_id", offset=1)
        .rename({"moment": "occurred_at", "group": "group_name"})
    )


def _agents(events: pl.DataFrame) -> pl.DataFrame:
    """Return one row per agent, in the group most of their events were in."""
    theirs = events.filter(pl.col("agent_id").is_not_null())
    groups = (
        theirs.filter(pl.col("group_name").is_not_null())
        .group_by("agent_id", "group_name")
        .len()
        .sort(["agent_id", "len", "group_name"], descending=[False, True, False])
        .unique("agent_id", keep="first", maintain_order=True)
        .select("agent_id", "group_name")
    )
    return (
        theirs.select("agent_id", agent_name="resource")
        .unique(maintain_order=True)
        .join(groups, on="agent_id", how="left", maintain_order="left")
        .sort("agent_id")
    )


def _tickets(
    events: pl.DataFrame, mapping: EventLogMapping, as_of: datetime, repairs: RepairLog
) -> pl.DataFrame:
    is_settled = pl.col("status").is_in(SETTLED)
    is_closed = pl.col("status") == "closed"

    def began(state: pl.Expr) -> pl.Expr:
        """The moment the unbroken run of a state at the end of the case began."""
        after_last_other = pl.col("occurred_at").filter(
            state & (pl.int_range(pl.len()) > pl.arg_where(~state).max().fill_null(-1))
        )
        return after_last_other.first()

    tickets = events.group_by("ticket_id", maintain_order=True).agg(
        pl.col("case").first().alias("external_id"),
        pl.col("occurred_at").first().alias("first_event_at"),
        pl.col("created").min().alias("stated_at"),
        pl.col("ticket_type", "priority", "channel", "customer_tier", "group_name").last(),
        pl.col("agent_id").filter(~is_closed).drop_nulls().last().alias("assignee_before_closing"),
        pl.col("agent_id").drop_nulls().last().alias("last_agent"),
        pl.col("status").last(),
        began(is_settled).alias("solved_at"),
        began(is_closed).alias("closed_at"),
    )
    mended = tickets.filter(pl.col("stated_at") > pl.col("first_event_at"))
    repairs.add(
        "created_after_first_event",
        "repaired",
        mended.height,
        "A ticket exists from its first event on, whatever creation time the log states; what is "
        "counted is tickets.",
        None
        if mended.is_empty()
        else "case {}: created {:%Y-%m-%d %H:%M}, first event {:%Y-%m-%d %H:%M}".format(
            *mended.select("external_id", "stated_at", "first_event_at").row(0)
        ),
    )
    tickets = tickets.with_columns(
        created_at=pl.min_horizontal("stated_at", "first_event_at"),
        # Closing is administration: who worked on the ticket last is who solved it.
        assignee_id=pl.coalesce("assignee_before_closing", "last_agent"),
        is_deleted=pl.lit(value=False),
    )
    if mapping.close_after_days is None:
        return tickets
    closes_at = pl.col("solved_at") + timedelta(days=mapping.close_after_days)
    is_due = (pl.col("status") == "solved") & (closes_at <= as_of)
    return tickets.with_columns(
        status=pl.when(is_due).then(pl.lit("closed")).otherwise("status"),
        closed_at=pl.when(is_due).then(closes_at).otherwise("closed_at"),
    )


def _ticket_costs(events: pl.DataFrame, mapping: EventLogMapping) -> pl.DataFrame:
    if mapping.handle_minutes is None:
        return pl.DataFrame()
    keys = ["ticket_id", "group_name"]
    worked = events.filter(
        pl.col("group_name").is_not_null() & pl.col("handle_minutes").is_not_null()
    )

    def total(column: str, amount: Amount | None) -> pl.Expr:
        if amount is None:
            return pl.lit(None, dtype=pl.Float64).alias(column)
        if amount.per == "event":
            known = pl.col(column).is_not_null().any()
            return pl.when(known).then(pl.col(column).sum()).alias(column)
        return pl.col(column).drop_nulls().last().alias(column)

    if mapping.handle_minutes.per == "case":
        # A case's total cannot be told apart by group, so the last one to hold it has it all.
        worked = worked.unique("ticket_id", keep="last", maintain_order=True)
    return worked.group_by(keys, maintain_order=True).agg(
        total("handle_minutes", mapping.handle_minutes), total("cost_usd", mapping.cost_usd)
    )


def _satisfaction_ratings(events: pl.DataFrame) -> pl.DataFrame:
    """Return each ticket's last score, dated when it first stood in the log."""
    scored = events.filter(pl.col("satisfaction").is_not_null())
    return (
        scored.group_by("ticket_id", maintain_order=True)
        .agg(
            pl.col("satisfaction").last().alias("score"),
            pl.col("occurred_at")
            .filter(pl.col("satisfaction") == pl.col("satisfaction").last())
            .first()
            .alias("rated_at"),
        )
        .with_row_index("rating_id", offset=1)
    )


def _sla_policies(sla: Sla | None) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "policy_id": 1,
                "policy_name": sla.policy_name,
                "position": 1,
                "metric": target.metric,
                "priority": priority,
                "target_minutes": minutes,
                "is_business_hours": target.business_hours,
            }
            for target in sla.targets
            for priority, minutes in target.minutes.items()
        ]
        if sla is not None
        else []
    )


def _sla_applications(events: pl.DataFrame, tickets: pl.DataFrame, sla: Sla | None) -> pl.DataFrame:
    """Return what came of each ticket's target, once it is decided.

    A target that has not been missed yet is only decided when the ticket is settled.
    """
    if sla is None or sla.outcome is None:
        return pl.DataFrame()
    said = events.group_by("ticket_id", maintain_order=True).agg(
        pl.col("sla_met").drop_nulls().last().alias("is_met")
    )
    return (
        tickets.select("ticket_id", "status", applied_at="created_at")
        .join(said, on="ticket_id", maintain_order="left")
        .filter((pl.col("is_met") & pl.col("status").is_in(SETTLED)) | ~pl.col("is_met"))
        .with_columns(
            metric=pl.lit(sla.outcome.metric),
            policy_name=pl.lit(sla.policy_name),
            is_business_hours=pl.lit(value=False),
        )
    )


def _schedules(schedule: Schedule | None) -> pl.DataFrame:
    if schedule is None:
        return pl.DataFrame()
    spans = [
        (WEEKDAYS.index(day), *minutes_of_day(hours))
        for day, intervals in schedule.hours.items()
        for hours in intervals
    ]
    return pl.DataFrame(
        [
            {
                "schedule_id": _SCHEDULE_ID,
                "schedule_name": schedule.name,
                "time_zone": schedule.zone,
                "weekday": weekday,
                "opens": opens,
                "closes": closes,
                "is_default": True,
                "edited_at": None,
            }
            for weekday, opens, closes in sorted(spans)
        ],
        schema=polars_schema("schedules"),
    )


def _holidays(schedule: Schedule | None, first: datetime, as_of: datetime) -> pl.DataFrame:
    if schedule is None:
        return pl.DataFrame()
    # A ticket may have been created in the year before the first event.
    last = as_of + timedelta(days=_DAYS_AHEAD)
    return pl.DataFrame(
        [
            {"schedule_id": _SCHEDULE_ID, "holiday_date": day}
            for day in schedule.holidays.days(first.year - 1, last.year)
        ]
    )
