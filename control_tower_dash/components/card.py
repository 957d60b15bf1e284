"""Charts and tables in their frames: heading, menu, the thing itself, its sentence."""

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from control_tower_dash.components.aria import aria
from control_tower_dash.components.export import export_menu
from control_tower_dash.components.grid import grid
from control_tower_dash.components.still import still
from control_tower_dash.elements import Element

__all__ = ["GRAPH_CONFIG", "card", "chart"]

GRAPH_CONFIG: Any = {
    "displaylogo": False,
    "displayModeBar": False,
    # Plotly would offer to upload the figure's data otherwise.
    "showSendToCloud": False,
    "responsive": True,
}


def card(
    element: Element, *, page_size: int = 12, controls: Component | None = None
) -> html.Section:
    """Return an element in its frame, still without data.

    Args:
        element: What to show.
        page_size: Rows of a table shown at once.
        controls: What changes the view, below the heading.
    """
    name = element.name
    heading = f"heading-{name}"
    body = chart(element) if element.figure else _table(element, page_size)
    return html.Section(
        [
            *still(
                [
                    html.Div(
                        [html.H2(element.title, id=heading), export_menu(element)],
                        className="card-head",
                    )
                ]
            ),
            *([controls] if controls else []),
            html.Div(id={"type": "state", "element": name}, className="card-state"),
            body,
            html.P(id={"type": "caption", "element": name}, className="caption"),
        ],
        className="card",
        **aria(labelledby=heading),
    )


def chart(element: Element) -> html.Div:
    """Return the graph of an element, still empty: the only such factory."""
    name = element.name
    return html.Div(
        [
            dcc.Graph(
                id={"type": "chart", "element": name},
                figure={"data": [], "layout": {"height": element.height}},
                config=GRAPH_CONFIG,
                style={"height": f"{element.height}px"},
                responsive=True,
            ),
        ],
        id={"type": "body", "element": name},
        className="chart-body",
        role="img",
        **aria(label=element.title),
    )


def _table(element: Element, page_size: int) -> html.Div:
    return html.Div(
        grid(
            {"type": "grid", "element": element.name},
            element.columns,
            page_size=page_size,
        ),
        id={"type": "body", "element": element.name},
        className="table-body",
    )
