"""The event log of chosen tickets, and what belongs to it: opening hours and hands-on time."""

import polars as pl

from control_tower.process_mining.business_hours import BusinessClock, business_clock_of
from control_tower.process_mining.event_log import EventLog
from control_tower_dash.filters import Predicate
from control_tower_dash.warehouse import Reader

__all__ = ["clock_of", "costs_of", "events_of"]


def events_of(reader: Reader, chosen: Predicate) -> pl.DataFrame:
    """Return event_id, ticket_id, occurred_at, activity, status, group_name of chosen tickets.

    Args:
        reader: The snapshot.
        chosen: Condition on marts.ticket_outcomes as outcomes.
    """
    return reader.query(
        f"""
        select
            events.event_id, events.ticket_id, events.occurred_at, events.activity,
            events.status, events.group_name
        from staging.stg_ticket_events as events
        inner join marts.ticket_outcomes as outcomes on events.ticket_id = outcomes.ticket_id
        where {chosen.sql}
        """,  # noqa: S608
        chosen.parameters,
    )


def costs_of(reader: Reader, chosen: Predicate) -> pl.DataFrame:
    """Return ticket_id, group_name, handle_minutes of chosen tickets, as `events_of` takes them."""
    return reader.query(
        f"""
        select costs.ticket_id, costs.group_name, costs.handle_minutes
        from staging.stg_ticket_costs as costs
        inner join marts.ticket_outcomes as outcomes on costs.ticket_id = outcomes.ticket_id
        where {chosen.sql}
        """,  # noqa: S608
        chosen.parameters,
    )


def clock_of(reader: Reader, log: EventLog) -> BusinessClock:
    """Return the opening hours the tickets of a log keep."""
    return business_clock_of(
        log,
        reader.query(
            "select schedule_id, opens_at, closes_at, open_minutes_before "
            "from staging.stg_open_intervals"
        ),
        reader.query("select schedule_id, is_default from staging.stg_schedules"),
        reader.query(
            "select ticket_id, schedule_id, effective_from from staging.stg_ticket_schedules"
        ),
    )
