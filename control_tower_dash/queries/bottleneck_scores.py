"""How much each group holds tickets up, for any filters, as process mining defines it."""

from dataclasses import replace
from typing import Final

import polars as pl

from control_tower.process_mining.bottlenecks import bottlenecks
from control_tower.process_mining.event_log import event_log_of
from control_tower.process_mining.stays import stays_of
from control_tower_dash.filters import Dimension, Filters, Predicate
from control_tower_dash.kept import kept_by_filters
from control_tower_dash.queries.drill import with_tickets_behind
from control_tower_dash.queries.event_logs import clock_of, costs_of, events_of
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = ["bottleneck_scores", "scored_groups"]

_OF_TICKETS: Final[tuple[Dimension, ...]] = ("priority", "type", "channel", "tier")


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
    the other filters choose tickets. Deleted tickets are left out, as on every page; without any,
    this equals `process_mining.bottlenecks` over all time.

    Returns:
        group_name, tickets, visits, median_hours_in_group, median_business_hours_in_group,
        total_hours_in_group, median_hours_at_rest, working_share, waiting_share, breach_rate,
        bottleneck_score, rank; highest score first, groups without one at the end.
    """
    asked = replace(filters, group=(), options=())
    scores = _of_all_groups(reader, asked)
    if not filters.group:
        return scores
    return scores.filter(pl.col("group_name").is_in(list(filters.group)))


@kept_by_filters
def _of_all_groups(reader: Reader, filters: Filters) -> pl.DataFrame:
    period, dimensions = asked_for(reader, filters), filters.where("outcomes", _OF_TICKETS)
    chosen = Predicate(
        "not outcomes.is_deleted and outcomes.created_at >= ? and outcomes.created_at < ? "
        f"and {dimensions.sql}",
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
    log = event_log_of(events_of(reader, chosen), tickets, reader.as_of)
    stays = stays_of(log, clock_of(reader, log))
    return bottlenecks(log, stays, costs_of(reader, chosen))
