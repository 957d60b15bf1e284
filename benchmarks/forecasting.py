"""How good the forecasts, their intervals and the anomaly alarms are, and what they cost.

Real daily arrivals are forecast thirty days ahead from many past days. At each, everything the
product does - cleaning, choosing the champion, drawing the intervals - is done with what was known
by then, and the result is held against additive Holt-Winters with a weekly season on the same
history, uncleaned, as statsmodels and statsforecast fit it.
"""

import importlib.metadata
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.options import Options
from benchmarks.real_arrivals import Arrivals, are_in, arrivals_in
from benchmarks.results import OURS, Row, row_of
from benchmarks.simulated_days import false_and_found, simulated_desk
from benchmarks.steps import DONE, module, run
from benchmarks.telling import tell, timed
from control_tower.forecasting.accuracy import rmsse
from control_tower.forecasting.anomalies import anomalies
from control_tower.forecasting.backtest import HORIZON, Window, backtest
from control_tower.forecasting.holiday_calendar import marked_days, public_holidays
from control_tower.forecasting.intervals import LEVELS, bands, widths_of
from control_tower.forecasting.models import CANDIDATES, ComponentForecaster
from control_tower.forecasting.series import CREATED, Counts, Series, desk_from_daily
from control_tower.forecasting.volume import champion_of, outlook

__all__ = ["Verdict", "judge", "rows"]

CHAMPION: Final = "champion"
_FEWEST_ORIGINS: Final = 6
_MOST_DAYS_BEFORE: Final = 365
_YEARLY_SWINGS: Final = (0.0, 0.12, 0.25)
_DESKS: Final = ((3, 390), (3, 730), (6, 730), (40, 730))
_ERRORS: Final = "forecasts: error thirty days ahead"
_COSTS: Final = "forecasts: all tables, imports included"
_FITS: Final = "one Holt-Winters fit a series, imports included"
_HELPDESK: Final = "helpdesk"


@dataclass
class Verdict:
    """How one series was forecast.

    Attributes:
        name: The series.
        origins: Days from which it was forecast.
        errors: Mean RMSSE by model, of the libraries too.
        inside: For each level whether the days tested were inside the champion's interval.
        champions: The champions' names, origin by origin.
    """

    name: str
    origins: int
    errors: dict[str, float] = field(default_factory=dict)
    inside: dict[float, list[bool]] = field(default_factory=dict)
    champions: list[str] = field(default_factory=list)


def rows(options: Options) -> Iterator[Row]:
    """Yield errors on the real logs, alarms on simulated days, and what the tables cost."""
    yield from _errors(options)
    for swing in _YEARLY_SWINGS[: 1 if options.is_quick else None]:
        years = 2 if options.is_quick else 200
        alarms, found = false_and_found(swing, years=years)
        size = f"{years} simulated years, yearly swing {swing:.0%}"
        more = {"alarms a clean year": round(alarms, 2), "bursts found %": round(100 * found, 1)}
        yield Row("anomalies: false alarms, and bursts found", size, more=more)
    for groups, days in _DESKS[: 1 if options.is_quick else None]:
        size = f"{groups} groups, {days} days"
        ended = run(module("benchmarks.forecasting", "room", groups, days), options.bounds)
        yield row_of(_COSTS, size, OURS, ended, more={"rows": ended.said.get("rows", 0)})
        ended = run(module("benchmarks.forecasting", "fits", groups, days), options.bounds)
        who = f"{_library('statsmodels')}, {_FITS}"
        yield row_of(_COSTS, size, who, ended, more={"series": ended.said.get("series", 0)})


def _errors(options: Options) -> Iterator[Row]:
    if options.is_quick or not are_in(options.logs):
        yield Row(_ERRORS, "real logs", how="without the real logs: left out")
        return
    verdicts = []
    for arrivals in arrivals_in(options.logs):
        ended = run(module("benchmarks.forecasting", "judge", options.logs, arrivals.name))
        if ended.how != DONE:
            yield row_of(_ERRORS, arrivals.name, OURS, ended)
            continue
        said = ended.said
        inside = {float(level): days for level, days in said["inside"].items()}
        verdicts.append(Verdict(said["name"], said["origins"], said["errors"], inside))
        size = f"{arrivals.name}, from {said['origins']} days"
        for who, model in _shown():
            more: dict[str, float | str] = {"RMSSE": round(said["errors"][model], 3)}
            if model == CHAMPION:
                more |= _inside([verdicts[-1]])
            yield Row(_ERRORS, size, who, more=more)
    daily = [verdict for verdict in verdicts if verdict.name != _HELPDESK]
    if daily:
        size = "daily arrivals, geometric mean of errors, days pooled"
        for who, model in _shown():
            logs = [np.log(verdict.errors[model]) for verdict in daily]
            more = {"RMSSE": round(float(np.exp(np.mean(logs))), 3)}
            yield Row(_ERRORS, size, who, more=more | (_inside(daily) if model == CHAMPION else {}))


