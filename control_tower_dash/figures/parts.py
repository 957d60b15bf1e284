"""What figures have in common: traces and layouts in the house's manner."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.theme import BAD, GREY, HUE

__all__ = ["AS_IT_IS", "bars", "figure", "line", "room_for_names", "target_line"]

AS_IT_IS: Final[Mapping[str, Any]] = {
    "automargin": False,
    "tickangle": 0,
    "ticklabeloverflow": "allow",
}
"""Of an axis whose labels are known to fit: to find out, Plotly draws the whole figure twice, and
measures each label to turn or hide what does not."""

_PIXELS_A_CHARACTER: Final = 6.2
_MOST_PIXELS: Final = 280


def figure(traces: Sequence[dict[str, Any]], height: int = 300, **layout: Any) -> Figure:
    """Return a figure of traces; what else the layout says comes by name."""
    return {
        "data": list(traces),
        "layout": {
            "height": height,
            "hovermode": "x unified",
            "showlegend": len(traces) > 1,
            **layout,
        },
    }


def line(
    x: pl.Series,
    y: pl.Series,
    name: str,
    *,
    color: str = HUE,
    hover: str = "%{y}",
    dash: str = "solid",
    behind: pl.Series | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a line; `behind` leads from its points to tickets."""
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "x": _values(x),
        "y": _values(y),
        "name": name,
        "line": {"color": color, "width": 2, "dash": dash},
        "hovertemplate": f"{hover}<extra>{name}</extra>",
    }
    if behind is not None:
        trace["customdata"] = behind.to_list()
    return {**trace, **more}


def bars(
    x: pl.Series,
    y: pl.Series,
    name: str,
    *,
    color: str | Sequence[str] = HUE,
    hover: str = "%{y}",
    behind: pl.Series | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return bars; with `orientation="h"` among the rest, they lie."""
    trace: dict[str, Any] = {
        "type": "bar",
        "x": _values(x),
        "y": _values(y),
        "name": name,
        "marker": {"color": color if isinstance(color, str) else list(color)},
        "hovertemplate": f"{hover}<extra>{name}</extra>",
    }
    if behind is not None:
        trace["customdata"] = behind.to_list()
    return {**trace, **more}


def target_line(value: float, label: str) -> dict[str, Any]:
    """Return shapes and annotations of a level aimed for, as a part of the layout."""
    return {
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": value,
                "y1": value,
                "line": {"color": BAD, "width": 1.5, "dash": "dot"},
            }
        ],
        "annotations": [
            {
                "xref": "paper",
                "x": 1,
                "y": value,
                "text": label,
                "showarrow": False,
                "xanchor": "right",
                "yanchor": "bottom",
                "bgcolor": "rgba(0,0,0,0)",
                "bordercolor": GREY,
                "borderwidth": 0,
            }
        ],
    }


def room_for_names(names: Iterable[str]) -> int:
    """Return the pixels that names beside lying bars take, the longest as wide as they come."""
    longest = max(map(len, names), default=0)
    return min(round(20 + _PIXELS_A_CHARACTER * longest), _MOST_PIXELS)


def _values(series: pl.Series) -> list[Any]:
    if series.dtype == pl.Date:
        return series.dt.to_string("iso").to_list()
    if series.dtype.is_float():
        # A third of the bytes, and no figure shows more.
        return series.round(4).to_list()
    return series.to_list()
