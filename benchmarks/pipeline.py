"""The whole pipeline, from nothing to a published snapshot, and the run after it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.options import Options
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, Bounds, run

__all__ = ["bounds_of_a_run", "command", "rows", "run_once"]

_TIMES_AS_LONG: Final = 3
_TIMES_AS_LARGE: Final = 2


def command(data_dir: Path, *options: str) -> list[str]:
    """Return the command that runs the pipeline in a data directory."""
    return [
        *(sys.executable, "-m", "control_tower", "run", "--quiet"),
        *("--data-dir", str(data_dir), *options),
    ]


def run_once(data_dir: Path, *options: str) -> None:
    """Run the pipeline in a process of its own, for what is measured on what it publishes.

    Raises:
        subprocess.CalledProcessError: If the run fails.
    """
    subprocess.run(command(data_dir, *options), check=True)


def bounds_of_a_run(step: Bounds) -> Bounds:
    """Return the bounds of a run of the pipeline: it is many steps, and several processes.

    Args:
        step: Bounds of a step.
    """
    return Bounds(_TIMES_AS_LONG * step.seconds, _TIMES_AS_LARGE * step.gib)


def rows(options: Options) -> Iterator[Row]:
    """Yield the first and the second run at each size; memory is that of all its processes."""
    for count in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            for which in ("first run", "next run"):
                ended = run(
                    command(Path(folder), "--tickets", str(count)),
                    bounds_of_a_run(options.bounds),
                )
                yield row_of(
                    f"pipeline: {which}",
                    f"{count:,} tickets a year",
                    OURS,
                    ended,
                    seconds=ended.seconds,
                    peak_gib=ended.tree_gib,
                    more={"processor s": round(ended.processor_seconds, 1)},
                )
                if ended.how != DONE:
                    break
