"""Figures of a plan beside the desk as it stands."""

from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.panels import MOST_GROUPS, MOST_PANELS, band, panels
from control_tower_dash.figures.parts import bars, figure, line
from control_tower_dash.formats import readable
from control_tower_dash.theme import GREY, HUE

__all__ = ["PLAN", "STANDS", "attainment_bars", "backlog_lines", "gap_pairs"]

STANDS: Final = "As it stands"
PLAN: Final = "The plan"

_OF_STANDS: Final = "rgba(134,142,150,0.22)"
_OF_PLAN: Final = "rgba(0,114,178,0.22)"


def backlog_lines(frame: pl.DataFrame) -> Figure:
    """Draw the tickets waiting day by day with 80 % intervals, a panel a group.

    Args:
        frame: Columns group_name, day, before, before_lo, before_hi, after, after_lo, after_hi.
    """
    parts: list[tuple[str, list[dict[str, Any]]]] = []
    for (group,), own in frame.group_by("group_name", maintain_order=True):
        traces = []
        for name, column, fill, color, dash in (
            (STANDS, "before", _OF_STANDS, GREY, "dot"),
            (PLAN, "after", _OF_PLAN, HUE, "solid"),
        ):
            area = band(own["day"], own[f"{column}_lo"], own[f"{column}_hi"], f"{name}, 80 %", fill)
            main = line(
                own["day"], own[column].round(1), name, color=color, dash=dash, hover="%{y:,.0f}"
            )
            traces += [area | {"showlegend": False}, main]
        parts.append((str(group), traces))
    return panels(parts[:MOST_PANELS], yaxis={"rangemode": "tozero", "tickformat": ","})


def gap_pairs(frame: pl.DataFrame) -> Figure:
    """Draw the gaps as it stands and by the plan, of the groups shortest by the plan.

    Args:
        frame: Columns group_name, before, after.
    """
    widest = frame.sort("after", descending=True).head(MOST_GROUPS)
    rows = widest.sort("group_name", descending=True)
    ends = [0.0, *rows["before"], *rows["after"]]
    # Room for the numbers beyond the longest bars.
    room = 0.22 * ((max(ends) - min(ends)) or 1.0)
    traces = [
        bars(
            rows[column],
            rows["group_name"],
            name,
            color=color,
            hover="%{x:+.1f} FTE days",
            orientation="h",
            text=[f"{value:+.1f}" for value in rows[column]],
            textposition="outside",
            cliponaxis=False,
        )
        for name, column, color in ((PLAN, "after", HUE), (STANDS, "before", GREY))
    ]
    return figure(
        traces,
        barmode="group",
        hovermode="closest",
        legend={"traceorder": "reversed"},
        xaxis={
            "title": {"text": "FTE days, above 0 short"},
            "zeroline": True,
            "range": [min(ends) - room, max(ends) + room],
        },
        yaxis={"type": "category"},
    )


def attainment_bars(frame: pl.DataFrame) -> Figure:
    """Draw the share of targets kept as it stands and by the plan, of few groups the worst.

    Args:
        frame: Columns dimension, value, before, after.
    """
    worst = frame.filter(pl.col("dimension") == "Group").sort("after").head(MOST_GROUPS)["value"]
    rows = frame.filter(
        (pl.col("dimension") != "Group") | pl.col("value").is_in(worst.to_list())
    ).reverse()
    names = [rows["dimension"].to_list(), rows["value"].to_list()]
    traces = []
    for name, column, color in ((PLAN, "after", HUE), (STANDS, "before", GREY)):
        trace = bars(
            rows[column],
            rows["value"],
            name,
            color=color,
            hover="%{x:.1%} kept",
            orientation="h",
            text=[readable(share, "share") for share in rows[column]],
            textposition="outside",
            cliponaxis=False,
        )
        traces.append(trace | {"y": names})
    return figure(
        traces,
        420,
        barmode="group",
        hovermode="closest",
        legend={"traceorder": "reversed"},
        xaxis={"tickformat": ".0%", "range": [0, 1.12], "tickvals": [0, 0.25, 0.5, 0.75, 1]},
        yaxis={"type": "multicategory"},
    )
