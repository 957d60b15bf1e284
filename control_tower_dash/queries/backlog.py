"""Tickets open at the end of a period, and how old they were then."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from control_tower_dash.filters import Filters, Period, Predicate
from control_tower_dash.queries.drill import with_tickets_behind
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = ["AGES", "Age", "backlog_by_age", "open_at_end"]


@dataclass(frozen=True)
class Age:
    """A class of ages: its name in URLs, what people call it, and its bounds in hours."""

    name: str
    label: str
    from_hours: float
    below_hours: float


AGES: Final = (
    Age("under-4h", "under 4 h", 0, 4),
    Age("4h-1d", "4 to 24 h", 4, 24),
    Age("1d-3d", "1 to 3 days", 24, 72),
    Age("3d-7d", "3 to 7 days", 72, 168),
    Age("1w-4w", "1 to 4 weeks", 168, 672),
    Age("over-4w", "over 4 weeks", 672, float("inf")),
)
"""Classes of ages, the youngest first; each holds its lower bound and not its upper one."""


def open_at_end(reader: Reader, filters: Filters, period: Period) -> Predicate:
    """Return a select of the tickets neither solved nor closed at the end of a period.

    Its columns are ticket_id, group_name (or Unassigned), priority and age_hours. Group and
    priority are those a ticket had at that moment; the age counts up to the tower's clock at most.
    """
    state = filters.where("open_states", ("group", "priority"))
    ticket = filters.where("tickets", ("type", "channel", "tier"))
    sql = f"""
        select
            open_states.ticket_id,
            open_states.group_name,
            open_states.priority,
            (epoch_us(least(?, ?)) - epoch_us(tickets.created_at)) / 3600000000.0 as age_hours
        from (
            select ticket_id, coalesce(group_name, 'Unassigned') as group_name, priority
            from intermediate.int_ticket_states
            where
                status not in ('solved', 'closed')
                and began_at < ?
                and (next_began_at is null or next_began_at >= ?)
        ) as open_states
        inner join staging.stg_tickets as tickets on open_states.ticket_id = tickets.ticket_id
        where not tickets.is_deleted and {state.sql} and {ticket.sql}
    """  # noqa: S608
    return Predicate(
        sql,
        (
            *(period.ends, reader.as_of, period.ends, period.ends),
            *(*state.parameters, *ticket.parameters),
        ),
    )


def backlog_by_age(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the open tickets at the period's end by group and age.

    Returns:
        group_name, age (as people call it), tickets, tickets_behind; a row for every group with
        open tickets and every age, groups by name, youngest first; no rows if nothing is open.
    """
    found = open_at_end(reader, filters, asked_for(reader, filters))
    open_tickets = reader.query(found.sql, found.parameters)
    bounds = pl.Series([age.from_hours for age in AGES[1:]], dtype=pl.Float64)
    counted = (
        open_tickets.with_columns(
            place=bounds.search_sorted(open_tickets["age_hours"], side="right").cast(pl.Int64)
        )
        .group_by("group_name", "place")
        .agg(tickets=pl.len().cast(pl.Int64))
    )
    ages = pl.DataFrame(
        {
            "place": range(len(AGES)),
            "name": [age.name for age in AGES],
            "age": [age.label for age in AGES],
        }
    )
    frame = (
        counted.select("group_name")
        .unique()
        .join(ages, how="cross")
        .join(counted, on=["group_name", "place"], how="left")
        .with_columns(pl.col("tickets").fill_null(0))
        .sort("group_name", "place")
    )
    return with_tickets_behind(
        frame.select("group_name", "age", "tickets", "name"),
        {"group_name": "group", "name": "age"},
        counted="tickets",
        by="open",
    ).drop("name")
