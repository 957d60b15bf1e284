"""Events that reach the tower late: they lie in days that were told without them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from control_tower.presentation import readable_time
from control_tower.warehouse import DatabaseBusyError, connect, read_table

__all__ = ["ToldBefore", "late_events", "told_before"]

_SAME: Final = ("ticket_id", "occurred_at", "activity")
"""What makes an event the same one in two landings; a file may number its events anew."""

_EVENTS_AT_ONCE: Final = 4_000_000


@dataclass(frozen=True)
class ToldBefore:
    """What the published snapshot was made from: which source, at which moment, which events."""

    described_as: str
    as_of: datetime
    events: pl.DataFrame

    def is_of(self, described_as: str) -> bool:
        """Return whether a landing is of the same source, whatever number of tickets it had."""
        return _source_in(self.described_as) == _source_in(described_as)


def told_before(snapshot: Path) -> ToldBefore | None:
    """Return what a snapshot was made from; None if there is none that can be read."""
    if not snapshot.exists():
        return None
    try:
        with connect(snapshot.resolve(), read_only=True) as connection:
            landed = read_table(connection, "staging", "stg_landing", ("described_as", "as_of"))
            events = read_table(connection, "staging", "stg_ticket_events", _SAME)
    except (duckdb.Error, DatabaseBusyError):
        return None
    described_as, as_of = landed.row(0)
    return ToldBefore(described_as, as_of, events)


def late_events(events: pl.DataFrame, before: ToldBefore, allowed: timedelta) -> Iterator[str]:
    """Yield a sentence if events came later than allowed: the snapshot should have held them.

    Args:
        events: event_id, ticket_id, occurred_at and activity of what landed now.
        before: What the published snapshot was made from, of the same source.
        allowed: How much later than it happens an event may reach the tower.
    """
    due = before.as_of - allowed
    known = events.filter(pl.col("occurred_at") <= due)
    late = pl.concat(_unknown(known, before.events)).sort("occurred_at", "event_id")
    if late.is_empty():
        return
    first = late.row(0, named=True)
    yield (
        f"ticket_events: {late.height:,} from before {readable_time(due)} came late, the first "
        f"event_id {first['event_id']} of ticket {first['ticket_id']} "
        f"({readable_time(first['occurred_at'])}); the snapshot told that time without them, so "
        "its figures change now; look why the source holds events back"
    )


def _unknown(events: pl.DataFrame, known: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the events that are not among those known, some tickets at a time.

    What a join remembers takes several times the memory of the rows themselves.
    """
    parts = max(1, -(-events.height // _EVENTS_AT_ONCE))
    for number in range(parts):
        is_in_part = pl.col("ticket_id") % parts == number
        yield events.filter(is_in_part).join(known.filter(is_in_part), on=_SAME, how="anti")


def _source_in(described_as: str) -> str:
    return described_as.partition(" (")[0]
