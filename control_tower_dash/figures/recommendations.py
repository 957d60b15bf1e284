"""What each recommendation is worth, drawn."""

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.parts import bars, ends_of_bars, figure
from control_tower_dash.formats import readable
from control_tower_dash.theme import HUE

__all__ = ["worth"]

_MOST_CHARACTERS = 48


def worth(frame: pl.DataFrame) -> Figure:
    """Return a lying bar for each recommendation, as long as it is worth, the first on top.

    Args:
        frame: rank, title, score_usd, tickets_behind.
    """
    rows = frame.reverse()
    names = [f"{rank}. {_short(title)}" for rank, title in rows.select("rank", "title").iter_rows()]
    trace = bars(
        rows["score_usd"],
        pl.Series(names, dtype=pl.String),
        "Worth a month",
        hover="%{text}",
        behind=rows["tickets_behind"],
        orientation="h",
    )
    texts = [readable(value, "usd") for value in rows["score_usd"]]
    trace["text"] = texts
    trace["textposition"] = "none"
    trace["marker"] = {"color": [HUE] * rows.height}
    return figure(
        [trace, *ends_of_bars(trace, texts)],
        showlegend=False,
        hovermode="closest",
        xaxis={"tickprefix": "$", "tickformat": ",", "rangemode": "tozero"},
        yaxis={"automargin": True, "type": "category"},
    )


def _short(title: str) -> str:
    if len(title) <= _MOST_CHARACTERS:
        return title
    return f"{title[: _MOST_CHARACTERS - 1]}…"
