"""What figures have in common: traces and layouts in the house's manner."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.theme import BAD, GREY, HUE

__all__ = [
    "AS_IT_IS",
    "bars",
    "contrasting",
    "ends_of_bars",
    "figure",
    "line",
    "room_for_names",
    "target_line",
    "written",
]

AS_IT_IS: Final[Mapping[str, Any]] = {
    "automargin": False,
    "tickangle": 0,
    "ticklabeloverflow": "allow",
}
"""Of an axis whose labels are known to fit: to find out, Plotly draws the whole figure twice, and
measures each label to turn or hide what does not."""

_PIXELS_A_CHARACTER: Final = 6.2
_MOST_PIXELS: Final = 280
_LONG: Final = 0.6
"""Share of the longest bar from which on a text has room within a bar on any screen."""
_WHITE, _BLACK = "#ffffff", "#000000"


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


def written(
    x: Sequence[Any],
    y: Sequence[Any],
    texts: Sequence[str],
    where: str | Sequence[str],
    **more: Any,
) -> dict[str, Any]:
    """Return texts at points, such as the ends of bars.

    Were they the bars' own, Plotly would measure each, which takes longer than to draw them all.

    Args:
        x, y: Where the points are.
        texts: What stands there.
        where: Beside which side of the point, as `textposition` has it, of all or of each.
        more: What else the trace has.
    """
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(x),
        "y": list(y),
        "text": list(texts),
        "textposition": where if isinstance(where, str) else list(where),
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
        **more,
    }


def ends_of_bars(bar: Mapping[str, Any], texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return texts at the ends of lying bars: within long ones, beyond short ones.

    Args:
        bar: The trace of the bars, none shorter than nothing, each of a colour of its own; their
            names may have two levels.
        texts: What stands at the end of each.
    """
    lengths = [length or 0 for length in bar["x"]]
    most = max(lengths, default=0)
    is_long = [length >= _LONG * most > 0 for length in lengths]
    traces = []
    for within in (True, False):
        at = [place for place, long in enumerate(is_long) if long == within]
        if not at:
            continue
        has_levels = isinstance(bar["y"][0], list)
        trace = written(
            [lengths[place] for place in at],
            [[level[place] for place in at] for level in bar["y"]]
            if has_levels
            else [bar["y"][place] for place in at],
            [f"{texts[place]}\u2002" if within else f"\u2002{texts[place]}" for place in at],
            "middle left" if within else "middle right",
        )
        if within:
            trace["textfont"] = {
                "color": [contrasting(bar["marker"]["color"][place]) for place in at]
            }
        traces.append(trace)
    return traces


def contrasting(color: str) -> str:
    """Return whichever of black and white reads better on a colour (WCAG 2.2).

    Its contrast is 4.5 to 1 or more on any colour; of nothing less dark than black would that hold.
    """
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return _BLACK if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else _WHITE


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
