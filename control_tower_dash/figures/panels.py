"""Small charts one above the other on the same days, and the bands of forecasts in them."""

from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.parts import figure

__all__ = ["MOST_GROUPS", "MOST_PANELS", "PANELS_HEIGHT", "band", "panels"]

MOST_PANELS: Final = 3
"""More than that cannot be read at one card's height."""

MOST_GROUPS: Final = 8
"""Groups that can be read as bars in one card."""

PANELS_HEIGHT: Final = 420

_BETWEEN: Final = 0.09


def band(days: pl.Series, low: pl.Series, high: pl.Series, name: str, color: str) -> dict[str, Any]:
    """Return the area between two bounds, as one closed line.

    Args:
        days: Days in order.
        low, high: Bounds on each day.
        name: What the legend calls it.
        color: Colour of the area, see-through.
    """
    there = days.dt.to_string("iso").to_list()
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*there, *reversed(there)],
        "y": [*high.round(1).to_list(), *reversed(low.round(1).to_list())],
        "name": name,
        "fill": "toself",
        "fillcolor": color,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def panels(parts: list[tuple[str, list[dict[str, Any]]]], **layout: Any) -> Figure:
    """Return a figure with a panel for each part, all on the same days.

    Traces of the same name stand once in the legend and go off and on together.

    Args:
        parts: What each panel is called, and its traces.
        layout: What else the layout says; `yaxis` is every panel's.
    """
    yaxis = layout.pop("yaxis", {})
    # The title of the first panel needs room, too.
    highest = 1 if len(parts) < 2 else 1 - _BETWEEN
    share = (highest - _BETWEEN * (len(parts) - 1)) / max(1, len(parts))
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    titles: list[dict[str, Any]] = []
    seen: set[str] = set()
    for place, (title, own) in enumerate(parts):
        top = highest - place * (share + _BETWEEN)
        suffix = "" if place == 0 else str(place + 1)
        axes[f"yaxis{suffix}"] = {**yaxis, "domain": [max(0.0, top - share), top]}
        for trace in own:
            name = str(trace["name"])
            shown = trace.get("showlegend", True) and name not in seen
            traces.append(
                {**trace, "yaxis": f"y{suffix}", "legendgroup": name, "showlegend": shown}
            )
            seen.add(name)
        if len(parts) > 1:
            titles.append(
                {
                    "xref": "paper",
                    "yref": "paper",
                    "x": 0,
                    "y": top,
                    "xanchor": "left",
                    "yanchor": "bottom",
                    "text": f"<b>{title}</b>",
                    "showarrow": False,
                }
            )
    last = "" if len(parts) < 2 else str(len(parts))
    made = figure(traces, PANELS_HEIGHT, **axes, legend={"tracegroupgap": 0}, **layout)
    made["layout"]["xaxis"] = {**made["layout"].get("xaxis", {}), "anchor": f"y{last}"}
    made["layout"].setdefault("annotations", [])
    made["layout"]["annotations"] = [*made["layout"]["annotations"], *titles]
    return made
