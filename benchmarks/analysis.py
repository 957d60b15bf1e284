"""The analysis rooms, one after the other in one process, on the marts of a simulated desk."""

import importlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.options import Options
from benchmarks.pipeline import command
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, module, run
from benchmarks.telling import tell, timed

__all__ = ["rows"]

_SEED: Final = "7"
_AS_OF: Final = "2026-11-02"
_ALL: Final = "analysis: all rooms in one process, imports included"


def rows(options: Options) -> Iterator[Row]:
    """Yield the seconds of all rooms together, with each room's among the other figures."""
    for count in options.sizes:
        size = f"{count:,} tickets a year"
        with tempfile.TemporaryDirectory() as folder:
            # The whole pipeline, so that the marts are there and no cache is cold.
            choices = ("--tickets", str(count), "--seed", _SEED, "--as-of", _AS_OF)
            made = run(command(Path(folder), *choices), options.bounds)
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
    tell(seconds=seconds)


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
