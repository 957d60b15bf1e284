"""The simulator's controls, and the table of a plan beside the desk as it stands."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final, Literal

import dash_mantine_components as dmc
import polars as pl
from dash import dcc, html
from dash.development.base_component import Component

from control_tower_dash.components.aria import aria
from control_tower_dash.formats import NOT_KNOWN, Kind, readable
from control_tower_dash.plan import Lever, Plan

__all__ = ["controls", "plan_table"]

_MOST_OPEN: Final = 4
_MOST_ROWS: Final = 12
_WAITS_MS: Final = 500

Good = Literal["up", "down", "neither"]


def controls(levers: Sequence[Lever], plan: Plan) -> list[Component]:
    """Return a slider and a number input for each lever, a part for the desk and one a group.

    Args:
        levers: What can be changed.
        plan: What they are set to.
    """
    values = {lever.name: value for lever, value in plan.changes}
    groups = len({lever.group for lever in levers if lever.group})
    parts: list[Component] = [
        dcc.Store(
            id={"type": "plan-levers", "page": "capacity"}, data=[_told(lever) for lever in levers]
        ),
    ]
    for group, own in groupby(levers, key=lambda lever: lever.group):
        parts.append(
            html.Details(
                [
                    html.Summary(group or "Whole desk"),
                    *[_control(lever, values.get(lever.name, lever.base)) for lever in own],
                ],
                open=group is None or groups <= _MOST_OPEN,
                className="plan-part",
            )
        )
    return parts


def _told(lever: Lever) -> dict[str, Any]:
    """Return what the browser has to know of a lever."""
    return {
        "name": lever.name,
        "base": lever.base,
        "low": lever.low,
        "high": lever.high,
        "zero": lever.zero,
        "scale": lever.scale,
    }


def _control(lever: Lever, value: float) -> html.Div:
    low, high = lever.shown(lever.low), lever.shown(lever.high)
    label = lever.label if lever.group is None else lever.label.split(" of ")[0]
    unit = "posts" if lever.part == "headcount" else "%"
    told = f" {unit}" if lever.zero else f" {unit}, now {lever.shown(lever.base):g}"
    return html.Div(
        [
            dmc.NumberInput(
                id={"type": "plan-number", "lever": lever.name},
                label=[label, html.Span(told, className="plan-unit")],
                value=lever.shown(value),
                min=low,
                max=high,
                step=0.5 if lever.part == "headcount" else 1,
                decimalScale=2,
                debounce=_WAITS_MS,
                size="xs",
                className="plan-number",
                **aria(label=f"{lever.label}, {unit}"),
            ),
            dmc.Slider(
                id={"type": "plan-slider", "lever": lever.name},
                value=lever.shown(value),
                min=low,
                max=high,
                step=0.5 if lever.part == "headcount" else 1,
                marks=[{"value": lever.shown(lever.base)}],
                updatemode="mouseup",
                size="sm",
                thumbLabel=f"{lever.label}, {unit}",
                className="plan-slider",
            ),
        ],
        className="plan-control",
    )


def plan_table(
    attainment: pl.DataFrame, gaps: pl.DataFrame, backlog: pl.DataFrame
) -> list[Component]:
    """Return what a plan comes to beside the desk as it stands, with the differences.

    Args:
        attainment, gaps, backlog: As `queries.what_if` returns them, with rows.
    """
    last = backlog.filter(pl.col("day") == pl.col("day").max())
    missing = gaps.select(pl.col("before", "after").clip(lower_bound=0).sum())
    waiting = last.select(pl.col("before", "after").sum())
    rows = {
        name: attainment.filter(pl.col("dimension") == name)
        .select("value", "before", "after")
        .rows()
        for name in ("Desk", "Priority", "Group")
    }
    bodies: list[tuple[str, list[html.Tr]]] = [
        (
            "Whole desk",
            _rows([("SLA attainment", *row[1:]) for row in rows["Desk"]], "share", "up"),
        ),
        (
            "Groups below together",
            [
                *_rows([("FTE days short", *missing.row(0))], "number", "down"),
                *_rows([("Tickets waiting at the end", *waiting.row(0))], "number", "down"),
            ],
        ),
        ("SLA attainment by priority", _rows(rows["Priority"], "share", "up")),
        ("SLA attainment by group", _rows(rows["Group"], "share", "up")),
        (
            "Capacity gap by group, FTE days",
            _rows(gaps.select("group_name", "before", "after").rows(), "number", "down"),
        ),
        (
            "Tickets waiting at the end, by group",
            _rows(last.select("group_name", "before", "after").rows(), "number", "down"),
        ),
        (
            "Occupancy by group",
            _rows(
                gaps.select("group_name", "occupancy_before", "occupancy_after").rows(),
                "share",
                "neither",
            ),
        ),
    ]
    heads = ("", "As it stands", "The plan", "Difference")
    return [
        html.Table(
            [
                html.Caption("The coming 30 days, as the desk stands and by the plan"),
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                *[_body(title, own) for title, own in bodies if own],
            ],
            className="plan-table",
        )
    ]


def _body(title: str, rows: list[html.Tr]) -> html.Tbody:
    left = len(rows) - _MOST_ROWS
    more = [html.Tr(html.Td(f"and {left} more in the charts' tables", colSpan=4))]
    return html.Tbody(
        [
            html.Tr(html.Th(title, colSpan=4, scope="rowgroup"), className="plan-group"),
            *rows[:_MOST_ROWS],
            *(more if left > 0 else []),
        ]
    )


def _rows(rows: Sequence[tuple[Any, ...]], kind: Kind, good: Good) -> list[html.Tr]:
    return [_row(label, before, after, kind, good) for label, before, after in rows]


def _row(label: str, before: float | None, after: float | None, kind: Kind, good: Good) -> html.Tr:
    sign, word, class_name = _verdict(before, after, kind, good)
    return html.Tr(
        [
            html.Th(label, scope="row"),
            html.Td(readable(before, kind)),
            html.Td(readable(after, kind)),
            html.Td(
                [
                    sign,
                    html.Span(f" {word}" if word else "", className="plan-word"),
                ],
                className=class_name,
            ),
        ]
    )


def _verdict(
    before: float | None, after: float | None, kind: Kind, good: Good
) -> tuple[str, str, str]:
    """Return a difference as text, whether it is better or worse, and its class."""
    if before is None or after is None:
        return NOT_KNOWN, "", ""
    change = after - before
    said = f"{100 * change:+.1f} points" if kind == "share" else f"{change:+,.1f}"
    if not any(digit in said for digit in "123456789"):
        return "no change", "", ""
    if good == "neither":
        return said, "", ""
    is_better = (change > 0) == (good == "up")
    return said, "better" if is_better else "worse", "is-good" if is_better else "is-bad"
