"""How well breaches are foretold: the survival estimate, two simple rules and a learned model.

Every fourteen days of the past year all clocks not yet due are judged by what was known then. The
learned model is scikit-learn's HistGradientBoostingClassifier, fitted anew at each moment on all
clocks seen every 47 hours before it whose outcome was known by then, with every fact the
survival estimate has, the hour and the weekday.

Run with `python -m benchmarks.risk [snapshot.duckdb ...]`. Without a snapshot, the simulated desk
is built, and the two public logs if `--logs FOLDER` says where they are. Those logs keep no
targets, so they are given some that a fair share of the tickets miss.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]

from control_tower.alerts.assets import ALERTS
from control_tower.alerts.calibration import (
    METHODS,
    asked_at,
    judged_in_the_past,
    reliability,
    scores,
)
from control_tower.alerts.clocks import numbered_clocks, stretches_of
from control_tower.alerts.history import BreachHistory
from control_tower.alerts.turns import turns_of
from control_tower.room import Frames
from control_tower.settings import PROJECT_ROOT, Settings
from control_tower.warehouse import connect, read_table

__all__ = ["compare", "main"]

_MAPPINGS = PROJECT_ROOT / "control_tower" / "raw" / "event_log" / "mappings"
_LEARNED: Final = "boosted_trees"
_SEEN_EVERY: Final = timedelta(hours=47)
_CATEGORIES: Final = (
    "metric",
    "priority",
    "group_name",
    "ticket_type",
    "stage",
    "due_window",
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
    print(reliability(judged).filter(pl.col("method") == METHODS[0]))
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
    for (moment,), part in asked.group_by("moment", maintain_order=True):
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


def _read(snapshot: Path) -> Frames:
    with connect(snapshot.resolve(), read_only=True) as connection:
        return {
            name: read_table(connection, *_split(name), columns)
            for name, columns in ALERTS.inputs.items()
        }


def _split(name: str) -> tuple[str, str]:
    schema, table = name.split(".")
    return schema, table


def _run(data_dir: Path, *options: str) -> Path:
    command = [sys.executable, "-m", "control_tower", "run", "--quiet"]
    subprocess.run([*command, "--data-dir", str(data_dir), *options], check=True)
    return data_dir / "ops.duckdb"


def _built(folder: Path, logs: Path | None) -> list[Path]:
    snapshots = [_run(folder / "simulated")]
    for name, (mapping, targets) in _TARGETS.items():
        if logs and (logs / name).exists():
            # A mapping's own outcome makes way for targets.
            own = (_MAPPINGS / f"{mapping}.yaml").read_text("utf-8").split("\nsla:")[0]
            path = folder / f"{mapping}.yaml"
            path.write_text(own + targets, encoding="utf-8")
            snapshots.append(
                _run(folder / mapping, "--event-log", str(logs / name), "--mapping", str(path))
            )
    return snapshots


def main(snapshots: list[Path], logs: Path | None) -> None:
    """Print the scores on each desk, and what the room costs there."""
    with (
        tempfile.TemporaryDirectory() as folder,
        pl.Config(tbl_cols=-1, tbl_width_chars=160, tbl_rows=-1),
    ):
        for snapshot in snapshots or _built(Path(folder), logs):
            given = _read(snapshot)
            started = time.perf_counter(), time.process_time()
            ALERTS.compute(given, Settings())
            seconds, busy = time.perf_counter() - started[0], time.process_time() - started[1]
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
            clocks = given["marts.sla"].height
            print(
                f"\n{snapshot}: {clocks:,} clocks, the room {seconds:.2f} s ({busy:.2f} s "
                f"of processor time), peak {peak:.2f} GiB"
            )
            compared = compare(given)
            print(compared if compared.height else "too short a history to judge the past by")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("snapshots", nargs="*", type=Path)
    parser.add_argument("--logs", type=Path)
    arguments = parser.parse_args()
    main(arguments.snapshots, arguments.logs)
