"""The menu of a figure or table: look at it as a table, take it along as a file."""

from typing import Any

from dash import html

from control_tower_dash.components.aria import aria
from control_tower_dash.elements import Element

__all__ = ["export_menu"]


def export_menu(element: Element) -> html.Button:
    """Return the button that opens the menu of an element.

    The browser's own script makes the one menu there is: every component that Dash knows of makes
    every change of a page slower.
    """
    attributes: Any = {
        "data-element": element.name,
        "data-kind": "figure" if element.figure else "table",
        "aria-haspopup": "menu",
        "aria-expanded": "false",
    }
    return html.Button(
        html.Span("⋯", **aria(hidden=True)),
        className="options",
        type="button",
        **aria(label=f"Options of {element.title}"),
        **attributes,
    )
