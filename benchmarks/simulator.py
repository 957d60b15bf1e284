"""How fast the simulator makes tickets, on one core, and how fast they are on the disk.

Compiling is not counted: each size is simulated in a process of its own, after a small desk that
loads the compiled loop.
"""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.options import Options
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, module, run
from benchmarks.telling import tell, timed

__all__ = ["rows"]

_AS_OF: Final = datetime(2026, 1, 1, tzinfo=UTC)
_COUNTED: Final = ("tickets", "ticket_events")


def rows(options: Options) -> Iterator[Row]:
    """Yield seconds, memory and tickets a second at each size: made, and landed as well."""
    for what, part in (("simulator", "made"), ("simulator: made, checked and written", "landed")):
        for count in options.sizes:
            command = ["taskset", "-c", "0", *module("benchmarks.simulator", count, part)]
            ended = run(command, options.bounds)
            said, more = ended.said, {}
            if ended.how == DONE:
                more = {
                    "tickets landed": said["tickets"],
                    "events": said["events"],
                    "tickets a second": round(said["tickets"] / said["seconds"]),
                }
            yield row_of(what, f"{count:,} tickets a year", OURS, ended, more=more)


def _work(tickets_per_year: int, part: str) -> None:
    from control_tower.raw.landing import complete_tables, landed_path, write_landed  # noqa: PLC0415
    from control_tower.raw.parts import parts_of  # noqa: PLC0415
    from control_tower.raw.simulator import load_configuration, simulate  # noqa: PLC0415

    configuration = load_configuration(None)
    simulate(configuration, seed=7, tickets_per_year=100, as_of=_AS_OF)
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, timed(seconds, part):
        landing = simulate(configuration, seed=7, tickets_per_year=tickets_per_year, as_of=_AS_OF)
        if part == "landed":
            write_landed(complete_tables(landing), Path(folder), landing_id=landing.landing_id)
            rows = {table: _rows_in(landed_path(Path(folder), table)) for table in _COUNTED}
        else:
            # Tables are made when they are asked for.
            rows = {
                table: sum(some.height for some in parts_of(landing.tables, table))
                for table in landing.tables
            }
    tell(seconds=seconds[part], tickets=rows["tickets"], events=rows["ticket_events"])


def _rows_in(path: Path) -> int:
    rows: int = pl.scan_parquet(path).select(pl.len()).collect().item()
    return rows


if __name__ == "__main__":
    _work(int(sys.argv[1]), sys.argv[2])
