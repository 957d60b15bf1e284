"""The executive overview as one would write it in Streamlit, on the same snapshot.

What its documentation recommends: one cached connection, cached queries, charts with keys. It has
the same filters, figures and charts as ours, without the day's sentence, what is usual, tables,
links and exports. `streamlit run benchmarks/streamlit_page.py -- SNAPSHOT` serves it.
"""

import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import duckdb
import pandas as pd  # type: ignore[import-untyped]
import plotly.graph_objects as go
import streamlit as st

SNAPSHOT = sys.argv[1]
PERIODS = {"Last 7 days": 7, "Last 30 days": 30, "Last 90 days": 90, "Last 365 days": 365}
DIMENSIONS = {
    "Group": "group_name",
    "Priority": "priority",
    "Type": "ticket_type",
    "Channel": "channel",
    "Tier": "customer_tier",
}
ALL = "All"

_TOTALS = """
    with chosen as materialized (
        select ticket_id, created_at, solved_at, cycle_hours, cost_usd
        from marts.ticket_outcomes where not is_deleted and {tickets}
    ),
    solved as (select * from chosen where solved_at >= $begins and solved_at < $ends)
    select
        (select count(*) from chosen where created_at >= $begins and created_at < $ends) as tickets,
        (
            select avg(is_met::int) from ({targets})
            where decided_at >= $begins and decided_at < $ends
        ) as attainment,
        (select median(cycle_hours) from solved) as cycle_hours,
        (select sum(cost_usd) / nullif(count(cost_usd), 0) from solved) as cost,
        (
            select avg(score) from staging.stg_satisfaction_ratings inner join chosen
            using (ticket_id) where rated_at >= $begins and rated_at < $ends
        ) as csat
"""
_TARGETS = """
    select
        sla.group_name, sla.priority, sla.ticket_type, sla_status = 'within_sla' as is_met,
        coalesce(sla.breach_at, sla.ended_at, as_of) as decided_at
    from marts.sla as sla cross join meta.snapshot {join}
    where sla.is_decided and {targets}
"""
_OPENED = """
    select (created_at at time zone 'UTC')::date as day, count(*) as opened
    from marts.ticket_outcomes
    where not is_deleted and created_at >= $begins and created_at < $ends and {tickets} group by 1
"""
_SOLVED = """
    select
        (solved_at at time zone 'UTC')::date as day, count(*) as solved,
        median(cycle_hours) as cycle_hours
    from marts.ticket_outcomes
    where not is_deleted and solved_at >= $begins and solved_at < $ends and {tickets} group by 1
"""
_DECIDED = """
    select
        (decided_at at time zone 'UTC')::date as day, count(*) as decided, sum(is_met::int) as met
    from ({targets}) where decided_at >= $begins and decided_at < $ends group by 1
"""
_BACKLOG = """
    with states as (
        select states.began_at, states.next_began_at
        from intermediate.int_ticket_states as states
        inner join staging.stg_tickets as tickets using (ticket_id)
        where not tickets.is_deleted and states.status not in ('solved', 'closed') and {states}
    )
    select day, sum(change) as change from (
        select (began_at at time zone 'UTC')::date as day, 1 as change from states
        union all
        select (next_began_at at time zone 'UTC')::date, -1 from states
        where next_began_at is not null
    ) group by day order by day
"""
_BY = """
    select coalesce(group_name, priority, ticket_type) as value, avg(is_met::int) as attainment
    from ({targets}) where decided_at >= $begins and decided_at < $ends
    group by grouping sets ((group_name), (priority), (ticket_type))
    having value is not null order by attainment desc
"""


@st.cache_resource  # type: ignore[untyped-decorator]
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(SNAPSHOT, read_only=True)


