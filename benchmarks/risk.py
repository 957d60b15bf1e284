"""How well breaches are foretold: the survival estimate, two simple rules and a learned model.

Every 71 hours of the past year all clocks not yet due are judged by what was known then. The
learned model is scikit-learn's HistGradientBoostingClassifier, fitted anew every fourteen days on
all clocks seen every 47 hours before whose outcome was known by then, with every fact the survival
estimate has, the hour and the weekday.

The simulated desk is built, and the two public logs where they are at hand. Those logs keep no
targets, so they are given some that a fair share of the tickets miss.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]

from benchmarks.options import Options
from benchmarks.pipeline import command
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, module, run
from benchmarks.telling import tell, timed
from control_tower.alerts.assets import ALERTS
from control_tower.alerts.calibration import METHODS, asked_at, judged_in_the_past, scores
from control_tower.alerts.clocks import numbered_clocks, stretches_of
from control_tower.alerts.history import BreachHistory
from control_tower.alerts.turns import turns_of
from control_tower.room import Frames, read_inputs
from control_tower.settings import PROJECT_ROOT, Settings
from control_tower.warehouse import connect

__all__ = ["compare", "rows"]

_MAPPINGS = PROJECT_ROOT / "control_tower" / "raw" / "event_log" / "mappings"
_LEARNED: Final = "boosted_trees"
_ROOM: Final = "risk: all tables, calibration included"
_SCORES: Final = "risk: forecasts of breaches"
_NAMES: Final = {_LEARNED: f"scikit-learn {version('scikit-learn')}, boosted trees"}
_SEEN_EVERY: Final = timedelta(hours=47)
_FITTED_EVERY: Final = timedelta(days=14)
_CATEGORIES: Final = (
    "metric",
    "priority",
    "group_name",
    "ticket_type",
    "stage",
    "due_window",
    "closure",
    "is_business_hours",
)
_TARGETS: Final = {
    "helpdesk.xes.gz": (
        "helpdesk",
        """
priority:
  column: seriousness_2
  values: {Value 1: normal, Value 2: high, Value 3: urgent, Value 4: low}
sla:
  targets:
    - metric: total_resolution_time
      minutes: {urgent: 14400, high: 28800, normal: 57600, low: 72000}
    - metric: requester_wait_time
      minutes: {urgent: 14400, high: 28800, normal: 57600, low: 72000}
""",
    ),
    "servicenow_incidents_sample.csv": (
        "servicenow",
        """
sla:
  targets:
    - metric: total_resolution_time
      minutes: {urgent: 1440, high: 2880, normal: 7200, low: 14400}
