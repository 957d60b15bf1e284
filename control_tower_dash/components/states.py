"""What stands where a figure or a table should be but cannot: empty, missing, failed."""

from typing import Literal

import dash_mantine_components as dmc
from dash import html

from control_tower_dash.components.aria import aria

__all__ = ["notice", "state"]

_TITLES = {"empty": "Nothing here", "missing": "Not in this source", "error": "Cannot be shown"}
_SIGNS = {"empty": "○", "missing": "∅", "error": "!"}


def state(kind: Literal["empty", "missing", "error"], says: str) -> html.Div:
    """Return the message that stands in for what is not there."""
    return html.Div(
        [
            html.Span(_SIGNS[kind], className="state-sign", **aria(hidden=True)),
            html.Strong(_TITLES[kind]),
            html.Span(says),
        ],
        className=f"state state-{kind}",
        role="alert" if kind == "error" else "status",
    )


def notice(says: str, *, is_warning: bool = True) -> dmc.Alert:
    """Return a message above a page's figures."""
    return dmc.Alert(
        says,
        color="orange" if is_warning else "tower",
        variant="light",
        icon=html.Span("!" if is_warning else "i", **aria(hidden=True)),
        className="notice",
    )
