"""Tickets: the list behind every figure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import dash_mantine_components as dmc
import polars as pl
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from control_tower_dash.components.card import card
from control_tower_dash.components.states import notice
from control_tower_dash.elements import Column, Element
from control_tower_dash.filters import Filters
from control_tower_dash.metrics import METRICS
from control_tower_dash.pages.page import Block, Page, block, page_header
from control_tower_dash.queries.ticket_choice import BY, NARROWING, SHOW, choice_of
from control_tower_dash.queries.tickets import SORT, found_tickets, tickets
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Reader

__all__ = ["PAGE"]

_SHOWN_ROWS = 500
_CONTROLS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "show": ("Show", {name: label for name, (label, _, _) in SHOW.items()}),
    "by": ("Period applies to", BY),
    "sort": ("Order", {name: label for name, (label, _) in SORT.items()}),
}


def _found(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    choice = choice_of(reader, filters)
    found = found_tickets(reader, filters)
    sentence: list[Component | str] = [
        html.Strong(f"{found:,}"),
        f" {'ticket' if found == 1 else 'tickets'} {choice.words}.",
    ]
    if any(filters.option(name) for name in NARROWING):
        plain = replace(
            filters,
            options=tuple(pair for pair in filters.options if pair[0] not in NARROWING),
        )
        sentence += [" ", dcc.Link("Do not narrow down", href=f"/tickets{plain.to_query()}")]
    return [
        *(notice(says) for says in choice.not_understood),
        html.P(sentence, role="status"),
    ]


def _caption(frame: pl.DataFrame) -> str:
    if frame.height <= _SHOWN_ROWS:
        return "Moments are in UTC."
    return (
        f"The first {_SHOWN_ROWS:,} of {frame.height:,} in the order chosen; downloads have all. "
        "Moments are in UTC."
    )


def _count(name: str, label: str, meaning: str) -> Column:
    return Column(name, label, "count", meaning, width=85)


_ELEMENTS = (
    Element(
        "tickets",
        "Tickets",
        tickets,
        (
            Column("ticket_id", "Ticket", "ticket"),
            Column("created_at", "Created (UTC)", "moment"),
            Column("group_name", "Group", meaning="That holds it now.", width=140),
            Column("priority", "Priority", width=80),
            Column("ticket_type", "Type", width=90),
            Column("status", "Status", width=80),
            Column(
                "cycle_hours",
                METRICS["median_cycle_hours"].label,
                "hours",
                "Calendar hours from creation to the last solution.",
            ),
            Column(
                "first_reply_minutes",
                METRICS["median_first_reply_minutes"].label,
                "minutes",
                "Calendar minutes from creation to the first public reply of an agent.",
            ),
            _count("sla_breaches", "Targets missed", "Of its SLA targets."),
            _count("sla_targets", "SLA targets", "It has or had."),
            _count("reopens", "Reopens", "Times it came back after it was solved."),
            _count("escalations", "Escala\u00adtions", "Moves to a later group."),
            Column("csat_score", "CSAT", "count", "Latest score, 1 to 5.", width=70),
            Column("cost_usd", "Cost", "usd", "Handling cost of all groups."),
            Column("channel", "Channel", width=85),
            Column("customer_tier", "Tier", meaning="Customer tier.", width=95),
            Column("external_id", "Source's id", meaning="As the source names it.", width=100),
        ),
        caption=_caption,
        empty="No tickets are meant by this period, these filters and what is chosen to show.",
        shown_rows=_SHOWN_ROWS,
    ),
)


def _controls() -> html.Div:
    return html.Div(
        [
            dmc.Select(
                id=f"tickets-{name}",
                label=label,
                data=[{"value": value, "label": said} for value, said in choices.items()],
                value=next(iter(choices)),
                allowDeselect=False,
                size="xs",
            )
            for name, (label, choices) in _CONTROLS.items()
        ],
        className="tickets-controls",
    )


def _layout(services: Services) -> Sequence[Component]:
    del services
    return [
        page_header(PAGE),
        _controls(),
        dcc.Store(
            id="tickets-choices",
            data={name: list(choices) for name, (_, choices) in _CONTROLS.items()},
        ),
        dcc.Store(id="tickets-written"),
        block("tickets-found", "tickets-found"),
        card(_ELEMENTS[0], page_size=25),
    ]


def _register(app: Dash, services: Services) -> None:
    """Keep the page's own choices in the URL."""
    del services
    client = "controlTowerTickets"
    app.clientside_callback(
        ClientsideFunction(client, "read"),
        [Output(f"tickets-{name}", "value") for name in _CONTROLS],
        Input("url", "search"),
        State("tickets-choices", "data"),
    )
    # The URL is written by hand: as an output it would close a circle with what reads it.
    app.clientside_callback(
        ClientsideFunction(client, "write"),
        Output("tickets-written", "data"),
        [Input(f"tickets-{name}", "value") for name in _CONTROLS],
        State("tickets-choices", "data"),
        prevent_initial_call=True,
    )


PAGE = Page(
    name="tickets",
    path="/tickets",
    title="Tickets",
    question="Which tickets are behind the figures?",
    layout=_layout,
    elements=_ELEMENTS,
    blocks=(Block("tickets-found", _found),),
    register=_register,
    is_kept=False,
)
