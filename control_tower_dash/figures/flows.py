"""What follows what: the transition matrix, and the ways of tickets as a Sankey diagram."""

from collections.abc import Callable
from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.parts import figure
from control_tower_dash.forward_order import forward_order
from control_tower_dash.queries.drill import BEHIND
from control_tower_dash.queries.unrolled import AGAIN, OTHER_WAYS
from control_tower_dash.theme import BAD, GREY, HUE

__all__ = ["FLOW_HEIGHT", "MOST_ACTIVITIES", "flow_chart", "matrix"]

MOST_ACTIVITIES: Final = 25
FLOW_HEIGHT: Final = 540
_LABELLED: Final = 0.008
_PALER: Final = 1.6
_FORWARD: Final = "rgba(0,114,178,0.35)"
_REWORK: Final = "rgba(213,94,0,0.4)"
_ENDS: Final = ["from_activity", "to_activity"]
_OTHER: Final = "rgba(134,142,150,0.35)"


def matrix(frame: pl.DataFrame) -> Figure:
    """Return the transition matrix by share of the row; by hours, the browser draws it.

    Args:
        frame: Columns from_activity, to_activity, count, share_of_from, median_hours,
            tickets_behind.

    Returns:
        A heat map whose `layout.meta` holds drawing and views: z, text and hover of each.
    """
    steps = {(a, b): float(n) for a, b, n in frame.select([*_ENDS, "count"]).iter_rows()}
    traffic: dict[str, float] = {}
    for (a, b), count in steps.items():
        for name in (a, b):
            traffic[name] = traffic.get(name, 0) + count
    busiest = sorted(traffic, key=lambda name: -traffic[name])[:MOST_ACTIVITIES]
    names = [name for name in forward_order(steps) if name in busiest]
    cells = {(row["from_activity"], row["to_activity"]): row for row in frame.iter_rows(named=True)}

    def grid(value: Callable[[dict[str, Any]], Any], blank: Any = None) -> list[list[Any]]:
        return [[value(cells[a, b]) if (a, b) in cells else blank for b in names] for a in names]

    views: dict[str, dict[str, Any]] = {
        "share": {
            "z": grid(lambda cell: round(cell["share_of_from"], 4)),
            "text": grid(lambda cell: _percent(cell["share_of_from"]), ""),
            "hovertemplate": "%{y} → %{x}<br>%{text} of the steps from there<extra></extra>",
        },
        "hours": {
            # Hours run from minutes to weeks; the colour tells their order of magnitude.
            "z": grid(lambda cell: round((1 + cell["median_hours"]) ** 0.25 - 1, 4)),
            "text": grid(lambda cell: _brief_hours(cell["median_hours"]), ""),
            "hovertemplate": "%{y} → %{x}<br>median %{text}<extra></extra>",
        },
    }
    for view in views.values():
        # The darkest cell stays light enough for text to be read on it.
        strongest = max((z for row in view["z"] for z in row if z is not None), default=1)
        view["zmax"] = round(_PALER * (strongest or 1), 4)
    trace = {
        "type": "heatmap",
        "x": names,
        "y": names,
        **views["share"],
        "customdata": grid(lambda cell: cell[BEHIND]),
        "texttemplate": "%{text}",
        "hoverongaps": False,
        # Of the scheme's own hue, which is the template's.
        "autocolorscale": True,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "zmin": 0,
    }
    return figure(
        [trace],
        height=480,
        hovermode="closest",
        meta={"drawing": "matrix", "views": views},
        xaxis={"side": "top", "tickangle": -40, "showgrid": False},
        yaxis={"autorange": "reversed", "showgrid": False},
    )


def flow_chart(frame: pl.DataFrame) -> Figure:
    """Draw the ways of tickets as a Sankey diagram without loops.

    Args:
        frame: Columns source, target, from_activity, to_activity, tickets, tickets_behind.
    """
    names = list(dict.fromkeys([*frame["source"], *frame["target"]]))
    places = {name: at for at, name in enumerate(names)}
    is_rework = [_is_rework(name) for name in names]
    flow = _through(frame)
    least = _LABELLED * max(flow.values(), default=0)
    says = [name.replace("_", " ") for name in names]
    colors = [
        GREY if name == OTHER_WAYS else BAD if again else HUE
        for name, again in zip(names, is_rework, strict=True)
    ]
    trace = {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
            # Labels of the smallest would lie on top of each other; pointing at them tells.
            "label": [
                text if flow[name] >= least else "" for name, text in zip(names, says, strict=True)
            ],
            "customdata": says,
            "color": colors,
            "pad": 18,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{customdata}: %{value:,} tickets<extra></extra>",
        },
        "link": {
            "source": [places[name] for name in frame["source"]],
            "target": [places[name] for name in frame["target"]],
            "value": frame["tickets"].to_list(),
            "color": [
                _OTHER if name == OTHER_WAYS else _REWORK if _is_rework(name) else _FORWARD
                for name in frame["target"]
            ],
            "customdata": frame[BEHIND].to_list(),
            "hovertemplate": (
                "%{source.customdata} → %{target.customdata}: %{value:,} tickets<br>"
                "click for all with this step, whichever time it is<extra></extra>"
            ),
        },
        "textfont": {"size": 11},
    }
    return figure([trace], height=FLOW_HEIGHT, hovermode="closest", margin=_TIGHT)


def _through(frame: pl.DataFrame) -> dict[str, int]:
    """Return the tickets that flow through each node."""
    ways = [
        frame.group_by(end).agg(pl.col("tickets").sum()).rename({end: "node"})
        for end in ("source", "target")
    ]
    most = pl.concat(ways).group_by("node").agg(pl.col("tickets").max())
    return dict(most.iter_rows())


_TIGHT: Final = {"l": 8, "r": 8, "t": 8, "b": 8}


def _is_rework(node: str) -> bool:
    return node.endswith((")", AGAIN))


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "<1%"


def _brief_hours(hours: float) -> str:
    if hours < 0.95:
        return f"{60 * hours:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"
