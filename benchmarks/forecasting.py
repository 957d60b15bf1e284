"""How good the forecasts, their intervals and the anomaly alarms are, and what they cost.

Real daily arrivals are forecast thirty days ahead from many past days. At each, everything the
product does - cleaning, choosing the champion, drawing the intervals - is done with what was known
by then, and the result is held against plain additive Holt-Winters with a weekly season on the
same history, uncleaned. Run with `python -m benchmarks.forecasting [folder of the real logs]`.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from control_tower.forecasting.accuracy import rmsse
from control_tower.forecasting.anomalies import anomalies, is_alert, robust_scores
from control_tower.forecasting.backtest import HORIZON, Window, backtest
from control_tower.forecasting.cleaning import anscombe
from control_tower.forecasting.holiday_calendar import marked_days, public_holidays
from control_tower.forecasting.intervals import LEVELS, bands, widths_of
from control_tower.forecasting.models import CANDIDATES, ComponentForecaster
from control_tower.forecasting.series import CREATED, Counts, Series, desk_from_daily
from control_tower.forecasting.volume import champion_of, outlook
from control_tower.raw.event_log.reading import read_log
from control_tower.settings import PROJECT_ROOT

__all__ = ["Arrivals", "Verdict", "arrivals_in", "false_and_found", "judge"]

CHAMPION: Final = "champion"
_FEWEST_ORIGINS: Final = 6
_MOST_DAYS_BEFORE: Final = 365
_WEEKDAY_VOLUMES: Final = (191.0, 204.0, 190.0, 185.0, 169.0, 27.0, 17.0)
"""Mean tickets a day from Monday on of the simulated desk at 50,000 tickets a year."""

_DAYS_TO_SETTLE: Final = 126
_YEARLY_SWINGS: Final = (0.0, 0.12, 0.25)


@dataclass(frozen=True)
class Arrivals:
    """A real daily series and where its holidays are."""

    name: str
    first_day: date
    counts: Counts
    country: str
    subdivision: str | None


@dataclass
class Verdict:
    """How one series was forecast.

    Attributes:
        name: The series.
        origins: Days from which it was forecast.
        errors: Mean RMSSE by model, plain Holt-Winters under `plain`.
        inside: For each level whether the days tested were inside the champion's interval.
        champions: The champions' names, origin by origin.
        seconds: Time all of it took.
    """

    name: str
    origins: int
    errors: dict[str, float] = field(default_factory=dict)
    inside: dict[float, list[bool]] = field(default_factory=dict)
    champions: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def ratio(self, model: str) -> float:
        """Return a model's error over that of plain Holt-Winters."""
        return self.errors[model] / self.errors["plain"]


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


def judge(arrivals: Arrivals) -> Verdict:
    """Forecast a series from at least six past days, and say how it went."""
    counts, days = arrivals.counts, len(arrivals.counts)
    origins = _origins(days)
    first = arrivals.first_day - timedelta(days=1)
    last = arrivals.first_day + timedelta(days=days)
    marks = marked_days(public_holidays(arrivals.country, arrivals.subdivision, first, last))
    named = [marks.get(arrivals.first_day + timedelta(days=n)) for n in range(days)]
    start = int(np.flatnonzero(counts)[0])
    verdict = Verdict(arrivals.name, len(origins), inside={level: [] for level in LEVELS})
    errors: dict[str, list[float]] = {}
    started = time.perf_counter()
    # Fits are kept from origin to origin, as within one run; none is used before its day.
    forecaster = ComponentForecaster(counts, arrivals.first_day, named)
    for origin in origins:
        known = Series(arrivals.name, CREATED, (0,), start, counts[:origin])
        tested = backtest(known, [forecaster])
        champion = champion_of(tested)
        verdict.champions.append(champion)
        observed = counts[origin : origin + HORIZON]
        made = {model: forecaster.forecast(model, origin, HORIZON) for model in CANDIDATES}
        made[CHAMPION] = made[champion]
        made["plain"] = _plain_holt_winters(counts[start:origin])
        for model, forecast in made.items():
            error = rmsse(Window(origin, counts[start:origin], observed, forecast))
            errors.setdefault(model, []).append(error or 0.0)
        for level, band in bands(made[CHAMPION], widths_of(tested[champion])).items():
            verdict.inside[level] += ((band.low <= observed) & (observed <= band.high)).tolist()
    verdict.seconds = time.perf_counter() - started
    verdict.errors = {model: float(np.mean(values)) for model, values in errors.items()}
    return verdict


