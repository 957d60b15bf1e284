"""A made event log of any size for process mining: five and a half events a ticket.

Run with `python -m benchmarks.made_log FOLDER TICKETS`.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

__all__ = ["AS_OF", "generate"]

_YEAR_SECONDS: Final = 365 * 86_400
_BEGIN: Final = datetime(2025, 1, 1, tzinfo=UTC)
AS_OF: Final = datetime(2026, 2, 1, tzinfo=UTC)
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


def generate(tickets: int, folder: Path, *, seed: int = 7) -> None:
    """Write a log of so many tickets, in order of time, and the tickets, as Parquet."""
    generator = np.random.default_rng(seed)
    lengths = _SHORTEST_LIFE + generator.poisson(_STEPS_BEYOND, tickets)
    starts = np.cumsum(lengths) - lengths
    case = np.repeat(np.arange(tickets, dtype=np.int32), lengths)
    position = np.arange(len(case)) - starts[case]
    names, shares = zip(*_MIDDLE, strict=True)
    kinds = pl.Series(["created", "assigned", "solved", "closed", *names])
    middle = generator.choice(len(names), size=len(case), p=shares).astype(np.int8) + 4
    left = lengths[case] - 1 - position
    kind = np.select([position == 0, position == 1, left == 0, left == 1], [0, 1, 3, 2], middle)
    gaps = generator.lognormal(8, 1.5, len(case)).astype(np.int64)
    gaps[starts] = 0
    passed = np.cumsum(gaps)
    created = np.sort(generator.integers(0, _YEAR_SECONDS, tickets))
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
    of_ticket = pl.DataFrame(
        {
            "ticket_id": np.arange(1, tickets + 1),
            "created_at": (created + begin) * 1_000_000,
            "solved_at": (seconds[starts + lengths - 2] + begin) * 1_000_000,
            "closed_at": (seconds[starts + lengths - 1] + begin) * 1_000_000,
            "group_name": pl.Series(_GROUPS).gather(level[starts + lengths - 1]),
            "priority": pl.Series(["urgent", "high", "normal", "low"]).gather(
                generator.integers(0, 4, tickets)
            ),
            "ticket_type": pl.Series(["question", "incident"]).gather(
                generator.integers(0, 2, tickets)
            ),
            "is_breached": generator.random(tickets) < 0.1,
        }
    )
    of_ticket.with_columns(
        pl.col("created_at", "solved_at", "closed_at").cast(pl.Datetime("us", "UTC")),
        pl.lit("closed").alias("status"),
        ((pl.col("solved_at") - pl.col("created_at")) / 3_600_000_000).alias("cycle_hours"),
    ).write_parquet(folder / "tickets.parquet")


if __name__ == "__main__":
    generate(int(sys.argv[2]), Path(sys.argv[1]))
