"""The marts of one more day: what it costs to build what the day touched, by length of history.

A desk of the same size, its history longer and longer. Each is built whole as it was the day before
its last; then the last day is landed and built twice, once from what it touched and once whole.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.options import Options
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, Bounds, Ended, module, run
from benchmarks.telling import tell
from control_tower.marts.changes import Extent
from control_tower.warehouse import build_path

__all__ = ["rows"]

_DAY: Final = "marts: one more day, models and data tests"
_TICKETS_A_DAY: Final = 1_000
_HISTORIES: Final = (90, 365, 730, 1_460)
_QUICK: Final = (20, (10, 20))


def rows(options: Options) -> Iterator[Row]:
    """Yield the build of the last day of each history, of what it touched and of everything.

    Models and data tests run on two threads; theirs are added up.

    Raises:
        RuntimeError: If a desk cannot be made, or the first build fails.
    """
    a_day, histories = _QUICK if options.is_quick else (_TICKETS_A_DAY, _HISTORIES)
    for days in histories:
        with tempfile.TemporaryDirectory() as folder:
            _done(run(module("benchmarks.large_desk", folder, a_day * days, days, 1)))
            _done(_build(folder, "whole", options.bounds))
            _done(run(module("benchmarks.large_desk", folder, a_day * days, days, 0)))
            size = f"{days:,} days of {a_day:,} tickets"
            for extent, who in (("touched", OURS), ("whole", f"{OURS}, full refresh")):
                ended = _build(folder, extent, options.bounds)
                more = {
                    name: ended.said[name]
                    for name in ("tickets built", "what changed s", "models s", "data tests s")
                    if ended.how == DONE
                }
                yield row_of(_DAY, size, who, ended, more=more)


def _done(ended: Ended) -> None:
    if ended.how != DONE:
        raise RuntimeError(f"no desk could be made: {ended.how}")


def _build(folder: str, extent: str, bounds: Bounds) -> Ended:
    environment = {"CONTROL_TOWER_DATA_DIR": folder}
    return run(module("benchmarks.days", folder, extent), bounds, environment=environment)


def _work(data_dir: Path, *, is_whole: bool) -> Mapping[str, Any]:
    """Build the marts and return how long it took, imports and parsing aside."""
    from control_tower.marts.project import dbt_project, parsed  # noqa: PLC0415 - dbt
    from control_tower.marts.touched_build import build_touched  # noqa: PLC0415 - dbt

    build_path(data_dir).parent.mkdir(parents=True, exist_ok=True)
    project, read = dbt_project(data_dir), parsed(data_dir)
    tickets: list[int] = []
    seconds: dict[str, float] = {}
    began = time.perf_counter()

    def on_begun(extent: Extent) -> None:
        seconds["looking"] = time.perf_counter() - began
        tickets.append(extent.tickets if extent.touched is None else extent.touched)

    outcome = build_touched(
        data_dir,
        project.project_dir,
        project.target_path,
        read,
        is_whole=is_whole,
        on_begun=on_begun,
    )
    taken = time.perf_counter() - began
    if outcome.error or any(result.is_bad for result in outcome.results):
        raise SystemExit(f"the marts could not be built: {outcome.error or 'a test failed'}")
    tests = sum(result.seconds for result in outcome.results if result.is_test)
    models = sum(result.seconds for result in outcome.results if not result.is_test)
    return {
        "seconds": round(taken, 3),
        "tickets built": tickets[0],
        "what changed s": round(seconds["looking"], 2),
        "models s": round(models, 2),
        "data tests s": round(tests, 2),
    }


if __name__ == "__main__":
    tell(**_work(Path(sys.argv[1]), is_whole=sys.argv[2] == "whole"))