@st.cache_data(max_entries=1000)  # type: ignore[untyped-decorator]
def frame(sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
    # A cursor for each query: sessions run in threads of their own.
    return connection().cursor().execute(sql, parameters).df()


def asked(sql: str, chosen: dict[str, str], **days: datetime) -> pd.DataFrame:
    """Return what a query finds with the filters chosen."""
    names = [(name, DIMENSIONS[name]) for name in chosen]
    own = {"group_name", "priority", "ticket_type"}
    of_states = {"group_name": "states", "priority": "states"}

    def where(table_of: dict[str, str], otherwise: str) -> str:
        return " and ".join(
            ["true"]
            + [
                f"{table_of.get(column, otherwise)}.{column} = ${name.lower()}"
                for name, column in names
            ]
        )

    is_joined = any(column not in own for _, column in names)
    targets = _TARGETS.format(
        join="inner join marts.ticket_outcomes as t using (ticket_id)" if is_joined else "",
        targets=where(dict.fromkeys(own, "sla"), "t"),
    )
    text = sql.format(
        tickets=where({}, "ticket_outcomes"),
        targets=targets,
        states=where(of_states, "tickets"),
    )
    return frame(text, {**{name.lower(): value for name, value in chosen.items()}, **days})


def backlog_until(chosen: dict[str, str]) -> pd.Series:
    """Return the open tickets at the end of each day on which that number changed."""
    changes = asked(_BACKLOG, chosen)
    return changes.set_index("day")["change"].cumsum()


def totals(chosen: dict[str, str], first: date, last: date) -> dict[str, float]:
    """Return the six key figures of a period."""
    found = asked(_TOTALS, chosen, begins=midnight(first), ends=midnight(last + timedelta(days=1)))
    open_then = backlog_until(chosen).loc[: pd.Timestamp(last)]
    return {**found.iloc[0], "backlog": open_then.iloc[-1] if len(open_then) else 0}


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def drawn(title: str, traces: list[Any], tick: str = "") -> None:
    st.subheader(title)
    chart = go.Figure(traces)
    chart.update_layout(height=300, margin={"t": 10, "b": 10}, yaxis_tickformat=tick)
    st.plotly_chart(chart, key=title)


def main() -> None:
    st.set_page_config("Executive Overview", layout="wide")
    st.title("Executive Overview")
    as_of = frame("select as_of from meta.snapshot", {})["as_of"][0]
    last = as_of.tz_convert("UTC").date() - timedelta(days=1)
    places = st.columns(1 + len(DIMENSIONS))
    days = PERIODS[places[0].selectbox("Period", list(PERIODS), index=1)]
    chosen = {}
    for place, (name, column) in zip(places[1:], DIMENSIONS.items(), strict=True):
        values = frame(
            f"select distinct {column} from marts.ticket_outcomes "  # noqa: S608 - named above
            f"where {column} is not null order by 1",
            {},
        )
        value = place.selectbox(name, [ALL, *values[column]])
        if value != ALL:
            chosen[name] = value
    first = last - timedelta(days=days - 1)
    now = totals(chosen, first, last)
    before = totals(chosen, first - timedelta(days=days), first - timedelta(days=1))
    shown = {
        "Tickets": ("tickets", "{:,.0f}"),
        "SLA attainment": ("attainment", "{:.1%}"),
        "Median cycle time, hours": ("cycle_hours", "{:,.1f}"),
        "Open backlog": ("backlog", "{:,.0f}"),
        "Cost per ticket, USD": ("cost", "{:,.2f}"),
        "CSAT": ("csat", "{:,.2f}"),
    }
    for place, (label, (name, form)) in zip(st.columns(6), shown.items(), strict=True):
        place.metric(label, form.format(now[name]), form.format(now[name] - before[name]))
    within = {"begins": midnight(first), "ends": midnight(last + timedelta(days=1))}
    index = pd.Index(pd.date_range(first, last), name="day")
    by_day = pd.DataFrame(index=index)
    for sql in (_OPENED, _SOLVED, _DECIDED):
        by_day = by_day.join(asked(sql, chosen, **within).set_index("day"))
    by_day["backlog"] = backlog_until(chosen).reindex(index, method="ffill")
    week = by_day.rolling(7, min_periods=1)
    left, right = st.columns(2)
    with left:
        drawn(
            "Tickets opened and solved",
            [
                go.Bar(x=index, y=by_day["opened"], name="Opened"),
                go.Scatter(x=index, y=week["opened"].mean(), name="Opened, mean of 7 days"),
                go.Scatter(x=index, y=by_day["solved"], name="Solved"),
            ],
        )
        drawn("Open backlog", [go.Scatter(x=index, y=by_day["backlog"], fill="tozeroy")])
    with right:
        daily = by_day["met"] / by_day["decided"]
        weekly = week["met"].sum() / week["decided"].sum()
        drawn(
            "SLA attainment",
            [
                go.Scatter(x=index, y=daily, mode="markers", name="A day"),
                go.Scatter(x=index, y=weekly, name="Seven days"),
            ],
            ".0%",
        )
        drawn("Cycle time", [go.Scatter(x=index, y=by_day["cycle_hours"], mode="lines+markers")])
    shares = asked(_BY, chosen, **within)
    drawn(
        "SLA attainment by group, priority and type",
        [go.Bar(x=shares["attainment"], y=shares["value"], orientation="h")],
    )


main()