def false_and_found(swing: float, *, years: int = 200, seed: int = 11) -> tuple[float, float]:
    """Return the alarms a year on clean simulated days, and the share of bursts that are found.

    Days are Poisson with the desk's weekly pattern and a yearly swing; a burst is as many tickets
    again as are usual that day. Every day of the year is tried as a burst, one at a time, on a
    history that is otherwise clean.
    """
    generator = np.random.default_rng(seed)
    position = np.arange(_DAYS_TO_SETTLE + 365)
    alarms: list[bool] = []
    found: list[bool] = []
    for _ in range(years):
        season = 1 + swing * np.sin(2 * np.pi * (position + generator.integers(365)) / 365)
        mean = np.resize(_WEEKDAY_VOLUMES, len(position)) * season
        clean = generator.poisson(mean).astype(np.float64)
        expected, scores = robust_scores(clean, np.ones(len(position), dtype=bool))
        alarms += is_alert(scores)[_DAYS_TO_SETTLE:].tolist()
        # A burst that day would be held against the same past, on the same scale.
        usual = anscombe(expected)[_DAYS_TO_SETTLE:]
        off = anscombe(clean)[_DAYS_TO_SETTLE:] - usual
        # A day exactly as expected tells no scale; any will do, as one is the usual one.
        spread = np.divide(off, scores[_DAYS_TO_SETTLE:], out=np.ones_like(off), where=off != 0)
        with_burst = anscombe(clean + generator.poisson(mean))[_DAYS_TO_SETTLE:]
        found += is_alert((with_burst - usual) / spread).tolist()
    return 365 * float(np.mean(alarms)), float(np.mean(found))


def simulated_desk(groups: int, days: int, *, seed: int = 5) -> pl.DataFrame:
    """Return two flows into each group a day, as `marts.daily_ops` has them."""
    generator = np.random.default_rng(seed)
    first = date(2024, 1, 1)
    position = np.arange(days)
    season = 1 + 0.12 * np.sin(2 * np.pi * position / 365)
    mean = np.resize(_WEEKDAY_VOLUMES, days) * season
    return pl.concat(
        pl.DataFrame(
            {
                "day": [first + timedelta(days=n) for n in range(days)],
                "group_name": f"Group {group}",
                "is_complete": True,
                "created": generator.poisson(mean / groups),
                "reopened": generator.poisson(mean / groups / 20),
                "received": generator.poisson(mean / groups / 5),
            }
        )
        for group in range(1, groups + 1)
    )


def measure_room(groups: int, days: int) -> None:
    """Compute the tables of a simulated desk and print seconds and memory, imports included."""
    daily = simulated_desk(groups, days)
    before = _peak_gib()
    started, worked = time.perf_counter(), time.process_time()
    desk = desk_from_daily(daily)
    found = outlook(desk, {})
    spotted = anomalies(desk, {})
    seconds, worked = time.perf_counter() - started, time.process_time() - worked
    peak = _peak_gib()
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor_seconds": worked,
                "peak_gib": peak,
                "added_gib": peak - before,
                "rows": found.forecast.height + found.accuracy.height + spotted.height,
            }
        )
    )


def _peak_gib() -> float:
    # What getrusage tells includes the parent's peak, from before this program was loaded.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 2**20


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


