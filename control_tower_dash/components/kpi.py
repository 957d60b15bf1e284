"""Cards of the figures leaders steer by: value, change, target, how it went."""

from collections.abc import Sequence
from urllib.parse import quote

from dash import html

from control_tower_dash.components.aria import aria
from control_tower_dash.formats import NOT_KNOWN, readable, readable_change
from control_tower_dash.metrics import Metric
from control_tower_dash.theme import HUE

__all__ = ["kpi_card", "sparkline"]

_WIDTH, _HEIGHT = 160, 36


def kpi_card(
    metric: Metric,
    value: float | None,
    before: float | None,
    target: tuple[float | None, str],
    course: Sequence[float | None],
) -> html.Div:
    """Return the card of a metric.

    Args:
        metric: Which.
        value: In the period.
        before: In the period before.
        target: What is aimed for, and what to call it, such as `target` or `usual`.
        course: Its values over the period, oldest first.
    """
    aim, aim_name = target
    return html.Div(
        [
            html.H2(metric.label, className="kpi-label", title=metric.definition),
            html.Div(readable(value, metric.kind), className="kpi-value"),
            _change(metric, value, before),
            sparkline(course, f"{metric.label} over the period"),
            html.Div(
                f"{aim_name} {readable(aim, metric.kind)}{_verdict(metric, value, aim)}"
                if aim is not None
                else "no target set",
                className="kpi-target",
            ),
        ],
        className="card kpi",
        id=f"kpi-{metric.name}",
    )


def _change(metric: Metric, value: float | None, before: float | None) -> html.Div:
    change = readable_change(value, before, metric.kind)
    if change is None or value is None or before is None:
        return html.Div(_no_change(metric, value, before), className="kpi-change")
    # What is too little to be shown is neither better nor worse.
    sign = {"+": "▲", "-": "▼"}.get(change[0], "=")
    kind, word = "", ""
    if metric.good != "neither" and sign != "=":
        is_better = (sign == "▲") == (metric.good == "up")
        kind, word = ("is-good", "better") if is_better else ("is-bad", "worse")
    return html.Div(
        [
            html.Span(f"{sign} ", **aria(hidden=True)),
            change,
            html.Span(f" {word}" if word else "", className="kpi-word"),
        ],
        className=f"kpi-change {kind}",
        title=f"Before: {readable(before, metric.kind)}",
    )


def _no_change(metric: Metric, value: float | None, before: float | None) -> str:
    if value is None:
        return "not known in this period"
    if before is None:
        return "nothing before to compare"
    return f"before: {readable(before, metric.kind)}"


def _verdict(metric: Metric, value: float | None, aim: float) -> str:
    if value is None or metric.good == "neither":
        return ""
    is_met = value >= aim if metric.good == "up" else value <= aim
    return " · met" if is_met else " · missed"


def sparkline(course: Sequence[float | None], label: str) -> html.Div:
    """Return a small line of the known values as a picture; nothing is drawn for fewer than two."""
    known = [value for value in course if value is not None]
    if len(known) < 2:
        return html.Div(NOT_KNOWN, className="sparkline", **aria(hidden=True))
    lowest, spread = min(known), (max(known) - min(known)) or 1.0
    step = _WIDTH / (len(course) - 1)
    points = " ".join(
        f"{place * step:.1f},{_HEIGHT - 3 - (value - lowest) / spread * (_HEIGHT - 6):.1f}"
        for place, value in enumerate(course)
        if value is not None
    )
    line = (
        f'<polyline points="{points}" fill="none" stroke="{HUE}" stroke-width="1.8" '
        'stroke-linejoin="round" vector-effect="non-scaling-stroke"/>'
    )
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'preserveAspectRatio="none">{line}</svg>'
    )
    return html.Div(
        html.Img(src=f"data:image/svg+xml,{quote(picture)}", alt=label), className="sparkline"
    )
