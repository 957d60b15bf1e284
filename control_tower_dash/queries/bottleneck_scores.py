"""How much each group holds tickets up, for any filters, as process mining defines it."""

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import Final
from weakref import WeakKeyDictionary

import polars as pl

from control_tower.process_mining.bottlenecks import bottlenecks
from control_tower.process_mining.business_hours import business_clock_of
from control_tower.process_mining.event_log import event_log_of
from control_tower.process_mining.stays import stays_of
from control_tower_dash.filters import Dimension, Filters, Predicate
from control_tower_dash.queries.drill import with_tickets_behind
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = ["bottleneck_scores", "scored_groups"]

_OF_TICKETS: Final[tuple[Dimension, ...]] = ("priority", "type", "channel", "tier")
_KEPT: Final = 16
_LOCK: Final = threading.Lock()
_KNOWN: Final[WeakKeyDictionary[Reader, OrderedDict[Filters, pl.DataFrame]]] = WeakKeyDictionary()


def scored_groups(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the groups asked for that have a score, the bottleneck first.

    Returns:
        As `bottleneck_scores`, with tickets_behind: those the group held.
    """
    scores = bottleneck_scores(reader, filters).filter(pl.col("rank").is_not_null())
    # A group may have held what another one holds now, so the filter by group is taken away.
    return with_tickets_behind(scores, {"group_name": "through"}, group="")


def bottleneck_scores(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return process mining's bottlenecks over the tickets created in the period.

    Scores are relative to the largest of all groups; a filter by group chooses among them, and
    the other filters choose tickets. Deleted and merged tickets count, as they do in
    `process_mining.bottlenecks`, which this equals over all time.

    Returns:
        group_name, tickets, visits, median_hours_in_group, median_business_hours_in_group,
        total_hours_in_group, median_hours_at_rest, working_share, waiting_share, breach_rate,
        bottleneck_score, rank; highest score first, groups without one at the end.
    """
    scores = _of_all_groups(reader, replace(filters, group=(), options=()))
    if not filters.group:
        return scores
    return scores.filter(pl.col("group_name").is_in(list(filters.group)))


def _of_all_groups(reader: Reader, filters: Filters) -> pl.DataFrame:
    with _LOCK:
        known = _KNOWN.setdefault(reader, OrderedDict())
        if filters in known:
            known.move_to_end(filters)
            return known[filters]
    found = _mined(reader, filters)
    with _LOCK:
        known[filters] = found
        while len(known) > _KEPT:
            known.popitem(last=False)
    return found


def _mined(reader: Reader, filters: Filters) -> pl.DataFrame:
    period, dimensions = asked_for(reader, filters), filters.where("outcomes", _OF_TICKETS)
    chosen = Predicate(
        f"outcomes.created_at >= ? and outcomes.created_at < ? and {dimensions.sql}",
        (period.begins, period.ends, *dimensions.parameters),
    )
    tickets = reader.query(
        f"""
        select ticket_id, group_name, status, created_at, solved_at, closed_at, is_breached
        from marts.ticket_outcomes as outcomes
        where {chosen.sql}
        """,  # noqa: S608
        chosen.parameters,
    )
    events = reader.query(
        f"""
        select
            events.event_id,
            events.ticket_id,
            events.occurred_at,
            events.activity,
            events.status,
            events.group_name
        from staging.stg_ticket_events as events
        inner join marts.ticket_outcomes as outcomes on events.ticket_id = outcomes.ticket_id
        where {chosen.sql}
        """,  # noqa: S608
        chosen.parameters,
    )
    costs = reader.query(
        f"""
        select costs.ticket_id, costs.group_name, costs.handle_minutes
        from staging.stg_ticket_costs as costs
        inner join marts.ticket_outcomes as outcomes on costs.ticket_id = outcomes.ticket_id
        where {chosen.sql}
        """,  # noqa: S608
        chosen.parameters,
    )
    log = event_log_of(events, tickets, reader.as_of)
    clock = business_clock_of(
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
    return bottlenecks(log, stays_of(log, clock), costs)