def _shown() -> Iterator[tuple[str, str]]:
    yield OURS, CHAMPION
    yield "ours, MeanOfThree without choosing", "MeanOfThree"
    for who in _LIBRARIES:
        yield f"{_library(who)} Holt-Winters", who


def _inside(verdicts: Sequence[Verdict]) -> dict[str, float | str]:
    return {
        f"inside {level:.0%} interval, %": round(
            100 * float(np.mean(np.concatenate([one.inside[level] for one in verdicts]))), 1
        )
        for level in LEVELS
    }


def _library(name: str) -> str:
    return f"{name} {importlib.metadata.version(name)}"


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
        made |= {who: fit(counts[start:origin]) for who, fit in _LIBRARIES.items()}
        for model, forecast in made.items():
            error = rmsse(Window(origin, counts[start:origin], observed, forecast))
            errors.setdefault(model, []).append(error or 0.0)
        for level, band in bands(made[CHAMPION], widths_of(tested[champion])).items():
            verdict.inside[level] += ((band.low <= observed) & (observed <= band.high)).tolist()
    verdict.errors = {model: float(np.mean(values)) for model, values in errors.items()}
    return verdict


def _origins(days: int) -> Sequence[int]:
    first = min(_MOST_DAYS_BEFORE, days // 2)
    last = days - HORIZON
    step = max(1, min(HORIZON, (last - first) // (_FEWEST_ORIGINS - 1)))
    return range(last, first - 1, -step)[::-1]


def _of_statsmodels(history: Counts) -> Counts:
    from statsmodels.tsa import holtwinters  # type: ignore[import-untyped]  # noqa: PLC0415

    with warnings.catch_warnings():
        # It warns where its optimizer is not sure to have converged, and forecasts all the same.
        warnings.simplefilter("ignore")
        model = holtwinters.ExponentialSmoothing(
            history, trend="add", seasonal="add", seasonal_periods=7
        )
        return np.asarray(model.fit().forecast(HORIZON))


def _of_statsforecast(history: Counts) -> Counts:
    from statsforecast.models import HoltWinters  # noqa: PLC0415 - slow to import

    return np.asarray(HoltWinters(season_length=7).forecast(y=history, h=HORIZON)["mean"])


_LIBRARIES: Final[Mapping[str, Callable[[Counts], Counts]]] = {
    "statsmodels": _of_statsmodels,
    "statsforecast": _of_statsforecast,
}


def _room(groups: int, days: int) -> None:
    """Compute all tables of a simulated desk."""
    daily = simulated_desk(groups, days)
    seconds: dict[str, float] = {}
    with timed(seconds, "tables"):
        desk = desk_from_daily(daily)
        found = outlook(desk, {})
        spotted = anomalies(desk, {})
    rows_made = found.forecast.height + found.accuracy.height + spotted.height
    tell(seconds=seconds["tables"], rows=rows_made)


def _fits(groups: int, days: int) -> None:
    """Forecast each series of a simulated desk with one fit: no choosing, no intervals."""
    desk = desk_from_daily(simulated_desk(groups, days))
    assert desk is not None
    seconds: dict[str, float] = {}
    with timed(seconds, "fits"):
        for series in desk.series:
            _of_statsmodels(series.counts[series.start :])
    tell(seconds=seconds["fits"], series=len(desk.series))


def _judge(folder: Path, name: str) -> None:
    (arrivals,) = (one for one in arrivals_in(folder) if one.name == name)
    tell(**asdict(judge(arrivals)))


if __name__ == "__main__":
    if sys.argv[1] == "judge":
        _judge(Path(sys.argv[2]), sys.argv[3])
    else:
        {"room": _room, "fits": _fits}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
