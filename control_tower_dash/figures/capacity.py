"""Figures of the forecasts and of the gap between people needed and people there."""

from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.panels import MOST_GROUPS, MOST_PANELS, band, panels
from control_tower_dash.figures.parts import bars, figure, line
from control_tower_dash.theme import BAD, GREY, HUE, NOTICE, SERIES

__all__ = ["fan", "gap_bars", "gap_by_month_bars"]

_WIDE: Final = "rgba(0,114,178,0.15)"
_NARROW: Final = "rgba(0,114,178,0.3)"


def fan(frame: pl.DataFrame) -> Figure:
    """Draw what came and what is to come, with the forecast's intervals, a panel a series.

    Args:
        frame: Columns series, day, observed, expected, is_anomaly, forecast, lo_80, hi_80, lo_95,
            hi_95, holiday_name, tickets_behind.
    """
    parts = [
        (str(series), _course(own))
        for (series,), own in frame.group_by("series", maintain_order=True)
    ][:MOST_PANELS]
    first = frame.filter(pl.col("forecast").is_not_null())["day"].min()
    return panels(
        parts,
        yaxis={"rangemode": "tozero", "tickformat": ","},
        shapes=[
            {
                "type": "line",
                "yref": "paper",
                "x0": str(first),
                "x1": str(first),
                "y0": 0,
                "y1": 1,
                "line": {"color": GREY, "width": 1, "dash": "dot"},
            }
        ],
        annotations=[
            {
                "yref": "paper",
                "x": str(first),
                "y": 1,
                "text": "forecast from here",
                "showarrow": False,
                "xanchor": "left",
                "yanchor": "bottom",
            }
        ],
    )


def _course(frame: pl.DataFrame) -> list[dict[str, Any]]:
    past = frame.filter(pl.col("observed").is_not_null())
    ahead = frame.filter(pl.col("forecast").is_not_null())
    days = ahead["day"]
    forecast = line(days, ahead["forecast"], "Forecast", hover="%{y:,.0f} (%{text})", dash="dash")
    forecast["text"] = [
        f"80 %: {low:,.0f} to {high:,.0f}; 95 %: {least:,.0f} to {most:,.0f}"
        for low, high, least, most in ahead.select("lo_80", "hi_80", "lo_95", "hi_95").iter_rows()
    ]
    return [
        band(days, ahead["lo_95"], ahead["hi_95"], "95 % interval", _WIDE),
        band(days, ahead["lo_80"], ahead["hi_80"], "80 % interval", _NARROW),
        line(
            past["day"],
            past["observed"],
            "Came",
            color=GREY,
            hover="%{y:,}",
            behind=past["tickets_behind"],
        ),
        forecast,
        *_unusual(past.filter(pl.col("is_anomaly"))),
        *_holidays(frame.filter(pl.col("holiday_name").is_not_null())),
    ]


def _unusual(frame: pl.DataFrame) -> list[dict[str, Any]]:
    if frame.is_empty():
        return []
    marks = line(
        frame["day"],
        frame["observed"],
        "Unusual day",
        color=BAD,
        hover="%{y:,}, %{hovertext} to be expected",
        mode="markers+text",
        behind=frame["tickets_behind"],
    )
    marks |= {
        "marker": {"symbol": "diamond", "size": 10, "color": BAD},
        "text": ["unusual"] * frame.height,
        "hovertext": [f"{value:,.0f}" for value in frame["expected"]],
        "textposition": "top center",
        "cliponaxis": False,
    }
    return [marks]


def _holidays(frame: pl.DataFrame) -> list[dict[str, Any]]:
    if frame.is_empty():
        return []
    volume = pl.coalesce(pl.col("observed").cast(pl.Float64), "forecast")
    marks = line(
        frame["day"],
        frame.select(volume).to_series(),
        "Holiday",
        color=NOTICE,
        hover="%{hovertext}",
        mode="markers+text",
    )
    marks |= {
        "marker": {"symbol": "square", "size": 9, "color": NOTICE},
        "text": ["holiday"] * frame.height,
        "hovertext": frame["holiday_name"].to_list(),
        "textposition": "bottom center",
        "cliponaxis": False,
    }
    return [marks]