""",
    ),
}


def compare(given: Frames) -> pl.DataFrame:
    """Return the scores of all methods on one desk, and the seconds each took."""
    as_of = given["staging.stg_landing"]["as_of"].item()
    open_intervals = given["staging.stg_open_intervals"]
    started = time.perf_counter()
    clocks = numbered_clocks(given["marts.sla"], given["intermediate.int_sla_targets"])
    stretches = stretches_of(clocks, given["intermediate.int_sla_clock_readings"])
    turns = turns_of(clocks, given["intermediate.int_ticket_states"], stretches, open_intervals)
    judged = judged_in_the_past(
        clocks, turns, BreachHistory(turns), stretches, open_intervals, as_of
    )
    survival_seconds = time.perf_counter() - started
    started = time.perf_counter()
    first = (as_of - clocks["started_at"]).max()
    moments = pl.Series(
        [as_of - step * _SEEN_EVERY for step in range(1, int(first / _SEEN_EVERY))],
        dtype=pl.Datetime("us", "UTC"),
    )
    seen = _facts(asked_at(moments, clocks, turns, stretches, open_intervals), clocks, turns)
    asked = _facts(
        judged.select("moment", "clock", "elapsed_minutes", "target_minutes"), clocks, turns
    )
    learned = _learned(seen, asked)
    learned_seconds = time.perf_counter() - started
    scored = scores(judged)
    other = judged.join(learned, on=["moment", "clock"]).with_columns(
        pl.col(_LEARNED).alias(METHODS[0])
    )
    learned_row = scores(other).head(1).with_columns(pl.lit(_LEARNED).alias("method"))
    seconds = {METHODS[0]: survival_seconds, _LEARNED: learned_seconds}
    return pl.concat([scored, learned_row]).with_columns(
        pl.col("method").replace_strict(seconds, default=None).alias("seconds")
    )


def _facts(asked: pl.DataFrame, clocks: pl.DataFrame, turns: pl.DataFrame) -> pl.DataFrame:
    """Return what either method may know of clocks at moments."""
    return (
        asked.select("moment", "clock", "elapsed_minutes", "target_minutes")
        .sort("moment")
        .join_asof(
            turns.drop("elapsed_minutes", "ended_at").sort("turned_at"),
            left_on="moment",
            right_on="turned_at",
            by="clock",
            check_sortedness=False,
        )
        .with_columns(
            (pl.col("target_minutes") - pl.col("elapsed_minutes")).alias("left"),
            (pl.col("elapsed_minutes") / pl.col("target_minutes")).alias("share"),
            (pl.col("elapsed_minutes") - pl.col("turned_minutes")).alias("since_turn"),
            pl.col("moment").dt.hour().alias("hour"),
            pl.col("moment").dt.weekday().alias("weekday"),
        )
        .filter(pl.col("left") >= 0)
        .join(
            clocks.select(
                "clock",
                (pl.col("sla_status") == "breached").alias("late"),
                # A breach is known once the target has passed, all else once the clock stopped.
                pl.when(pl.col("sla_status") == "breached")
                .then("breach_at")
                .otherwise("ended_at")
                .alias("known_at"),
            ),
            on="clock",
        )
    )


def _learned(seen: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    codes = {
        name: pl.Enum(
            pl.concat([seen[name], asked[name]]).cast(pl.String).fill_null("").unique().sort()
        )
        for name in _CATEGORIES
    }
    numbers = (
        "elapsed_minutes",
        "target_minutes",
        "left",
        "share",
        "since_turn",
        "hour",
        "weekday",
    )

    def matrix(frame: pl.DataFrame) -> np.ndarray:
        columns = [
            frame[name].cast(pl.String).fill_null("").cast(kind).to_physical().cast(pl.Float64)
            for name, kind in codes.items()
        ]
        return np.column_stack([*columns, *(frame[name].cast(pl.Float64) for name in numbers)])

    parts = []
    spans = asked.sort("moment").group_by_dynamic("moment", every=_FITTED_EVERY, label="datapoint")
    for _, part in spans:
        moment = part["moment"].min()
        known = seen.filter((pl.col("moment") < moment) & (pl.col("known_at") <= moment))
        chance = np.full(part.height, 0.5)
        if known["late"].n_unique() == 2:
            model = HistGradientBoostingClassifier(
                categorical_features=list(range(len(codes))), random_state=0
            )
            model.fit(matrix(known), known["late"].to_numpy())
            chance = model.predict_proba(matrix(part))[:, 1]
        parts.append(part.select("moment", "clock", pl.Series(_LEARNED, chance)))
    nothing = pl.DataFrame(
        schema={"moment": pl.Datetime("us", "UTC"), "clock": pl.UInt32, _LEARNED: pl.Float64}
    )
    return pl.concat([nothing, *parts])


def rows(options: Options) -> Iterator[Row]:
    """Yield what the room costs on each desk, and the scores of every method there."""
    with tempfile.TemporaryDirectory() as name:
        for desk, choices in _desks(Path(name), options):
            data_dir = Path(name) / desk
            built = run(command(data_dir, *choices), options.bounds)
            if built.how != DONE:
                yield Row(_ROOM, desk, how=f"no snapshot to read: the pipeline {built.how}")
                continue
            work = module("benchmarks.risk", data_dir / "ops.duckdb")
            ended = run([*work, "room"], options.bounds)
            size = f"{desk}, {ended.said.get('clocks', 0):,} clocks"
            yield row_of(_ROOM, size, OURS, ended)
            ended = run([*work, "compare"], options.bounds)
            if ended.how != DONE:
                yield row_of(_SCORES, desk, OURS, ended)
            for score in ended.said.get("scores", ()):
                yield _score_row(desk, score)


def _score_row(desk: str, score: dict[str, Any]) -> Row:
    is_ours = score["method"] == METHODS[0]
    return Row(
        _SCORES,
        f"{desk}, {score['clocks']:,} clocks at {score['moments']} moments",
        OURS if is_ours else _NAMES.get(score["method"], score["method"].replace("_", " ")),
        score["seconds"] and round(score["seconds"], 2),
        more={
            name.replace("_", " "): round(score[name], 3)
            for name in ("auc", "brier_score", "calibration_error", "error_by_chance")
            if score[name] is not None
        },
    )


def _desks(folder: Path, options: Options) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each desk and the options of the run that builds it."""
    yield "simulated desk", ("--tickets", "3000" if options.is_quick else "50000")
    for log, (mapping, targets) in _TARGETS.items():
        path = options.logs / log
        if path.exists() and not options.is_quick:
            # A mapping's own outcome makes way for targets.
            own = (_MAPPINGS / f"{mapping}.yaml").read_text("utf-8").split("\nsla:")[0]
            file = folder / f"{mapping}.yaml"
            file.write_text(own + targets, encoding="utf-8")
            yield mapping, ("--event-log", str(path), "--mapping", str(file))


def _read(snapshot: Path) -> Frames:
    with connect(snapshot.resolve(), read_only=True) as connection:
        return read_inputs(connection, ALERTS)


def _work(snapshot: Path, part: str) -> None:
    given = _read(snapshot)
    if part == "compare":
        tell(scores=compare(given).to_dicts())
        return
    seconds: dict[str, float] = {}
    with timed(seconds, "room"):
        ALERTS.compute(given, Settings())
    tell(seconds=seconds["room"], clocks=given["marts.sla"].height)


if __name__ == "__main__":
    _work(Path(sys.argv[1]), sys.argv[2])
