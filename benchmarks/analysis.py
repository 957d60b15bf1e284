"""How long the analysis rooms take together in one process, imports included, and how much memory.

Builds the marts of a desk of the size asked for, then starts a fresh process that computes every
room on them in the order of the flow. Run with `python -m benchmarks.analysis [tickets ...]`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.pipeline import run_once
from control_tower.settings import Settings
from control_tower.warehouse import build_path, connect

__all__ = ["Measurement", "measure"]

_SIZES: Final = (50_000, 1_000_000)
_SEED: Final = "7"
_AS_OF: Final = "2026-11-02"


@dataclass(frozen=True)
class Measurement:
    """Seconds of every room, of imports and of all together, and the most memory the process had.

    Rows counts the rows of each table made.
    """

    imports_seconds: float
    room_seconds: dict[str, float]
    rows: dict[str, int]
    total_seconds: float
    peak_gib: float


def measure(data_dir: Path) -> Measurement:
    """Compute every room on the build database of a data directory, in a process of its own.

    Raises:
        subprocess.CalledProcessError: If a room cannot be computed.
    """
    started = time.perf_counter()
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.analysis", "--compute-in", str(data_dir)],
        env={**os.environ, "CONTROL_TOWER_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    total = time.perf_counter() - started
    found = json.loads(finished.stdout.splitlines()[-1])
    return Measurement(total_seconds=total, **found)


def _compute(data_dir: Path) -> None:
    started = time.perf_counter()
    from control_tower.room import work  # noqa: PLC0415 - what imports cost is measured
    from control_tower.rooms import ROOMS  # noqa: PLC0415

    imported = time.perf_counter()
    settings = Settings()
    seconds: dict[str, float] = {}
    rows: dict[str, int] = {}
    for room in ROOMS:
        room_started = time.perf_counter()
        with connect(build_path(data_dir)) as connection:
            _, made = work(connection, room, settings)
        seconds[room.name] = time.perf_counter() - room_started
        rows |= {f"{room.name}.{table}": frame.height for table, frame in made.items()}
    print(
        json.dumps(
            {
                "imports_seconds": imported - started,
                "room_seconds": seconds,
                "rows": rows,
                "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
            }
        )
    )


def main() -> None:
    """Measure the sizes asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tickets", nargs="*", type=int, default=_SIZES)
    parser.add_argument("--compute-in", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--data-dir", type=Path, help="Use the marts built here instead")
    arguments = parser.parse_args()
    if arguments.compute_in:
        _compute(arguments.compute_in)
        return
    if arguments.data_dir:
        _show("as built", measure(arguments.data_dir.resolve()))
        return
    for tickets in sorted(arguments.tickets):
        with tempfile.TemporaryDirectory() as folder:
            # The whole pipeline, so that the marts are there and no cache is cold.
            run_once(Path(folder), "--tickets", str(tickets), "--seed", _SEED, "--as-of", _AS_OF)
            _show(f"{tickets:,} tickets a year", measure(Path(folder)))


def _show(what: str, found: Measurement) -> None:
    print(what)
    print(f"  imports                 {found.imports_seconds:8.2f} s")
    for room, seconds in found.room_seconds.items():
        print(f"  {room:<23} {seconds:8.2f} s")
    print(f"  all in one process      {found.total_seconds:8.2f} s")
    print(f"  peak memory             {found.peak_gib:8.2f} GiB")
    print("  rows: " + ", ".join(f"{table} {rows:,}" for table, rows in found.rows.items()))


if __name__ == "__main__":
    main()