def gap_bars(frame: pl.DataFrame) -> Figure:
    """Draw the first groups' gaps over the coming days with the forecast's intervals.

    Args:
        frame: Columns group_name, gap_fte_days, lo_80, hi_80, lo_95, hi_95; widest gap first.
    """
    # Lying bars are drawn from the bottom up.
    rows = frame.head(MOST_GROUPS).reverse()
    short = rows["gap_fte_days"] > 0
    trace = bars(
        rows["gap_fte_days"],
        rows["group_name"],
        "Gap",
        color=[BAD if is_short else HUE for is_short in short],
        hover="%{x:.1f} FTE days, %{hovertext}",
        orientation="h",
        width=0.55,
    )
    trace |= {
        "hovertext": [
            f"80 %: {low:,.1f} to {high:,.1f}; 95 %: {least:,.1f} to {most:,.1f}"
            for low, high, least, most in rows.select(
                "lo_80", "hi_80", "lo_95", "hi_95"
            ).iter_rows()
        ],
        "error_x": _bars_of_error(rows, "lo_80", "hi_80", 2.5),
    }
    wide = {
        "type": "scatter",
        "mode": "markers",
        "x": rows["gap_fte_days"].round(2).to_list(),
        "y": rows["group_name"].to_list(),
        "marker": {"size": 1, "color": GREY},
        "error_x": _bars_of_error(rows, "lo_95", "hi_95", 1),
        "hoverinfo": "skip",
        "name": "95 % interval",
    }
    names = rows["group_name"].to_list()
    return figure(
        [trace, wide],
        hovermode="closest",
        showlegend=False,
        xaxis={"title": {"text": "FTE days, above 0 short"}, "zeroline": True},
        yaxis={
            "type": "category",
            "tickvals": names,
            # Beside the name there is room for the words on every screen.
            "ticktext": [
                f"{name}<br><b>{abs(gap):,.1f} {'short' if gap > 0 else 'to spare'}</b>"
                for name, gap in zip(names, rows["gap_fte_days"], strict=True)
            ],
        },
    )


def gap_by_month_bars(frame: pl.DataFrame) -> Figure:
    """Draw the first groups' gaps in each calendar month, with 80 % intervals.

    Args:
        frame: Columns group_name, month, first_day, last_day, gap_fte_days, lo_80, hi_80; widest
            gap first within a month.
    """
    traces = []
    shown = frame["group_name"].unique(maintain_order=True).head(MOST_GROUPS)
    months = (
        frame.filter(pl.col("group_name").is_in(shown.to_list()))
        .sort("month")
        .group_by("month", maintain_order=True)
    )
    for place, (_, own) in enumerate(months):
        first, last = own.select("first_day", "last_day").row(0)
        name = f"{last:%-d %B %Y}" if first == last else f"{first:%-d} to {last:%-d %B %Y}"
        trace = bars(
            own["group_name"],
            own["gap_fte_days"],
            name,
            color=SERIES[(0, 5, 2, 3)[place % 4]],
            hover="%{y:.1f} FTE days (80 %: %{hovertext})",
        )
        trace |= {
            "hovertext": [
                f"{low:,.1f} to {high:,.1f}" for low, high in own.select("lo_80", "hi_80").rows()
            ],
            "error_y": _bars_of_error(own, "lo_80", "hi_80", 1.5),
        }
        traces.append(trace)
    return figure(
        traces,
        barmode="group",
        showlegend=True,
        yaxis={"title": {"text": "FTE days, above 0 short"}, "zeroline": True},
        xaxis={"type": "category"},
    )


def _bars_of_error(frame: pl.DataFrame, low: str, high: str, width: float) -> dict[str, Any]:
    value = pl.col("gap_fte_days")
    return {
        "type": "data",
        "symmetric": False,
        "array": frame.select((pl.col(high) - value).round(2)).to_series().to_list(),
        "arrayminus": frame.select((value - pl.col(low)).round(2)).to_series().to_list(),
        "color": GREY,
        "thickness": width,
        "width": 4,
    }
