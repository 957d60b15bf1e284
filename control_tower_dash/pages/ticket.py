"""A ticket's own story."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import polars as pl
from dash import dcc, html
from dash.development.base_component import Component

from control_tower.recommendations.words import plural
from control_tower_dash.components.card import card
from control_tower_dash.components.states import notice
from control_tower_dash.elements import HAS_SLA, NO_SLA, Column, Element
from control_tower_dash.figures import ticket as figures
from control_tower_dash.filters import Filters
from control_tower_dash.formats import Kind, readable
from control_tower_dash.pages.page import Block, Page, block, page_header
from control_tower_dash.queries import ticket as queries
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Reader

__all__ = ["PAGE"]

_FACTS: tuple[tuple[str, str, Kind], ...] = (
    ("status", "Status", "text"),
    ("priority", "Priority", "text"),
    ("ticket_type", "Type", "text"),
    ("group_name", "Group", "text"),
    ("channel", "Channel", "text"),
    ("customer_tier", "Customer tier", "text"),
    ("created_at", "Created (UTC)", "moment"),
    ("solved_at", "Solved (UTC)", "moment"),
    ("cycle_hours", "Cycle time", "hours"),
    ("first_reply_minutes", "First reply", "minutes"),
    ("reopens", "Reopens", "count"),
    ("escalations", "Escalations", "count"),
    ("handle_minutes", "Handled", "minutes"),
    ("cost_usd", "Cost", "usd"),
    ("external_id", "Source's id", "text"),
)


def _facts(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    found = queries.facts(reader, filters)
    if found.is_empty():
        said = filters.option("ticket") or ""
        return [
            notice(f"There is no ticket “{said[:40]}” in this data."),
            html.P(dcc.Link("To the list of tickets", href="/tickets")),
        ]
    row = found.row(0, named=True)
    marks = [
        *(["deleted"] if row["is_deleted"] else []),
        *(["merged into another ticket"] if row["is_merged"] else []),
    ]
    pairs = [
        html.Div([html.Dt(label), html.Dd(readable(row[name], kind))])
        for name, label, kind in _FACTS
        if row[name] is not None
    ]
    return [
        html.H2(" · ".join([f"Ticket #{row['ticket_id']}", *marks])),
        html.P(_in_a_sentence(row), className="headline"),
        html.Dl(pairs, className="ticket-facts"),
    ]


def _in_a_sentence(row: dict[str, Any]) -> str:
    kind = " ".join(part for part in (row["priority"], row["ticket_type"] or "ticket") if part)
    done = (
        f"was solved after {readable(row['cycle_hours'], 'hours')}"
        if row["solved_at"] is not None and not row["is_open"]
        else f"is {row['status'] or 'under way'}"
    )
    targets = (
        ""
        if not row["sla_targets"]
        else f" It missed {row['sla_breaches']} of {row['sla_targets']} SLA targets."
    )
    left = {True: " The customer left within ninety days.", False: "", None: ""}
    return (
        f"This {kind} of {readable(row['created_at'], 'day')} {done}.{targets}"
        f"{left[row['churned_within_90_days']]}"
    )


def _path(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    found = queries.facts(reader, filters)
    if found.is_empty():
        return []
    row = found.row(0, named=True)
    left = queries.deviations(reader, filters)
    items = [_deviation(deviation, hours) for deviation, hours in left.iter_rows()]
    fitness = row["fitness"]
    kept = (
        "Its path is not known."
        if fitness is None
        else f"It {'kept to' if row['is_conformant'] else 'left'} the documented path: "
        f"fitness {fitness:.2f}, where 1 is the path itself."
    )
    parts: list[Component] = [html.H2("Its path"), html.P(kept)]
    if items:
        parts.append(html.Ul(items))
    if row["variant_id"] is not None:
        alike = f"{plural(row['tickets_alike'], 'ticket')} went this way"
        parts += [
            html.P(row["path"], className="ticket-path"),
            html.P(dcc.Link(alike, href=f"/tickets?period=all&variant={row['variant_id']}")),
        ]
    return [html.Div(parts, className="card")]


def _deviation(deviation: str, hours: float | None) -> html.Li:
    cost = "" if hours is None else f": such tickets take {readable(hours, 'hours')} longer"
    if hours is not None and hours < 0:
        cost = f": such tickets take {readable(-hours, 'hours')} less"
    return html.Li(
        [
            dcc.Link(deviation, href=f"/tickets?period=all&deviation={quote(deviation, safe='')}"),
            cost,
        ]
    )


def _voices(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    if queries.facts(reader, filters).is_empty():
        return []
    said = [
        html.Li(f"{score} of 5 on {readable(rated_at, 'moment')} UTC")
        for score, rated_at in queries.ratings(reader, filters).iter_rows()
    ]
    advice = [
        html.Li(dcc.Link(title, href=f"/tickets?action={quote(action_id, safe='')}"))
        for _, action_id, title in queries.actions(reader, filters).iter_rows()
    ]
    return [
        html.Div(
            [
                html.H2("What the customer said"),
                html.Ul(said) if said else html.P("The customer did not rate this ticket."),
                html.H2("Recommendations that rest on it"),
                html.Ul(advice) if advice else html.P("None names this ticket as evidence."),
            ],
            className="card",
        )
    ]


def _course_caption(frame: pl.DataFrame) -> str:
    groups = frame["group_name"].n_unique()
    return (
        f"{plural(frame.height, 'event')} with {plural(groups, 'group')}; colours are "
        "the status, marks the events: ★ created, ● replied, ◆ customer replied, ▲ escalated, "
        "■ solved, ✕ reopened. Moments are in UTC."
    )


def _clocks_caption(frame: pl.DataFrame) -> str:
    clocks = frame.unique("metric_label")
    missed = clocks.filter(pl.col("verdict") == queries.VERDICTS["breached"])["metric_label"].sort()
    verdict = f"Missed: {', '.join(missed)}." if len(missed) else "No target was missed."
    return (
        f"{verdict} Bold where the clock ran, thin where it paused; clocks on opening hours "
        "rest while the desk is closed."
    )


_EVENT_COLUMNS = (
    Column("place", "No.", "count", width=60),
    Column("began_at", "Moment (UTC)", "moment"),
    Column("activity", "Event", width=130),
    Column("group_name", "Group", meaning="After the event.", width=150),
    Column("status", "Status", meaning="After the event.", width=90),
    Column("priority", "Priority", meaning="After the event.", width=90),
    Column("actor", "By", width=90),
    Column("agent_id", "Agent", "text", width=80),
    Column("is_public", "Public", "flag"),
    Column("hours", "Until next", "hours", "Calendar hours until the next event."),
)

_NO_TICKET = "There is nothing to show for this ticket."

_ELEMENTS = (
    Element(
        "ticket-course",
        "Who held it, in which status",
        queries.events,
        _EVENT_COLUMNS,
        figure=figures.ticket_course,
        caption=_course_caption,
        empty=_NO_TICKET,
        height=figures.COURSE_HEIGHT,
    ),
    Element(
        "ticket-clock-course",
        "SLA clocks",
        queries.stretches,
        (
            Column("metric_label", "SLA metric"),
            Column("began_at", "Ran from (UTC)", "moment"),
            Column("ended_at", "until (UTC)", "moment"),
            Column("breach_at", "Target passed (UTC)", "moment"),
            Column("verdict", "Verdict"),
        ),
        figure=figures.clock_course,
        caption=_clocks_caption,
        empty="No SLA target applies to this ticket.",
        source_needs=HAS_SLA,
        missing=NO_SLA,
        height=figures.CLOCKS_HEIGHT,
    ),
    Element(
        "ticket-clocks",
        "SLA targets",
        queries.clocks,
        (
            Column("metric_label", "SLA metric", width=170),
            Column("verdict", "Verdict", width=100),
            Column("target_minutes", "Target", "minutes"),
            Column("elapsed_minutes", "Spent", "minutes"),
            Column("hours_kind", "Counts", meaning="Which hours count.", width=110),
            Column("started_at", "Started (UTC)", "moment"),
            Column("ended_at", "Stopped (UTC)", "moment"),
            Column("breach_at", "Breach (UTC)", "moment", "When the target was or will be passed."),
            Column("breach_probability", "Breach chance", "share", "Of clocks still running."),
            Column("group_name", "Group", width=140),
            Column("policy_name", "Policy", width=120),
            Column("reason", "Why at risk", width=260),
        ),
        empty="No SLA target applies to this ticket.",
        source_needs=HAS_SLA,
        missing=NO_SLA,
    ),
    Element("ticket-events", "Events", queries.events, _EVENT_COLUMNS, empty=_NO_TICKET),
    Element(
        "ticket-costs",
        "What it cost",
        queries.costs,
        (
            Column("group_name", "Group", width=180),
            Column("handle_minutes", "Handled", "minutes", "Hands-on time."),
            Column("cost_usd", "Cost", "usd"),
        ),
        empty="No work was written down for this ticket.",
        source_needs="select 1 from staging.stg_ticket_costs limit 1",
        missing="This source has no costs.",
    ),
)


def _layout(services: Services) -> Sequence[Component]:
    del services
    course, clock_course, clocks, happened, cost = _ELEMENTS
    return [
        page_header(PAGE),
        block("ticket-facts"),
        html.Div(
            [
                card(course),
                card(clock_course),
                card(clocks),
                html.Div(
                    [block("ticket-path"), block("ticket-voices"), card(cost)],
                    className="ticket-columns",
                ),
                card(happened, page_size=25),
            ],
            className="ticket-rows",
        ),
    ]


PAGE = Page(
    name="ticket",
    path="/ticket",
    title="Ticket",
    question="What happened to this ticket?",
    layout=_layout,
    elements=_ELEMENTS,
    blocks=(
        Block("ticket-facts", _facts),
        Block("ticket-path", _path),
        Block("ticket-voices", _voices),
    ),
    in_navigation=False,
    option="ticket",
    is_kept=False,
)
