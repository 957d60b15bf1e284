"""The menu of a figure or table: look at it as a table, take it along as a file."""

import dash_mantine_components as dmc
from dash import html

from control_tower_dash.components.aria import aria
from control_tower_dash.elements import Element

__all__ = ["export_menu"]


def export_menu(element: Element) -> dmc.Menu:
    """Return the menu of an element; its links carry the filters of the page."""
    name = element.name
    items = []
    if element.figure:
        items.append(
            dmc.MenuItem("View as table", id={"type": "as-table", "element": name}, n_clicks=0)
        )
    for kind, label in (("csv", "Download CSV"), ("xlsx", "Download Excel")):
        items.append(
            dmc.MenuItem(
                label,
                id={"type": "export", "element": name, "format": kind},
                href=f"/export/{name}.{kind}",
                # Followed by the browser itself: it is a file, not a page of the app.
                refresh=True,
            )
        )
    if element.figure:
        items += [
            dmc.MenuItem(
                f"Download {kind.upper()}",
                id={"type": "image", "element": name, "format": kind},
                n_clicks=0,
            )
            for kind in ("png", "svg")
        ]
    return dmc.Menu(
        [
            dmc.MenuTarget(
                dmc.ActionIcon(
                    html.Span("⋯", **aria(hidden=True)),
                    variant="subtle",
                    color="gray",
                    **aria(label=f"Options of {element.title}"),
                )
            ),
            dmc.MenuDropdown(items),
        ],
        position="bottom-end",
        withinPortal=True,
        keepMounted=True,
    )
