"""Bars of the bottleneck page: hours in groups, and what leaving the path costs."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.parts import AS_IT_IS, bars, figure, room_for_names, written
from control_tower_dash.queries.drill import BEHIND
from control_tower_dash.theme import BAD, GOOD, HUE, NOTICE

__all__ = ["deviation_bars", "group_bars"]

_TEXT_ROOM: Final = 0.28
_TEXT_ROOM_BELOW_ZERO: Final = 0.45
_MOST_DEVIATIONS: Final = 15


def group_bars(frame: pl.DataFrame) -> Figure:
    """Draw hours in groups, worked on and waiting: of all tickets, and of the median ticket.

    Args:
        frame: Columns group_name, total_hours_in_group, median_hours, working_hours,
            waiting_hours, median_working_hours, median_waiting_hours, tickets_behind.
    """
    rows = frame.reverse()
    is_split = rows["working_hours"].is_not_null().any()
    parts = (
        (
            ("Waiting", "waiting_hours", "median_waiting_hours", NOTICE),
            ("Worked on", "working_hours", "median_working_hours", HUE),
        )
        if is_split
        else (("With the group", "total_hours_in_group", "median_hours", HUE),)
    )
    traces = []
    for name, total, median, color in parts:
        for column, axis, number in ((total, "x", "%{x:,.0f} h"), (median, "x2", "%{x:,.2f} h")):
            trace = bars(
                rows[column],
                rows["group_name"],
                name,
                color=color,
                hover=f"%{{y}}: {number}",
                behind=rows[BEHIND],
                orientation="h",
            )
            axes = {"xaxis": axis, "yaxis": "y" if axis == "x" else "y2"}
            texts = [_hours(hours) if hours else "" for hours in trace["x"]]
            # Bars and their texts are side by side alike.
            aside = {**axes, "orientation": "h", "offsetgroup": name, "legendgroup": name}
            traces += [
                trace | aside | {"showlegend": axis == "x" and is_split},
                written(trace["x"], trace["y"], texts, "middle right", **aside),
            ]
    return figure(
        traces,
        height=_height(frame, 60, 130),
        barmode="group",
        scattermode="group",
        hovermode="closest",
        showlegend=bool(is_split),
        margin=_margin(rows["group_name"]),
        **_panels(
            ("Hours, all tickets", rows.select(part[1] for part in parts)),
            ("Hours, median ticket", rows.select(part[2] for part in parts)),
        ),
    )


def deviation_bars(frame: pl.DataFrame) -> Figure:
    """Draw what deviations cost: hours beyond tickets alike, a ticket and in total; breaches.

    Args:
        frame: Columns deviation, tickets, extra_cycle_hours, total_extra_hours,
            extra_breach_rate, tickets_behind; the first fifteen are drawn.
    """
    rows = frame.head(_MOST_DEVIATIONS).reverse()
    names = [
        f"{name} ({tickets:,})" for name, tickets in rows.select("deviation", "tickets").iter_rows()
    ]
    panels: list[tuple[str, str, str, Callable[[float | None], str]]] = [
        (
            "total_extra_hours",
            "Extra hours, all tickets",
            "%{x:+,.0f} hours, all together",
            _signed,
        ),
        ("extra_cycle_hours", "Extra hours, a ticket", "%{x:+,.1f} hours a ticket", _signed),
    ]
    if rows["extra_breach_rate"].is_not_null().any():
        panels.append(("extra_breach_rate", "Extra breach rate", "breach rate %{x:+.1%}", _points))
    traces = []
    for at, (column, _, hover, says) in enumerate(panels):
        number = str(at + 1) if at else ""
        trace = bars(
            rows[column],
            rows["deviation"],
            "",
            color=[BAD if (value or 0) > 0 else GOOD for value in rows[column]],
            hover=f"%{{y}}: {hover} beyond tickets alike",
            behind=rows[BEHIND],
            orientation="h",
        )
        axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        ends = [value or 0 for value in trace["x"]]
        sides = ["middle left" if end < 0 else "middle right" for end in ends]
        texts = [says(value) for value in rows[column]]
        traces += [trace | axes | {"y": names}, written(ends, names, texts, sides, **axes)]
    return figure(
        traces,
        height=_height(rows, 30, 90),
        hovermode="closest",
        showlegend=False,
        margin=_margin(names),
        **_panels(*((title, rows.select(column)) for column, title, _, _ in panels), shares=(2,)),
    )


def _panels(*panels: tuple[str, pl.DataFrame], shares: tuple[int, ...] = ()) -> dict[str, Any]:
    """Return the axes of panels side by side that share their rows, with room for text.

    Args:
        panels: Title and values of each.
        shares: Places of those that show shares.
    """
    width = 1 / len(panels)
    axes: dict[str, Any] = {}
    for at, (title, values) in enumerate(panels):
        number = str(at + 1) if at else ""
        known = [value for row in values.iter_rows() for value in row if value is not None]
        low, high = min([0.0, *known]), max([0.0, *known])
        span = (high - low) or 1
        axes[f"xaxis{number}"] = {
            **AS_IT_IS,
            "domain": [round(at * width, 3), round((at + 1) * width - 0.03, 3)],
            "title": {"text": title},
            "range": [
                low - _TEXT_ROOM_BELOW_ZERO * span if low < 0 else 0,
                high + _TEXT_ROOM * span,
            ],
            "anchor": f"y{number}",
            "nticks": 5,
            **({"tickformat": ".0%"} if at in shares else {}),
        }
        axes[f"yaxis{number}"] = {**AS_IT_IS, "showgrid": False, "anchor": f"x{number}"} | (
            {"matches": "y", "showticklabels": False} if at else {}
        )
    return axes


def _margin(names: Iterable[str]) -> dict[str, int]:
    """Return the room around panels: names on the left, titles of their axes below."""
    return {"l": room_for_names(names), "r": 16, "t": 12, "b": 56}


def _height(frame: pl.DataFrame, each: int, around: int) -> int:
    return max(200, each * frame.height + around)


def _hours(hours: float) -> str:
    return f"{hours:,.0f} h" if hours >= 100 else f"{hours:.1f} h"


def _signed(hours: float | None) -> str:
    if hours is None:
        return "not comparable"
    return f"{hours:+,.0f} h" if abs(hours) >= 100 else f"{hours:+,.1f} h"


def _points(rate: float | None) -> str:
    return "" if rate is None else f"{100 * rate:+.0f} points"
