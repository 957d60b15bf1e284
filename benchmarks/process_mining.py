"""How long process mining takes and how much memory, from Parquet to all tables, beside pm4py.

pm4py, where it is installed by hand, discovers the directly-follows graph, the performance graph
and the variants of the same file: three of the things our tables hold. Run with
`python -m benchmarks.process_mining [events ...] [--peer-python PATH]`, the path being that of a
Python that has pm4py.
"""

import argparse
import importlib
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from control_tower.process_mining.event_log import event_log_of
from control_tower.process_mining.mining import mine

__all__ = ["generate", "measure", "measure_peer"]

_SIZES: Final = (3_000_000,)
_YEAR_SECONDS: Final = 365 * 86_400
_BEGIN: Final = datetime(2025, 1, 1, tzinfo=UTC)
_AS_OF: Final = datetime(2026, 2, 1, tzinfo=UTC)
_SHORTEST_LIFE: Final = 4
_STEPS_BEYOND: Final = 1.5
_MIDDLE: Final = (
    ("replied", 0.45),
    ("assigned", 0.2),
    ("customer_replied", 0.15),
    ("escalated", 0.08),
    ("reopened", 0.04),
    ("put_on_hold", 0.04),
    ("priority_changed", 0.04),
)
_GROUPS: Final = ("Tier 1 Support", "Tier 2 Specialists", "Engineering")

_PEER: Final = """
import json, sys, time
import pandas, pm4py
processor = time.process_time()
started = time.perf_counter()
log = pandas.read_parquet(sys.argv[1], columns=["ticket_id", "activity", "occurred_at"])
seconds = {"read": time.perf_counter() - started}
# As its manual asks for: else cases that are numbers are refused, and a log that is not in order of
# case has false variants.
started = time.perf_counter()
log = pm4py.format_dataframe(
    log, case_id="ticket_id", activity_key="activity", timestamp_key="occurred_at"
)
seconds["prepare"] = time.perf_counter() - started
found = {}
for name in ("discover_dfg", "discover_performance_dfg", "get_variants"):
    started = time.perf_counter()
    found[name] = getattr(pm4py, name)(log)
    seconds[name] = time.perf_counter() - started
processor = time.process_time() - processor
steps = [[*pair, count] for pair, count in found["discover_dfg"][0].items()]
variants = sorted(v if isinstance(v, int) else len(v) for v in found["get_variants"].values())
counts = {"steps": steps, "variants": variants}
print(json.dumps({"seconds": seconds, "processor_seconds": processor, **counts}))
"""
"""The same for the peer: seconds, and what it counted."""


def generate(events: int, folder: Path, *, seed: int = 7) -> None:
    """Write a log of about so many events, in order of time, and its tickets, as Parquet."""
    generator = np.random.default_rng(seed)
    cases = int(events / (_SHORTEST_LIFE + _STEPS_BEYOND))
    lengths = _SHORTEST_LIFE + generator.poisson(_STEPS_BEYOND, cases)
    starts = np.cumsum(lengths) - lengths
    case = np.repeat(np.arange(cases, dtype=np.int32), lengths)
    position = np.arange(len(case)) - starts[case]
    names, shares = zip(*_MIDDLE, strict=True)
    kinds = pl.Series(["created", "assigned", "solved", "closed", *names])
    middle = generator.choice(len(names), size=len(case), p=shares).astype(np.int8) + 4
    left = lengths[case] - 1 - position
    kind = np.select([position == 0, position == 1, left == 0, left == 1], [0, 1, 3, 2], middle)
    gaps = generator.lognormal(8, 1.5, len(case)).astype(np.int64)
    gaps[starts] = 0
    passed = np.cumsum(gaps)
    created = np.sort(generator.integers(0, _YEAR_SECONDS, cases))
    seconds = created[case] + passed - passed[starts][case]
    level = np.minimum(np.cumsum(kind == 7) - np.cumsum(kind == 7)[starts][case], 2)
    begin = int(_BEGIN.timestamp())
    log = pl.DataFrame(
        {
            "ticket_id": case.astype(np.int64) + 1,
            "occurred_at": (seconds + begin) * 1_000_000,
            "activity": kinds.gather(kind),
            "status": pl.Series(["open", "solved", "closed"]).gather((kind == 2) + 2 * (kind == 3)),
            "group_name": pl.Series(_GROUPS).gather(level),
        }
    ).with_columns(pl.col("occurred_at").cast(pl.Datetime("us", "UTC")))
    log = log.sort("occurred_at", maintain_order=True).with_row_index("event_id", offset=1)
    log = log.with_columns(pl.col("event_id").cast(pl.Int64))
    log.write_parquet(folder / "events.parquet")
    of_case = pl.DataFrame(
        {
            "ticket_id": np.arange(1, cases + 1),
            "created_at": (created + begin) * 1_000_000,
            "solved_at": (seconds[starts + lengths - 2] + begin) * 1_000_000,
            "closed_at": (seconds[starts + lengths - 1] + begin) * 1_000_000,
            "group_name": pl.Series(_GROUPS).gather(level[starts + lengths - 1]),
            "priority": pl.Series(["urgent", "high", "normal", "low"]).gather(
                generator.integers(0, 4, cases)
            ),
            "ticket_type": pl.Series(["question", "incident"]).gather(
                generator.integers(0, 2, cases)
            ),
            "is_breached": generator.random(cases) < 0.1,
        }
    )
    of_case.with_columns(
        pl.col("created_at", "solved_at", "closed_at").cast(pl.Datetime("us", "UTC")),
        pl.lit("closed").alias("status"),
        ((pl.col("solved_at") - pl.col("created_at")) / 3_600_000_000).alias("cycle_hours"),
    ).write_parquet(folder / "tickets.parquet")