def _origins(days: int) -> Sequence[int]:
    first = min(_MOST_DAYS_BEFORE, days // 2)
    last = days - HORIZON
    step = max(1, min(HORIZON, (last - first) // (_FEWEST_ORIGINS - 1)))
    return range(last, first - 1, -step)[::-1]


def _plain_holt_winters(history: Counts) -> Counts:
    from statsforecast.models import HoltWinters  # noqa: PLC0415 - slow to import

    return np.asarray(HoltWinters(season_length=7).forecast(y=history, h=HORIZON)["mean"])


def _print_forecasts(verdicts: Sequence[Verdict]) -> None:
    models = (CHAMPION, *CANDIDATES)
    print("RMSSE relative to plain additive Holt-Winters, thirty days ahead")
    print(f"  {'series':<16}{'origins':>8}{'plain':>8}" + "".join(f"{m[:13]:>15}" for m in models))
    for verdict in verdicts:
        ratios = "".join(f"{verdict.ratio(model):>15.3f}" for model in models)
        print(f"  {verdict.name:<16}{verdict.origins:>8}{verdict.errors['plain']:>8.3f}{ratios}")
    arrivals = [verdict for verdict in verdicts if verdict.name != "helpdesk"]
    geometric = {
        model: float(np.exp(np.mean([np.log(v.ratio(model)) for v in arrivals])))
        for model in models
    }
    means = "".join(f"{geometric[model]:>15.3f}" for model in models)
    print(f"  {'geometric mean of the daily arrivals':<32}{means}")
    print("Share of the days inside the champion's intervals")
    for verdict in verdicts:
        shares = "".join(f"{np.mean(verdict.inside[level]):>9.1%}" for level in LEVELS)
        print(f"  {verdict.name:<16}{shares}   {verdict.seconds:6.1f} s")
    for name, chosen in (("arrivals pooled", arrivals), ("all pooled", verdicts)):
        shares = "".join(
            f"{np.mean(np.concatenate([v.inside[level] for v in chosen])):>9.1%}"
            for level in LEVELS
        )
        print(f"  {name:<16}{shares}")


def _print_anomalies() -> None:
    print("Anomalies on simulated days at the volumes of 50,000 tickets a year")
    for swing in _YEARLY_SWINGS:
        alarms, found = false_and_found(swing)
        print(
            f"  yearly swing {swing:>4.0%}: {alarms:5.2f} alarms a clean year, "
            f"{found:6.1%} of bursts found"
        )


def _print_costs() -> None:
    print("All tables of the room, import of the library included")
    for groups, days in ((3, 390), (3, 730), (6, 730), (40, 730)):
        call = f"from benchmarks.forecasting import measure_room; measure_room({groups}, {days})"
        finished = subprocess.run(
            [sys.executable, "-c", call], capture_output=True, text=True, check=True
        )
        cost: Mapping[str, Any] = json.loads(finished.stdout)
        print(
            f"  {groups:>3} groups, {days} days: {cost['seconds']:6.2f} s "
            f"({cost['processor_seconds']:.2f} s of the processor), "
            f"peak {cost['peak_gib']:.2f} GiB ({cost['added_gib']:.2f} of it the room's)"
        )


def main() -> None:
    """Print accuracy and coverage on real logs, alarms on simulated days, and costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, default=PROJECT_ROOT.parent / "shared" / "data"
    )
    folder: Path = parser.parse_args().folder
    if (folder / "daily_arrivals.csv").is_file() and (folder / "helpdesk.xes.gz").is_file():
        _print_forecasts([judge(arrivals) for arrivals in arrivals_in(folder)])
    else:
        print(
            f"No forecasts are judged: {folder} does not have daily_arrivals.csv and "
            "helpdesk.xes.gz; give the folder of the real logs as an argument"
        )
    _print_anomalies()
    _print_costs()


if __name__ == "__main__":
    main()
