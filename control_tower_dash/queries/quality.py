"""How well the work was done: what came back, what was passed on, who left."""

from typing import Final

import polars as pl

from control_tower.recommendations.statistics import wilson_interval, z_score
from control_tower_dash.filters import DIMENSIONS, Dimension, Filters
from control_tower_dash.queries.drill import BEHIND, with_tickets_behind
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = [
    "ESCALATION_PATH",
    "churn_by_tier",
    "escalations_by_group",
    "reopens_by_group",
    "with_wilson",
]

ESCALATION_PATH: Final = ("Tier 1 Support", "Tier 2 Specialists", "Engineering")
"""The line of escalation, as the marts have it in the macro escalation_level."""

MOST_GROUPS: Final = 15
_NOT_GROUP: Final[tuple[Dimension, ...]] = tuple(name for name in DIMENSIONS if name != "group")


def with_wilson(frame: pl.DataFrame) -> pl.DataFrame:
    """Add rate, lower and upper, Wilson's 95 % interval, to columns tickets and happened."""
    found = [
        wilson_interval(happened, tickets, z_score())
        for tickets, happened in frame.select("tickets", "happened").iter_rows()
    ]
    return frame.with_columns(
        pl.Series("rate", [one.estimate for one in found], pl.Float64),
        pl.Series("lower", [one.lower for one in found], pl.Float64),
        pl.Series("upper", [one.upper for one in found], pl.Float64),
    )


def reopens_by_group(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how many of the tickets solved in the period came back, by the group that has them.

    Returns:
        group_name, tickets (solved), happened (reopened at least once), rate, lower, upper
        (Wilson's 95 % interval), desk_rate, groups (how many there are, on each row),
        tickets_behind; the fifteen groups with most tickets, highest rate first.
    """
    period = asked_for(reader, filters)
    chosen = filters.where("outcomes")
    frame = reader.query(
        f"""
        select
            group_name,
            count(*) as tickets,
            count(*) filter (where reopens > 0) as happened
        from marts.ticket_outcomes as outcomes
        where not is_deleted and solved_at >= ? and solved_at < ? and {chosen.sql}
        group by group_name
        """,  # noqa: S608
        [period.begins, period.ends, *chosen.parameters],
    )
    return with_tickets_behind(
        _ranked(frame, int(frame["happened"].sum()), int(frame["tickets"].sum())),
        {"group_name": "group"},
        counted="happened",
        show="reopened",
        by="solved",
    )


def escalations_by_group(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how many of the tickets a group held it escalated onward.

    Of tickets solved in the period; a ticket counts with every group that ever held it, and the
    group filter is about those groups.

    Returns:
        group_name, tickets (held by it, solved in the period), happened (escalated by it), rate,
        lower, upper (Wilson's 95 % interval), desk_rate (share of tickets escalated by any), groups
        (how many there are, on each row), tickets_behind (null where the tickets page cannot tell
        them from those escalated by another); the fifteen groups with most tickets, highest rate
        first.
    """
    period = asked_for(reader, filters)
    ticket = filters.where("outcomes", _NOT_GROUP)
    holder = filters.where("held", ("group",))
    path = list(ESCALATION_PATH)
    frame = reader.query(
        f"""
        with solved as (
            select ticket_id, escalations
            from marts.ticket_outcomes as outcomes
            where not is_deleted and solved_at >= ? and solved_at < ? and {ticket.sql}
        ),
        held as (
            select distinct
                states.ticket_id,
                states.group_name,
                solved.escalations > 0 as is_escalated
            from intermediate.int_ticket_states as states
            inner join solved on states.ticket_id = solved.ticket_id
            where states.group_name is not null
        ),
        passed_on as (
            select distinct states.ticket_id, states.previous_group_name as group_name
            from intermediate.int_ticket_states as states
            inner join solved on states.ticket_id = solved.ticket_id
            where
                states.event_id is not null
                and states.previous_event_id is not null
                and (
                    lower(states.activity) = 'escalated'
                    or list_position(?, states.group_name)
                    > list_position(?, states.previous_group_name)
                )
        )
        select
            held.group_name,
            count(*) as tickets,
            count(passed_on.ticket_id) as happened,
            count(*) filter (where held.is_escalated) as escalated_by_any,
            (select count(*) from solved) as solved,
            (select count(*) from solved where escalations > 0) as escalated
        from held
        left join passed_on
            on held.ticket_id = passed_on.ticket_id and held.group_name = passed_on.group_name
        where {holder.sql}
        group by held.group_name
        """,  # noqa: S608
        [period.begins, period.ends, *ticket.parameters, path, path, *holder.parameters],
    )
    frame = frame.filter(pl.col("escalated") > 0)
    solved, escalated = frame.select(pl.max("solved", "escalated")).row(0)
    ranked = _ranked(frame, escalated or 0, solved or 0)
    # A group may have held what another one holds now, so the filter by group is taken away.
    linked = with_tickets_behind(
        ranked,
        {"group_name": "through"},
        counted="happened",
        show="escalated",
        by="solved",
        group="",
    )
    is_exact = pl.col("happened") == pl.col("escalated_by_any")
    return linked.with_columns(pl.when(is_exact).then(BEHIND).alias(BEHIND)).drop(
        "escalated_by_any", "solved", "escalated"
    )


def _ranked(frame: pl.DataFrame, happened: int, tickets: int) -> pl.DataFrame:
    """Keep the largest groups, with their intervals and the desk's own rate beside them."""
    return (
        with_wilson(frame)
        .with_columns(
            desk_rate=pl.lit(happened / tickets if tickets else None, pl.Float64),
            groups=pl.lit(frame.height, pl.Int64),
        )
        .sort("tickets", "group_name", descending=[True, False])
        .head(MOST_GROUPS)
        .sort("rate", "group_name", descending=[True, False])
    )


def churn_by_tier(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how many tickets were followed by their customer leaving, by tier.

    Tickets of all time whose ninety days are over: the last period never has any. A customer with
    several tickets counts with each.

    Returns:
        customer_tier, after (All tickets, Missed an SLA target, Kept every SLA target), tickets
        (after which it is known), happened (left within ninety days), rate, lower, upper (Wilson's
        95 % interval), tickets_behind; by tier, all its tickets first.
    """
    chosen = filters.where("outcomes")
    frame = reader.query(
        f"""
        with known as (
            select
                coalesce(customer_tier, 'no tier known') as customer_tier,
                customer_tier as tier,
                churned_within_90_days as has_left,
                is_breached
            from marts.ticket_outcomes as outcomes
            where not is_deleted and churned_within_90_days is not null and {chosen.sql}
        )
        select
            customer_tier,
            any_value(tier) as tier,
            case
                when grouping(is_breached) = 1 then 'All tickets'
                when is_breached then 'Missed an SLA target'
                else 'Kept every SLA target'
            end as after,
            count(*) as tickets,
            count(*) filter (where has_left) as happened
        from known
        group by grouping sets ((customer_tier), (customer_tier, is_breached))
        having grouping(is_breached) = 1 or is_breached is not null
        order by customer_tier, after
        """,  # noqa: S608
        [*chosen.parameters],
    )
    linked = with_tickets_behind(
        with_wilson(frame),
        {"tier": "tier"},
        counted="happened",
        show="churned",
        by="created",
        period="all",
    )
    is_exact = (pl.col("after") == "All tickets") & pl.col("tier").is_not_null()
    return linked.with_columns(pl.when(is_exact).then(BEHIND).alias(BEHIND)).drop("tier")
