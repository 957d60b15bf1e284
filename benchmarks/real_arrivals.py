"""The daily arrivals of real desks, where the folder of their logs is at hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from control_tower.forecasting.series import Counts
from control_tower.raw.event_log.reading import read_log

__all__ = ["Arrivals", "are_in", "arrivals_in"]


@dataclass(frozen=True)
class Arrivals:
    """A real daily series and where its holidays are."""

    name: str
    first_day: date
    counts: Counts
    country: str
    subdivision: str | None


def are_in(folder: Path) -> bool:
    """Return whether the folder has the logs."""
    return all((folder / name).is_file() for name in ("daily_arrivals.csv", "helpdesk.xes.gz"))


def arrivals_in(folder: Path) -> Iterator[Arrivals]:
    """Yield the daily arrivals on file, and the help desk's new cases a day."""
    daily = pl.read_csv(folder / "daily_arrivals.csv", try_parse_dates=True).sort("series", "day")
    for (name,), rows in daily.group_by("series", maintain_order=True):
        yield Arrivals(
            str(name),
            rows["day"][0],
            rows["count"].cast(pl.Float64).to_numpy(),
            rows["country"][0],
            rows["subdivision"][0],
        )
    yield _helpdesk(folder / "helpdesk.xes.gz")


def _helpdesk(path: Path) -> Arrivals:
    started = (
        read_log(path)
        .frame.group_by("case:concept:name")
        .agg(pl.col("time:timestamp").str.slice(0, 10).str.to_date().min().alias("day"))
    )
    daily = started.group_by("day").len().sort("day")
    first, last = daily["day"][0], daily["day"][-1]
    calendar = pl.select(pl.date_range(first, last, "1d").alias("day"))
    counts = calendar.join(daily, on="day", how="left", maintain_order="left")["len"].fill_null(0)
    return Arrivals("helpdesk", first, counts.cast(pl.Float64).to_numpy(), "IT", None)
