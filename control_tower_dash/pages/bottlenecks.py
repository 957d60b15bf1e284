"""Bottleneck analysis: where do tickets pile up, and which way do they go."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.development.base_component import Component

from control_tower_dash.components.aria import aria
from control_tower_dash.components.card import card
from control_tower_dash.filters import Filters
from control_tower_dash.pages.bottleneck_elements import ELEMENTS
from control_tower_dash.pages.bottleneck_words import headline
from control_tower_dash.pages.page import Block, Page, block, page_header
from control_tower_dash.queries.bottleneck_scores import scored_groups
from control_tower_dash.queries.bottlenecks import group_times, reference_path
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Reader

__all__ = ["PAGE"]

_CLIENT = "controlTowerBottlenecks"
_USUAL_DETAIL = 95
_LEAST_DETAIL = 40


def _headline(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    # Of a group asked for it counts how it stands among all, with all tickets it held.
    groups = scored_groups(reader, filters) if filters.group else group_times(reader, filters)
    if groups.is_empty():
        groups = group_times(reader, filters)
    says = headline(groups, reference_path(reader, filters))
    return [html.P(says)] if says else []


def _switch(id_: str, label: str, choices: dict[str, str]) -> dmc.SegmentedControl:
    return dmc.SegmentedControl(
        id=id_,
        data=[{"value": value, "label": says} for value, says in choices.items()],
        value=next(iter(choices)),
        size="xs",
        **aria(label=label),
    )


def _map_controls() -> html.Div:
    return html.Div(
        [
            _switch(
                "map-mode",
                "What the arrows show",
                {"frequency": "How often", "duration": "How long"},
            ),
            html.Div(
                [
                    html.Span("Detail", **aria(hidden=True)),
                    dmc.Slider(
                        id="map-detail",
                        min=_LEAST_DETAIL,
                        max=100,
                        step=1,
                        value=_USUAL_DETAIL,
                        size="sm",
                        updatemode="drag",
                        thumbLabel="Detail: share of the steps to show at least, per cent",
                        className="detail-slider",
                    ),
                ],
                className="detail",
            ),
            # What it says changes under the slider; it is read out then.
            html.Output(id="map-shown", className="map-shown"),
        ],
        className="map-controls",
    )


def _matrix_controls() -> html.Div:
    return html.Div(
        _switch(
            "matrix-mode", "What the cells show", {"share": "Share of the row", "hours": "Hours"}
        ),
        className="map-controls",
    )


def _layout(services: Services) -> Sequence[Component]:
    del services
    cards = {
        element.name: card(
            element,
            controls={"process-map": _map_controls, "transition-matrix": _matrix_controls}.get(
                element.name, lambda: None
            )(),
        )
        for element in ELEMENTS
    }

    return [
        page_header(PAGE),
        block("bottleneck-headline", "headline"),
        *[cards[element.name] for element in ELEMENTS],
    ]


def _register(app: Dash, services: Services) -> None:
    del services
    app.clientside_callback(
        ClientsideFunction(_CLIENT, "choices"),
        Output("map-mode", "value"),
        Output("map-detail", "value"),
        Output("matrix-mode", "value"),
        Input("url", "search"),
        State("map-mode", "value"),
        State("map-detail", "value"),
        State("matrix-mode", "value"),
    )
    # Charts are drawn by the functions themselves; by way of an output it takes twice as long.
    app.clientside_callback(
        ClientsideFunction(_CLIENT, "map"),
        Output("map-shown", "children"),
        Input("map-mode", "value"),
        Input("map-detail", "value"),
        Input({"type": "chart", "element": "process-map"}, "figure"),
    )
    app.clientside_callback(
        ClientsideFunction(_CLIENT, "matrix"),
        Output("matrix-mode", "name"),
        Input("matrix-mode", "value"),
        prevent_initial_call=True,
    )


PAGE = Page(
    name="bottlenecks",
    path="/bottlenecks",
    title="Bottleneck Analysis",
    question="Where do tickets pile up, and which way do they go?",
    layout=_layout,
    elements=ELEMENTS,
    blocks=(Block("bottleneck-headline", _headline),),
    register=_register,
)
