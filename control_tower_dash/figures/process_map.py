"""The process map: what follows what, as boxes and arrows.

The figure carries the whole graph with the places of its parts; the browser draws of it what the
reader asked to see, without asking the server.
"""

from collections import defaultdict
from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.layered import Layout, layered
from control_tower_dash.figures.parts import figure
from control_tower_dash.queries.drill import BEHIND

__all__ = ["DRAWING", "HEIGHT", "MOST_ARROWS", "process_map"]

DRAWING: Final = "processMap"
HEIGHT: Final = 560
MOST_ARROWS: Final = 150
"""Kinds of step sent to the browser, the most frequent ones."""

_HALVES: Final = {"wide": (0.37, 0.3), "tall": (0.27, 0.46)}
"""Half the size of a box along and across the flow: from left to right, and from top to bottom."""

_ARC_ROOM: Final = {"wide": 0.35, "tall": 0.16}


def process_map(frame: pl.DataFrame) -> Figure:
    """Return the graph of steps and where everything goes, still undrawn.

    Args:
        frame: Columns from_activity, to_activity, count, median_hours, p90_hours,
            is_administrative, tickets_behind; the most frequent first.

    Returns:
        A figure whose `layout.meta` holds drawing, steps (all of them), nodes, arrows (in the
        order of the frame; `before` is the share of steps taken by more frequent ones) and
        halves, for both directions of flow.
    """
    shown = frame.head(MOST_ARROWS)
    weights = {
        (a, b): n for a, b, n in shown.select("from_activity", "to_activity", "count").rows()
    }
    layouts = {
        flow: layered(weights, half_along=along, half_across=across, arc_room=_ARC_ROOM[flow])
        for flow, (along, across) in _HALVES.items()
    }
    total = int(frame["count"].sum())
    before = (shown["count"].cum_sum() - shown["count"]) / max(total, 1)
    graph = {
        "drawing": DRAWING,
        "steps": total,
        "kinds": frame.height,
        "halves": {flow: list(half) for flow, half in _HALVES.items()},
        "nodes": _nodes(shown, layouts),
        "arrows": [
            {
                "from": row["from_activity"],
                "to": row["to_activity"],
                "count": row["count"],
                "hours": round(row["median_hours"], 3),
                "p90": round(row["p90_hours"], 3),
                "rest": row["is_administrative"],
                "behind": row[BEHIND],
                "before": round(gone, 5),
                **_ways(layouts, row["from_activity"], row["to_activity"]),
            }
            for row, gone in zip(shown.iter_rows(named=True), before, strict=True)
        ],
    }
    return figure(
        [],
        height=HEIGHT,
        meta=graph,
        hovermode="closest",
        showlegend=False,
        margin={"l": 6, "r": 6, "t": 6, "b": 6},
    )


def _nodes(shown: pl.DataFrame, layouts: dict[str, Layout]) -> list[dict[str, Any]]:
    out: dict[str, int] = defaultdict(int)
    into: dict[str, int] = defaultdict(int)
    for a, b, count in shown.select("from_activity", "to_activity", "count").rows():
        out[a] += count
        into[b] += count
    return [
        {
            "name": name,
            # Tickets begin and end somewhere: the larger side is the nearer to all.
            "count": max(out[name], into[name]),
            **{flow: _rounded(layout.nodes[name]) for flow, layout in layouts.items()},
        }
        for name in layouts["wide"].nodes
    ]


def _ways(layouts: dict[str, Layout], begins: str, ends: str) -> dict[str, Any]:
    arrows = {flow: layout.arrows[begins, ends] for flow, layout in layouts.items()}
    return {
        "back": arrows["wide"].is_back,
        "arc": arrows["wide"].is_arc,
        **{
            flow: [[point[axis] for point in arrow.points] for axis in (0, 1)]
            for flow, arrow in arrows.items()
        },
    }


def _rounded(point: tuple[float, float]) -> list[float]:
    return [round(point[0], 3), round(point[1], 3)]
