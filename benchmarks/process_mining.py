"""Process mining from Parquet to tables, beside pm4py, pandas and plain DuckDB SQL.

The others find what follows what, how long it takes, and the variants: two of our eight tables,
which are measured alone as well. Every count of theirs is compared with ours.
"""

import importlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.made_log import AS_OF
from benchmarks.options import LEFT_OUT, Options, tickets
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, Ended, module, run
from benchmarks.telling import tell, timed

__all__ = ["rows"]

_ALL: Final = "process mining: all eight tables"
_BOTH: Final = "process mining: steps with durations, and variants"
_PEERS: Final = ("pm4py", "pandas", "duckdb")


def rows(options: Options) -> Iterator[Row]:
    """Yield our times at each size, and those of the others.

    Raises:
        RuntimeError: If another counts other steps or variants than our tables hold.
    """
    for count in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            made = run(module("benchmarks.made_log", folder, count))
            if made.how != DONE:
                raise RuntimeError(f"the log could not be made: {made.how}")
            yield from _rows_of(Path(folder), count, options)


def _rows_of(folder: Path, count: int, options: Options) -> Iterator[Row]:
    events = pl.scan_parquet(folder / "events.parquet").select(pl.len()).collect().item()
    size = f"{tickets(count)}, {events:,} events"
    for what, part in ((_ALL, "all"), (_BOTH, "both")):
        ours = run(module("benchmarks.process_mining", folder, part), options.bounds)
        yield row_of(what, size, OURS, ours, seconds=_total(ours), more=_more(ours))
    for name in _PEERS:
        python = options.pm4py if name == "pm4py" else sys.executable
        if python is None:
            yield Row(_BOTH, size, name, how=LEFT_OUT)
            continue
        theirs = run(
            module(f"benchmarks.peers.mining_{name}", folder, python=python), options.bounds
        )
        if ours.how == theirs.how == DONE and _counts(ours) != _counts(theirs):
            raise RuntimeError(f"{name} counts other steps or variants than the tables hold")
        who = f"{name} {theirs.said.get('version', '')}".strip()
        yield row_of(_BOTH, size, who, theirs, seconds=_total(theirs), more=_more(theirs))


def _total(ended: Ended) -> float:
    return float(sum(ended.said.get("seconds", {}).values()))


def _more(ended: Ended) -> dict[str, float | str]:
    said = ended.said
    if not said:
        return {}
    parts = {f"{name} s": round(value, 2) for name, value in said["seconds"].items()}
    return {**parts, "variants": len(said["variants"])}


def _counts(ended: Ended) -> tuple[list[Any], list[int]]:
    return sorted(ended.said["steps"]), sorted(ended.said["variants"])


def _work(folder: Path, part: str) -> None:
    # Polars loads it on first use; imports are not part of the measure, nor are they the others'.
    importlib.import_module("numpy.ma")
    from control_tower.process_mining.event_log import event_log_of  # noqa: PLC0415
    from control_tower.process_mining.mining import mine  # noqa: PLC0415
    from control_tower.process_mining.paths import paths_of  # noqa: PLC0415
    from control_tower.process_mining.transitions import transitions  # noqa: PLC0415
    from control_tower.process_mining.variants import variants  # noqa: PLC0415

    seconds: dict[str, float] = {}
    with timed(seconds, "read and prepare"):
        events, of_tickets = (
            pl.scan_parquet(folder / f"{name}.parquet") for name in ("events", "tickets")
        )
        log = event_log_of(events, of_tickets, AS_OF)
    with timed(seconds, "tables"):
        if part == "all":
            made = mine(log)
        else:
            made = {"transitions": transitions(log), "variants": variants(log, paths_of(log))}
    tell(
        seconds=seconds,
        steps=made["transitions"].select("from_activity", "to_activity", "count").rows(),
        variants=made["variants"]["tickets"].to_list(),
    )


if __name__ == "__main__":
    _work(Path(sys.argv[1]), sys.argv[2])
