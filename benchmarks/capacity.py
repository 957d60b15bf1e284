"""How well the what-if foretells service levels: its fluid against the discrete-event simulator.

A simulated desk runs as it is up to a day, and from then on with other people or another volume.
The what-if knows the desk up to that day only, and what changes; the simulator says what came of
it.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl

from benchmarks.changed_desk import (
    Change,
    attainment,
    changed_desk,
    configuration_at,
    open_hours,
    profile_at,
)
from benchmarks.options import Options
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, Bounds, module, run
from benchmarks.telling import tell
from control_tower.forecasting.what_if import Scenario, what_if
from control_tower.raw.contract import PRIORITIES
from control_tower.raw.simulator import SimulatorConfiguration, load_configuration

__all__ = ["rows"]

_STARTS: Final = tuple(date(2026, month, 3) for month in (2, 4, 5, 8, 9, 10))
_HISTORIES: Final = 12
_SHARE: Final = "what-if: share of targets kept, foretold / came"
_ERROR: Final = "what-if: error in points"
_BY: Final = {"all": "all tickets", "priority": "by priority", "group_name": "by last group"}
# No one else is measured, so the bound only ends what hangs.
_BOUNDS: Final = Bounds(seconds=3600)


def rows(options: Options) -> Iterator[Row]:
    """Yield what was foretold and what came of each change, the errors, and the time of an answer.

    All of it is one step, for the changes share their histories.
    """
    histories = 1 if options.is_quick else _HISTORIES
    changes = 1 if options.is_quick else len(list(_grid(load_configuration(None))))
    ended = run(module("benchmarks.capacity", histories, changes), _BOUNDS)
    size = f"{histories} histories of 50,000 tickets a year"
    if ended.how != DONE:
        yield row_of(_ERROR, size, OURS, ended)
        return
    for name, shares in ended.said["shares"].items():
        yield Row(_SHARE, f"{size}, {name}", more=shares)
    for by, points in ended.said["errors"].items():
        more = {
            "mean": round(float(np.mean(np.abs(points))), 2),
            "worst": round(float(np.max(np.abs(points))), 2),
        }
        yield Row(_ERROR, f"{size}, {_BY[by]}", more=more)
    yield row_of("what-if: one answer", size, OURS, ended)


def _grid(configuration: SimulatorConfiguration) -> Iterator[Change]:
    for posts in (0.85, 1.0, 1.15):
        for load in (0.9, 1.0, 1.1):
            yield Change(posts, load)
    for group in configuration.groups[:2]:
        for posts in (0.85, 1.15):
            yield Change(posts, 1.0, (group.name,))


def _true_shares(frames: Sequence[pl.DataFrame], by: str) -> dict[str, float]:
    together = pl.concat(frames).with_columns(pl.lit("all").alias("all"))
    return dict(together.group_by(by).agg(pl.col("is_kept").mean()).iter_rows())


def _work(histories: int, changes: int) -> None:
    cases = [(seed, _STARTS[seed % len(_STARTS)]) for seed in range(histories)]
    profiles, hours = [], {}
    for seed, start in cases:
        configuration = configuration_at(start)
        profiles.append(profile_at(configuration, seed=seed, start=start))
        hours[start] = open_hours(configuration, start)
    groups = [group.name for group in load_configuration(None).groups]
    errors: dict[str, list[float]] = {by: [] for by in _BY}
    shares: dict[str, dict[str, str]] = {}
    seconds: list[float] = []
    for change in list(_grid(load_configuration(None)))[:changes]:
        truth, foretold = [], []
        for (seed, start), profile in zip(cases, profiles, strict=True):
            configuration = configuration_at(start)
            came = changed_desk(configuration, change, seed=seed, start=start)
            truth.append(attainment(came, hours[start], start))
            scenario = Scenario(
                volume_factor=change.load, headcount=change.headcount(configuration)
            )
            what_if(scenario, profile)
            began = time.perf_counter()
            outlook = what_if(scenario, profile)
            seconds.append(time.perf_counter() - began)
            assert outlook is not None
            foretold.append(outlook)
        of_change = shares.setdefault(_label(change), {})
        for by, names in (("all", ["all"]), ("priority", PRIORITIES), ("group_name", groups)):
            true = _true_shares(truth, by)
            for name in names:
                guess = float(np.mean([_foretold(one, by, name) for one in foretold]))
                errors[by].append(100 * (guess - true[name]))
                of_change[f"{name} %"] = f"{100 * guess:.1f} / {100 * true[name]:.1f}"
    tell(shares=shares, errors=errors, seconds=float(np.median(seconds)))


def _label(change: Change) -> str:
    only = f", {' and '.join(change.groups)} only" if change.groups else ""
    return f"posts x {change.posts:.2f}, load x {change.load:.2f}{only}"


def _foretold(outlook: Any, by: str, name: str) -> float:
    if by == "all":
        return float(outlook.sla_attainment or 0.0)
    table = outlook.priorities if by == "priority" else outlook.groups
    return float(table.filter(pl.col(by) == name)["sla_attainment"].item())


if __name__ == "__main__":
    _work(int(sys.argv[1]), int(sys.argv[2]))
