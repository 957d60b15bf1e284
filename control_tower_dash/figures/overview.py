"""Figures of the executive overview."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.parts import (
    AS_IT_IS,
    bars,
    ends_of_bars,
    figure,
    line,
    room_for_names,
)
from control_tower_dash.theme import BAD, GOOD, GREY, HUE, SERIES

__all__ = ["attainment", "attainment_bars", "backlog", "cycle", "volume"]

_ROOM_FOR_DIMENSIONS = 28
"""Pixels that the names of dimensions take, upright beside those of their values."""


def volume(frame: pl.DataFrame) -> Figure:
    """Draw tickets opened and solved by day, with the mean of seven days.

    Args:
        frame: Columns day, tickets, solved, tickets_behind.
    """
    mean = frame["tickets"].cast(pl.Float64).rolling_mean(7, min_samples=1)
    return _by_day(
        [
            bars(
                frame["day"],
                frame["tickets"],
                "Opened",
                color=SERIES[5],
                hover="%{y:,}",
                behind=frame["tickets_behind"],
            ),
            line(frame["day"], mean, "Opened, mean of 7 days", hover="%{y:,.0f}"),
            line(frame["day"], frame["solved"], "Solved", color=GOOD, hover="%{y:,}", dash="dot"),
        ],
        rangemode="tozero",
        tickformat=",",
    )


def attainment(frame: pl.DataFrame) -> Figure:
    """Draw SLA attainment by day and the mean of seven days, weighed by targets.

    Args:
        frame: Columns day, decided, met, sla_attainment.
    """
    week = frame.select(
        week=pl.col("met").rolling_sum(7, min_samples=1)
        / pl.col("decided").rolling_sum(7, min_samples=1)
    )["week"].fill_nan(None)
    points = line(
        frame["day"], frame["sla_attainment"], "A day", color=GREY, hover="%{y:.1%}", mode="markers"
    )
    points["marker"] = {"color": GREY, "size": 5}
    return _by_day(
        [points, line(frame["day"], week, "Seven days", hover="%{y:.1%}")], tickformat=".0%"
    )


def backlog(frame: pl.DataFrame) -> Figure:
    """Draw the open backlog at the end of each day.

    Args:
        frame: Columns day, backlog.
    """
    trace = line(frame["day"], frame["backlog"], "Open", color=SERIES[3], hover="%{y:,}")
    trace |= {"fill": "tozeroy", "fillcolor": "rgba(204,121,167,0.25)"}
    return _by_day([trace], rangemode="tozero", tickformat=",")


def cycle(frame: pl.DataFrame) -> Figure:
    """Draw the median cycle time of tickets solved each day.

    Args:
        frame: Columns day, median_cycle_hours.
    """
    trace = line(
        frame["day"],
        frame["median_cycle_hours"],
        "Median cycle time",
        color=HUE,
        hover="%{y:.1f} h",
        mode="lines+markers",
        connectgaps=True,
    )
    trace["marker"] = {"size": 5}
    return _by_day([trace], rangemode="tozero", ticksuffix=" h")


def _by_day(traces: Sequence[dict[str, Any]], **upright: Any) -> Figure:
    """Return a figure over days; of its upright axis comes by name what is its own."""
    return figure(
        traces,
        margin={"l": 60, "r": 16, "t": 12, "b": 44},
        xaxis=dict(AS_IT_IS),
        yaxis={**AS_IT_IS, **upright},
    )


def attainment_bars(frame: pl.DataFrame) -> Figure:
    """Draw SLA attainment of every group, priority and type against its target.

    Args:
        frame: Columns dimension, value, decided, met, sla_attainment, target, tickets_behind.
    """
    # Lying bars are drawn from the bottom up.
    rows = frame.reverse()
    misses = rows["sla_attainment"] < rows["target"].fill_null(0)
    names = [rows["dimension"].to_list(), rows["value"].to_list()]
    trace = bars(
        rows["sla_attainment"],
        rows["value"],
        "SLA attainment",
        color=[BAD if missed else HUE for missed in misses],
        hover="%{x:.1%} kept",
        behind=rows["tickets_behind"],
        orientation="h",
    )
    trace |= {
        "y": names,
    }
    texts = [
        f"{'▼ ' if missed else ''}{share:.0%}"
        for share, missed in zip(rows["sla_attainment"], misses, strict=True)
    ]
    aims = {
        "type": "scatter",
        "mode": "markers",
        "x": rows["target"].round(4).to_list(),
        "y": names,
        "name": "Target",
        "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": GREY}},
        "hovertemplate": "target %{x:.0%}<extra></extra>",
    }
    return figure(
        [trace, aims, *ends_of_bars(trace, texts)],
        height=380,
        hovermode="closest",
        xaxis={**AS_IT_IS, "tickformat": ".0%", "range": [0, 1.02]},
        yaxis={**AS_IT_IS, "type": "multicategory"},
        margin={"l": _ROOM_FOR_DIMENSIONS + room_for_names(rows["value"])},
        showlegend=False,
    )
