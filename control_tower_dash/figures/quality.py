"""Figures of the quality page: scores, their course, and rates with their intervals."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.parts import (
    AS_IT_IS,
    bars,
    figure,
    line,
    room_for_names,
    written,
)
from control_tower_dash.theme import BAD, GOOD, GREY, HUE

__all__ = ["churn", "csat_course", "factors", "rates", "scores"]

_LOW_SCORE = 2
_WEEK_MILLISECONDS = 7 * 24 * 60 * 60 * 1000
_MOST_TICKS = 8
_MOST_CHARACTERS = 36
_ROOM_ABOVE = 1.12
"""Of bars whose numbers stand on them, in multiples of the highest."""
_ROOM_BESIDE = 8
"""Between names and their axis, in pixels."""
_LOOKS = {
    "lower": (BAD, "triangle-left"),
    "within chance": (GREY, "circle-open"),
    "higher": (GOOD, "triangle-right"),
}


def scores(frame: pl.DataFrame) -> Figure:
    """Draw how often each score was given.

    Args:
        frame: Columns score, ratings, share, tickets_behind.
    """
    names = {1: "1, worst", 5: "5, best"}
    trace = bars(
        frame["score"],
        frame["ratings"],
        "Ratings",
        color=[BAD if score <= _LOW_SCORE else HUE for score in frame["score"]],
        hover="%{y:,} ratings",
        behind=frame["tickets_behind"],
    )
    trace["x"] = [names.get(score, str(score)) for score in frame["score"]]
    shares = [f"{share:.1%}" for share in frame["share"]]
    most = max(frame["ratings"], default=0) or 1
    return figure(
        [trace, written(trace["x"], trace["y"], shares, "top center")],
        hovermode="closest",
        showlegend=False,
        xaxis={**AS_IT_IS, "type": "category"},
        yaxis={**AS_IT_IS, "range": [0, _ROOM_ABOVE * most], "tickformat": ","},
        margin={"l": 60},
    )


def csat_course(frame: pl.DataFrame) -> Figure:
    """Draw the mean score by week with its 95 % interval.

    Args:
        frame: Columns week, ratings, csat_mean, lower, upper, tickets_behind.
    """
    trace = line(
        frame["week"],
        frame["csat_mean"],
        "Mean score",
        hover="%{y:.2f} of %{text} ratings",
        mode="lines+markers",
        behind=frame["tickets_behind"],
    )
    trace["text"] = [f"{count:,}" for count in frame["ratings"]]
    trace["error_y"] = _error(frame, "csat_mean")
    mondays = {
        "type": "date",
        "tick0": frame["week"].dt.to_string("iso")[0],
        "dtick": _WEEK_MILLISECONDS * -(-frame.height // _MOST_TICKS),
    }
    return figure([trace], xaxis={**AS_IT_IS, **mondays}, yaxis={**AS_IT_IS, "tickformat": ".1f"})


def rates(frame: pl.DataFrame) -> Figure:
    """Draw a rate of each group with its interval, and the whole desk's as a line.

    Args:
        frame: Columns group_name, tickets, happened, rate, lower, upper, desk_rate,
            tickets_behind; drawn from the top.
    """
    rows = frame.reverse()
    desk, far = float(frame["desk_rate"][0]), max(rows["upper"])
    trace = _points(rows, "rate", list(range(rows.height)), rows["tickets_behind"])
    trace |= {
        "text": [f"{rate:.1%}" for rate in rows["rate"]],
        "hovertext": rows["group_name"].to_list(),
        # A text over a point at the axis would lie on its name.
        "textposition": ["top right" if low < far / 10 else "top center" for low in rows["rate"]],
        "mode": "markers+text",
        "cliponaxis": False,
    }
    trace["marker"] = {"color": HUE, "size": 9}
    trace["hovertemplate"] = "%{hovertext}: %{x:.1%}<extra></extra>"
    names = _names(rows["group_name"], rows["tickets"])
    return figure(
        [trace],
        hovermode="closest",
        xaxis={**AS_IT_IS, "tickformat": ".0%", "rangemode": "tozero"},
        yaxis=names,
        margin={"t": 28, "l": _room(names)},
        **_level(desk, f"whole desk {desk:.1%}", is_far=2 * desk > far),
    )


def churn(frame: pl.DataFrame) -> Figure:
    """Draw the share of tickets after which the customer left, by tier and by what came before.

    Args:
        frame: Columns customer_tier, after, tickets, rate, lower, upper, tickets_behind.
    """
    looks = {
        "All tickets": (HUE, "circle"),
        "Missed an SLA target": (BAD, "triangle-right"),
        "Kept every SLA target": (GOOD, "diamond"),
    }
    traces = []
    for after, (color, symbol) in looks.items():
        rows = frame.filter(pl.col("after") == after)
        if rows.is_empty():
            continue
        trace = _points(rows, "rate", rows["customer_tier"].to_list(), rows["tickets_behind"])
        trace["name"] = after
        trace["marker"] = {"color": color, "symbol": symbol, "size": 9}
        trace["error_x"]["color"] = color
        # Side by side, not over one another.
        trace |= {"orientation": "h", "offsetgroup": after}
        trace["text"] = [f"{count:,}" for count in rows["tickets"]]
        trace["hovertemplate"] = f"%{{y}}, {after}: %{{x:.1%}} of %{{text}}<extra></extra>"
        traces.append(trace)
    return figure(
        traces,
        hovermode="closest",
        scattermode="group",
        xaxis={**AS_IT_IS, "tickformat": ".1%", "rangemode": "tozero"},
        yaxis={**AS_IT_IS, "type": "category", "autorange": "reversed"},
        margin={"l": room_for_names(frame["customer_tier"])},
    )


def factors(frame: pl.DataFrame) -> Figure:
    """Draw by how much ratings differ with each factor, with the interval: a forest plot.

    Args:
        frame: Columns factor, with_it, without, mean_with, mean_without, difference, lower, upper,
            alike, tickets_behind; lowest difference first.
    """
    rows = frame.reverse().with_columns(
        verdict=pl.when(pl.col("upper") < 0)
        .then(pl.lit("lower"))
        .when(pl.col("lower") > 0)
        .then(pl.lit("higher"))
        .otherwise(pl.lit("within chance")),
    )
    rows = rows.with_row_index("place")
    traces = []
    for verdict, (color, symbol) in _LOOKS.items():
        part = rows.filter(pl.col("verdict") == verdict)
        if part.is_empty():
            continue
        trace = _points(part, "difference", part["place"].to_list(), part["tickets_behind"])
        trace["name"] = f"Ratings {verdict}" if verdict != "within chance" else "Within chance"
        trace["marker"] = {"size": 10, "symbol": symbol, "color": color}
        trace["text"] = [
            f"{name}, n={count:,}<br>{with_:.2f} against {without:.2f} of {n:,} without: "
            f"{difference:+.2f}, {verdict}"
            for name, count, with_, without, n, difference in part[
                "factor", "with_it", "mean_with", "mean_without", "without", "difference"
            ].rows()
        ]
        trace["hovertemplate"] = "%{text}<extra></extra>"
        traces.append(trace)
    known = rows.drop_nulls("alike")
    alike = {
        "type": "scatter",
        "mode": "markers",
        "x": known["alike"].round(4).to_list(),
        "y": known["place"].to_list(),
        "name": "Same priority and type only",
        "marker": {"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": HUE}},
        "text": known["factor"].to_list(),
        "hovertemplate": "%{text}<br>among tickets of the same priority and type %{x:+.2f}"
        "<extra></extra>",
    }
    names = _names(rows["factor"], rows["with_it"])
    return figure(
        [*traces, alike],
        height=720,
        hovermode="closest",
        xaxis={
            **AS_IT_IS,
            "tickformat": "+.1f",
            "title": {"text": "points of satisfaction, 1 to 5"},
        },
        yaxis=names,
        margin={"l": _room(names), "b": 56},
        **_level(0, ""),
    )


def _points(rows: pl.DataFrame, value: str, places: list[Any], behind: pl.Series) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": rows[value].round(4).to_list(),
        "y": places,
        "error_x": _error(rows, value),
        "customdata": behind.to_list(),
    }


def _error(rows: pl.DataFrame, value: str) -> dict[str, Any]:
    above, below = (
        rows.select(reach.round(4).fill_null(0)).to_series().to_list()
        for reach in (pl.col("upper") - pl.col(value), pl.col(value) - pl.col("lower"))
    )
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "color": GREY,
        "thickness": 1.5,
        "width": 4,
    }


def _names(names: pl.Series, counts: pl.Series) -> dict[str, Any]:
    """Return a vertical axis that names its places from below: what, and from how many."""
    labels = []
    for name, count in zip(names, counts, strict=True):
        head, _, detail = (
            name if len(name) <= _MOST_CHARACTERS else f"{name[: _MOST_CHARACTERS - 1]}…"
        ).partition(", ")
        labels.append(f"{head}<br>{f'{detail}, ' if detail else ''}n={count:,}")
    return {
        **AS_IT_IS,
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "tickfont": {"size": 11},
        # A point at the axis reaches beyond it.
        "ticklabelstandoff": _ROOM_BESIDE,
        "range": [-0.6, len(labels) - 0.3],
        "zeroline": False,
    }


def _room(names: Mapping[str, Any]) -> int:
    lines = (line for label in names["ticktext"] for line in label.split("<br>"))
    return room_for_names(lines) + _ROOM_BESIDE


def _level(value: float, label: str, *, is_far: bool = False) -> dict[str, Any]:
    """Return a vertical line and its name, to the left of it if it is far right, for a layout."""
    return {
        "shapes": [
            {
                "type": "line",
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "x0": value,
                "x1": value,
                "line": {"color": GREY, "width": 1, "dash": "dot"},
            }
        ],
        "annotations": [
            {
                "yref": "paper",
                "y": 1,
                "x": value,
                "text": label,
                "showarrow": False,
                "xanchor": "right" if is_far else "left",
                "yanchor": "bottom",
            }
        ]
        if label
        else [],
    }
