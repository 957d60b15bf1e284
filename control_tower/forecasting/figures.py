"""The tables of the room as a person reads them beside a materialization."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import polars as pl

from control_tower.presentation import markdown_table, readable_share

__all__ = ["FIGURES", "accuracy_of_champions", "latest_anomalies", "next_week", "outlook_in_bars"]

_DAYS_SHOWN: Final = 7
_ANOMALIES_SHOWN: Final = 10
_DAYS_BACK: Final = 28
_BARS: Final = "▁▂▃▄▅▆▇█"

Tables = Mapping[str, pl.DataFrame]


def next_week(made: Tables) -> str:
    """Return the next seven days of every series as a Markdown table, with 80 % intervals."""
    forecast = made["volume_forecast"]
    if forecast.is_empty():
        return markdown_table(forecast)
    series = forecast["series"].unique(maintain_order=True).to_list()
    shown = (
        forecast.with_columns(
            pl.format(
                "{} ({} to {})",
                *(pl.col(c).round(0).cast(pl.Int64) for c in ("forecast", "lo_80", "hi_80")),
            ).alias("shown"),
            pl.col("day").dt.strftime("%a %d %b").alias("weekday"),
        )
        .pivot("series", index=["day", "weekday"], values="shown", sort_columns=False)
        .sort("day")
        .select("weekday", *series)
    )
    return markdown_table(shown, _DAYS_SHOWN)


def accuracy_of_champions(made: Tables) -> str:
    """Return how well each series is forecast, beside repeating the last week, as Markdown."""
    accuracy = made["forecast_accuracy"]
    if accuracy.is_empty():
        return markdown_table(accuracy)
    naive = accuracy.filter(pl.col("model") == "SeasonalNaive").select(
        "series", pl.col("rmsse").alias("rmsse_of_last_week")
    )
    shown = (
        accuracy.filter("is_champion")
        .join(naive, on="series", how="left", maintain_order="left")
        .select(
            "series",
            "model",
            "windows",
            pl.col("mase", "rmsse", "rmsse_of_last_week").round(3),
            *(
                pl.col(column).map_elements(readable_share, return_dtype=pl.String)
                for column in ("coverage_80", "coverage_95")
            ),
        )
    )
    return markdown_table(shown, shown.height)


def latest_anomalies(made: Tables) -> str:
    """Return the newest days that stood out as a Markdown table."""
    found = made["volume_anomalies"].filter("is_anomaly").sort("day", descending=True)
    if found.is_empty():
        return "_No day stood out._"
    shown = found.select("day", "series", "observed", pl.col("expected", "z_score").round(1))
    return markdown_table(shown, _ANOMALIES_SHOWN)


def outlook_in_bars(made: Tables) -> str:
    """Return the last four weeks and the days ahead of every series as small bars, as Markdown."""
    past = made["volume_anomalies"].select(
        "series", "day", pl.col("observed").cast(pl.Float64).alias("tickets")
    )
    ahead = made["volume_forecast"].select("series", "day", pl.col("forecast").alias("tickets"))
    lines = ["| series | last four weeks | next thirty days |", "|---|---|---|"]
    for (name,), days in ahead.group_by("series", maintain_order=True):
        before = past.filter(pl.col("series") == name).sort("day").tail(_DAYS_BACK)
        tickets = [*before["tickets"], *days.sort("day")["tickets"]]
        bars = _bars(tickets)
        lines.append(f"| {name} | {bars[: before.height]} | {bars[before.height :]} |")
    return "\n".join(lines) if len(lines) > 2 else markdown_table(ahead)


def _bars(values: Sequence[float]) -> str:
    highest = max(values, default=0.0) or 1.0
    return "".join(_BARS[min(int(len(_BARS) * v / highest), len(_BARS) - 1)] for v in values)


FIGURES: Final[Mapping[str, Mapping[str, Callable[[Tables], str]]]] = {
    "volume_forecast": {"next_seven_days": next_week, "outlook": outlook_in_bars},
    "forecast_accuracy": {"champions": accuracy_of_champions},
    "volume_anomalies": {"latest_anomalies": latest_anomalies},
}
"""What is shown of each table, in Markdown."""
