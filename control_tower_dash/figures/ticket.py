"""Figures of one ticket: who held it in which status, and how its SLA clocks ran."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.parts import figure
from control_tower_dash.queries.ticket import VERDICTS
from control_tower_dash.theme import BAD, GREY, HUE, SERIES

__all__ = ["CLOCKS_HEIGHT", "COURSE_HEIGHT", "clock_course", "ticket_course"]

_STATUS_COLORS: Final[Mapping[str, str]] = {
    "new": SERIES[5],
    "open": SERIES[0],
    "pending": SERIES[4],
    "hold": SERIES[3],
    "solved": SERIES[2],
    "closed": GREY,
}
_SYMBOLS: Final[Mapping[str, str]] = {
    "created": "star",
    "replied": "circle",
    "customer_replied": "diamond",
    "escalated": "triangle-up",
    "reopened": "x",
    "solved": "square",
}
COURSE_HEIGHT: Final = 280
CLOCKS_HEIGHT: Final = 340
_MOMENT: Final = "%Y-%m-%d %H:%M:%S"


def ticket_course(frame: pl.DataFrame) -> Figure:
    """Return a lane for each group, its colour the status, and a mark for each event.

    Args:
        frame: began_at, ended_at, group_name, status, activity, in order.
    """
    lanes = frame["group_name"].unique(maintain_order=True).to_list()
    # A status without a name (event logs have none) is still time somebody held the ticket.
    statuses = frame["status"].fill_null("").unique(maintain_order=True).to_list()
    traces = [
        _stretches(
            frame.filter(
                pl.col("status").fill_null("") == status, pl.col("ended_at").is_not_null()
            ),
            "group_name",
            status or "held",
            _STATUS_COLORS.get(status, HUE),
            14,
        )
        for status in statuses
    ]
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "event",
            "showlegend": False,
            "x": _moments(frame["began_at"]),
            "y": frame["group_name"].to_list(),
            "text": frame["activity"].to_list(),
            "marker": {
                "symbol": [_SYMBOLS.get(name, "circle-open") for name in frame["activity"]],
                "size": 11,
                "color": "#ffffff",
                "line": {"color": "#1a1b1e", "width": 1.5},
            },
            "hovertemplate": "%{text}<br>%{x|%-d %b %Y, %H:%M}<extra>%{y}</extra>",
        }
    )
    return figure(
        traces,
        height=COURSE_HEIGHT,
        hovermode="closest",
        showlegend=True,
        yaxis=_lanes(lanes),
        xaxis={"type": "date", "range": _working_span(frame)},
    )


def _working_span(frame: pl.DataFrame) -> list[str]:
    """Return where to look first: the wait between solved and closed would squeeze all else."""
    settled = pl.col("status").is_in(["solved", "closed"]).fill_null(value=False)
    until = frame.select(
        pl.max_horizontal(
            pl.col("began_at")
            .filter(pl.col("status").is_null() | (pl.col("status") != "closed"))
            .max(),
            pl.col("ended_at").filter(~settled).max(),
        )
    ).item()
    first = frame["began_at"][0]
    pad = ((until or first) - first) * 0.04 + timedelta(minutes=1)
    return _moments(pl.Series([first - pad, (until or first) + pad]))


def clock_course(frame: pl.DataFrame) -> Figure:
    """Return a lane for each SLA clock: bold where it ran, a cross where its target was missed.

    A clock within its target has an open mark where that passes if it goes on to run.

    Args:
        frame: metric_label, began_at, ended_at, started_at, stopped_at, breach_at, verdict.
    """
    clocks = frame.unique("metric_label", maintain_order=True)
    lanes = clocks["metric_label"].to_list()
    whole = clocks.select(
        "metric_label", began_at=pl.col("started_at"), ended_at=pl.col("stopped_at")
    )
    limits = clocks.filter(pl.col("breach_at").is_not_null())
    is_missed = pl.col("verdict") == VERDICTS["breached"]
    traces = [
        _stretches(whole, "metric_label", "paused", GREY, 3),
        _stretches(frame.filter(pl.col("began_at").is_not_null()), "metric_label", "ran", HUE, 12),
        *_targets(limits.filter(is_missed), "target passed", "x", BAD),
        *_targets(limits.filter(~is_missed), "target to come", "diamond-open", GREY),
    ]
    return figure(
        traces,
        height=CLOCKS_HEIGHT,
        hovermode="closest",
        showlegend=True,
        yaxis=_lanes(lanes),
        xaxis={"type": "date"},
    )


def _targets(clocks: pl.DataFrame, name: str, symbol: str, color: str) -> list[dict[str, Any]]:
    if clocks.is_empty():
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": _moments(clocks["breach_at"]),
            "y": clocks["metric_label"].to_list(),
            "marker": {"symbol": symbol, "size": 12, "color": color},
            "hovertemplate": f"{name}<br>%{{x|%-d %b %Y, %H:%M}}<extra>%{{y}}</extra>",
        }
    ]


def _stretches(frame: pl.DataFrame, lane: str, name: str, color: str, width: int) -> dict[str, Any]:
    x: list[str | None] = []
    y: list[str | None] = []
    for at, began, ended in zip(
        frame[lane], _moments(frame["began_at"]), _moments(frame["ended_at"]), strict=True
    ):
        x += [began, ended, None]
        y += [at, at, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": color, "width": width},
        "hovertemplate": f"{name}<br>%{{x|%-d %b %Y, %H:%M}}<extra>%{{y}}</extra>",
    }


def _lanes(names: list[str]) -> dict[str, Any]:
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": names[::-1],
        "range": [-0.6, len(names) - 0.4],
        "automargin": True,
        "showgrid": False,
    }


def _moments(series: pl.Series) -> list[str]:
    return series.dt.strftime(_MOMENT).to_list()
