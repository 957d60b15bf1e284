"""Callbacks that run in the browser alone: filters and URL, answers, themes, new snapshots."""

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.dependencies import ALL

from control_tower_dash.filters import DIMENSIONS

__all__ = ["register_browser"]

_CLIENT = "controlTower"


def register_browser(app: Dash) -> None:
    """Wire what the browser does by itself; its functions are in `assets`."""

    def client(name: str) -> ClientsideFunction:
        return ClientsideFunction(_CLIENT, name)

    filters = [f"filter-{name}" for name in DIMENSIONS]
    app.clientside_callback(
        client("filters"),
        [
            Output("url", "search"),
            Output("filters-told", "data"),
            Output("filter-days-place", "className"),
            Output("filter-summary", "children"),
        ],
        [
            Input("url", "search"),
            Input("filter-period", "value"),
            Input("filter-days", "value"),
            *[Input(name, "value") for name in filters],
            *[Input(name, "data") for name in filters],
        ],
    )
    # Apart from the above: what may be told anew is drawn anew, and these take long to draw.
    app.clientside_callback(
        client("tell"),
        [
            Output("filter-period", "value"),
            Output("filter-days", "value"),
            *[Output(name, "value") for name in filters],
        ],
        Input("filters-told", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        client("links"),
        Output("links-told", "data"),
        Input("url", "search"),
        State({"type": "nav", "path": ALL}, "id"),
    )
    # `answers.js` knows what each kind is told.
    places = [
        *[(kind, "element") for kind in ("chart", "grid", "state", "caption", "body")],
        ("block", "block"),
        *[(kind, "page") for kind in ("freshness", "notices")],
    ]
    app.clientside_callback(
        ClientsideFunction("controlTowerAnswers", "ask"),
        Output({"type": "shown", "page": ALL}, "data"),
        Input("url", "search"),
        Input("version", "data"),
        State("url", "pathname"),
        State({"type": "shown", "page": ALL}, "id"),
        *[State({"type": kind, key: ALL}, "id") for kind, key in places],
    )
    app.clientside_callback(
        ClientsideFunction("controlTowerAnswers", "wear"),
        Output("scheme-told", "data"),
        Input("scheme", "computedColorScheme"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        client("watch"),
        Output("version", "data"),
        Input("watch", "n_intervals"),
        State("version", "data"),
    )
    app.clientside_callback(
        client("drill"),
        Output("url", "href"),
        Input({"type": "chart", "element": ALL}, "clickData"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        client("navigation"),
        Output("frame", "navbar"),
        Output("burger", "opened"),
        Input("burger", "opened"),
        Input("url", "pathname"),
        State("frame", "navbar"),
    )
    app.clientside_callback(
        client("title"),
        Output("title-shown", "data"),
        Input("url", "pathname"),
        State("titles", "data"),
    )