def measure(folder: Path) -> dict[str, Any]:
    """Make all tables from the files in a process of its own; seconds, peak memory and counts."""
    finished = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--worker", str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return found


def measure_peer(python: str, folder: Path) -> dict[str, Any]:
    """Let pm4py read the same events and find the graph, the performance graph and variants."""
    finished = subprocess.run(
        [python, "-c", _PEER, str(folder / "events.parquet")],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return found


def _work(folder: Path) -> None:
    # Polars loads it on first use; imports are not part of the measure, nor are they the peer's.
    importlib.import_module("numpy.ma")
    started, processor = time.perf_counter(), time.process_time()
    events, tickets = (
        pl.scan_parquet(folder / f"{name}.parquet") for name in ("events", "tickets")
    )
    log = event_log_of(events, tickets, _AS_OF)
    prepared = time.perf_counter()
    made = mine(log)
    finished = time.perf_counter()
    processor = time.process_time() - processor
    print(
        json.dumps(
            {
                "seconds": {
                    "read and prepare": prepared - started,
                    "tables": finished - prepared,
                },
                "processor_seconds": processor,
                "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
                "events": len(log.activity),
                "tickets": log.tickets.height,
                "steps": made["transitions"].select("from_activity", "to_activity", "count").rows(),
                "variants": made["variants"]["tickets"].sort().to_list(),
            }
        )
    )


def _counts(found: dict[str, Any]) -> tuple[list[Any], list[int]]:
    return sorted(found["steps"]), found["variants"]


def _parts(seconds: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items())


def main() -> None:
    """Measure the sizes asked for, smallest first, and the peer where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", nargs="*", type=int, default=_SIZES)
    parser.add_argument("--peer-python", help="Python that has pm4py")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        _work(given.worker)
        return
    peer = given.peer_python or (sys.executable if importlib.util.find_spec("pm4py") else None)
    for events in sorted(given.events):
        with tempfile.TemporaryDirectory() as folder:
            generate(events, Path(folder))
            ours = measure(Path(folder))
            theirs = measure_peer(peer, Path(folder)) if peer else None
        if theirs and _counts(ours) != _counts(theirs):
            raise RuntimeError("pm4py counts other steps or variants than the tables hold")
        total = sum(ours["seconds"].values())
        print(
            f"{ours['events']:,} events, {ours['tickets']:,} tickets, "
            f"{len(ours['variants']):,} variants"
        )
        print(f"  all tables from Parquet {total:8.2f} s  ({_parts(ours['seconds'])})")
        print(f"  processor time          {ours['processor_seconds']:8.2f} s")
        print(f"  peak memory             {ours['peak_gib']:8.2f} GiB")
        if theirs:
            of_peer = sum(theirs["seconds"].values())
            print(f"  pm4py, three of them    {of_peer:8.2f} s  ({_parts(theirs['seconds'])})")
            print(f"  processor time          {theirs['processor_seconds']:8.2f} s")
            print(f"  ratio                   {of_peer / total:8.1f}")
            bare = of_peer - theirs["seconds"]["prepare"]
            print(f"  without its preparation {bare / total:8.1f}")
            of_processor = theirs["processor_seconds"] / ours["processor_seconds"]
            print(f"  ratio of processor time {of_processor:8.1f}")


if __name__ == "__main__":
    main()
