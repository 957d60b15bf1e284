"""The tickets behind a figure, one by one."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from control_tower_dash.filters import Filters
from control_tower_dash.queries.ticket_choice import choice_of
from control_tower_dash.warehouse import Reader

__all__ = ["SORT", "found_tickets", "tickets"]

SORT: Final[Mapping[str, tuple[str, str]]] = {
    "newest": ("Newest first", "created_at desc"),
    "oldest": ("Oldest first", "created_at"),
    "slowest": ("Longest cycle time first", "cycle_hours desc nulls last"),
    "costliest": ("Highest cost first", "cost_usd desc nulls last"),
}
"""Orders of the list, by their name in the URL: label, and columns."""


def tickets(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return all tickets that the filters and the page's options mean, in the order chosen.

    Returns:
        ticket_id, created_at, group_name, priority, ticket_type, channel, customer_tier, status,
        cycle_hours, first_reply_minutes, sla_breaches, sla_targets, reopens, escalations,
        csat_score, cost_usd, external_id; one row a ticket.
    """
    where = choice_of(reader, filters).where
    _, order = SORT[filters.choice("sort", tuple(SORT))]
    return reader.query(
        f"""
        select
            ticket_id, created_at, group_name, priority, ticket_type, channel, customer_tier,
            status, cycle_hours, first_reply_minutes, sla_breaches, sla_targets, reopens,
            escalations, csat_score, cost_usd, external_id
        from marts.ticket_outcomes as outcomes
        where {where.sql}
        order by {order}, ticket_id desc
        """,  # noqa: S608
        where.parameters,
    )


def found_tickets(reader: Reader, filters: Filters) -> int:
    """Return how many tickets the filters and the page's options mean."""
    where = choice_of(reader, filters).where
    return int(
        reader.query(
            f"select count(*) from marts.ticket_outcomes as outcomes where {where.sql}",  # noqa: S608
            where.parameters,
        ).item()
    )
