"""The desk day by day, for any filters."""

import polars as pl

from control_tower_dash.filters import Filters
from control_tower_dash.kept import kept_by_filters
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = ["daily", "totals_by_day"]

_COUNTS = ("created", "solved", "costed", "ratings", "score_total", "decided", "met")


@kept_by_filters
def totals_by_day(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return what happened on every day since the first ticket, as the filters narrow it.

    Each figure follows the filters as `marts.daily_totals` counts it: tickets by what they are now,
    targets by what they had, the backlog by what tickets were then.

    Returns:
        day, tickets (created), solved, costed (of these, with a known cost), cost_usd (theirs),
        ratings, score_total, decided (SLA targets), met, backlog (at the end of the day); one row a
        day up to the tower's clock, oldest first; no rows if nothing ever happened.
    """
    chosen = filters.where("totals")
    found = reader.query(
        f"""
        select
            day,
            {", ".join(f"cast(sum({name}) as bigint) as {name}" for name in _COUNTS)},
            sum(cost_usd) as cost_usd,
            cast(sum(backlog_change) as bigint) as backlog_change
        from marts.daily_totals as totals
        where {chosen.sql}
        group by day
        order by day
        """,  # noqa: S608
        chosen.parameters,
    ).rename({"created": "tickets"})
    if found.is_empty():
        return found.rename({"backlog_change": "backlog"})
    last = max(reader.as_of.date(), found["day"][-1])
    days = pl.date_range(found["day"][0], last, "1d", eager=True).alias("day")
    return (
        days.to_frame()
        .join(found, on="day", how="left", maintain_order="left")
        .fill_null(0)
        .with_columns(backlog=pl.col("backlog_change").cum_sum())
        .drop("backlog_change")
    )


@kept_by_filters
def daily(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the desk by day of the period asked for.

    Returns:
        day, tickets (created), solved, decided (SLA targets), met, sla_attainment,
        median_cycle_hours (of tickets solved that day), cost_per_ticket (USD, likewise),
        ratings, csat_mean, backlog (at the end of the day); one row a day, oldest first; no rows
        if there is neither a ticket nor a decided target.
    """
    period = asked_for(reader, filters)
    chosen = filters.where("outcomes")
    medians = reader.query(
        f"""
        select
            -- Faster than through the calendar of a time zone.
            cast(make_timestamp(epoch_us(solved_at)) as date) as day,
            median(cycle_hours) as median_cycle_hours
        from marts.ticket_outcomes as outcomes
        where not is_deleted and solved_at >= ? and solved_at < ? and {chosen.sql}
        group by 1
        """,  # noqa: S608
        [period.begins, period.ends, *chosen.parameters],
    )
    totals = totals_by_day(reader, filters)
    days = pl.DataFrame({"day": pl.date_range(period.first, period.last, "1d", eager=True)})
    frame = (
        days.join(totals.drop("backlog"), on="day", how="left", maintain_order="left")
        # After the last day known waits what waited then; before the first ticket, nothing.
        .join_asof(totals.select("day", "backlog"), on="day", strategy="backward")
        .fill_null(0)
        .join(medians, on="day", how="left", maintain_order="left")
        .select(
            "day",
            "tickets",
            "solved",
            "decided",
            "met",
            _share("met", "decided").alias("sla_attainment"),
            "median_cycle_hours",
            _share("cost_usd", "costed").alias("cost_per_ticket"),
            "ratings",
            _share("score_total", "ratings").alias("csat_mean"),
            "backlog",
        )
    )
    has_any = any(frame.select(pl.sum("tickets", "solved", "decided")).row(0))
    return frame if has_any else frame.clear()


def _share(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))
