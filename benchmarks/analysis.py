"""The analysis rooms, one after the other in one process, on the marts of a simulated desk.

And how long the what-if takes to answer there: how well it does is measured at one size, as each
change of a desk has to be simulated, but its time could grow with the desk.
"""

import importlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.options import Options
from benchmarks.pipeline import bounds_of_a_run, command
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, module, run
from benchmarks.telling import tell, timed

__all__ = ["rows"]

_SEED: Final = "7"
_AS_OF: Final = "2026-11-02"
_LOADS: Final = (0.8, 0.9, 1.1, 1.2, 1.3)
_ANSWER: Final = "what-if: one answer"
_ALL: Final = "analysis: all rooms in one process, imports included"


def rows(options: Options) -> Iterator[Row]:
    """Yield the seconds of all rooms together, with each room's among the other figures."""
    for count in options.sizes:
        size = f"{count:,} tickets a year"
        with tempfile.TemporaryDirectory() as folder:
            # The whole pipeline, so that the marts are there and no cache is cold.
            choices = ("--tickets", str(count), "--seed", _SEED, "--as-of", _AS_OF)
            made = run(command(Path(folder), *choices), bounds_of_a_run(options.bounds))
            if made.how != DONE:
                yield Row(_ALL, size, how=f"no marts to read: the pipeline {made.how}")
                continue
            ended = run(
                module("benchmarks.analysis", folder),
                options.bounds,
                environment={"CONTROL_TOWER_DATA_DIR": folder},
            )
        parts = ended.said.get("seconds", {})
        more = {f"{name} s": round(value, 2) for name, value in parts.items()}
        yield row_of(_ALL, size, OURS, ended, seconds=ended.seconds, more=more)
        if "answer" in ended.said:
            yield Row(_ANSWER, size, OURS, round(ended.said["answer"], 4))


def _work(data_dir: Path) -> None:
    seconds: dict[str, float] = {}
    # What imports cost is measured.
    with timed(seconds, "imports"):
        work = importlib.import_module("control_tower.room").work
        rooms = importlib.import_module("control_tower.rooms").ROOMS
    from control_tower.settings import Settings  # noqa: PLC0415
    from control_tower.warehouse import build_path, connect  # noqa: PLC0415

    settings = Settings()
    for room in rooms:
        with timed(seconds, room.name), connect(build_path(data_dir)) as connection:
            work(connection, room, settings)
    with connect(build_path(data_dir)) as connection:
        answer = _seconds_of_an_answer(connection)
    tell(seconds=seconds, answer=answer)


def _seconds_of_an_answer(connection: duckdb.DuckDBPyConnection) -> float:
    """Return how long the what-if takes on the profile the forecasts stored, the median."""
    from control_tower.forecasting.desk_profile import DeskProfile  # noqa: PLC0415
    from control_tower.forecasting.profile_tables import PROFILE_TABLES  # noqa: PLC0415
    from control_tower.forecasting.what_if import Scenario, what_if  # noqa: PLC0415
    from control_tower.warehouse import read_table  # noqa: PLC0415

    profile = DeskProfile.of_tables(
        {name: read_table(connection, "forecasting", name) for name in PROFILE_TABLES}
    )
    taken: list[float] = []
    # The first one prepares what the others share.
    for load in (1.0, *_LOADS):
        began = time.perf_counter()
        what_if(Scenario(volume_factor=load), profile)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
