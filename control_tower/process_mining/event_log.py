"""An event log made ready for mining: in order, in numbers, case by case.

Texts become codes and moments whole microseconds, once; everything after counts and subtracts
integers. The order of events within a ticket is (occurred_at, event_id), as everywhere.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from control_tower.process_mining.gathering import Integers
from control_tower.process_mining.ordering import ordered_events
from control_tower.process_mining.slices import Slices, slices_of

__all__ = [
    "SETTLED",
    "Codes",
    "EventLog",
    "Integers",
    "event_log_of",
    "hours_of",
    "microseconds_of",
]

Codes: TypeAlias = npt.NDArray[Any]
Flags: TypeAlias = npt.NDArray[np.bool_]

SETTLED: Final = ("solved", "closed")
"""Statuses in which nobody waits for anything any more."""

_MICROSECONDS_PER_HOUR: Final = 3_600_000_000
_TICKET_COLUMNS: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "ticket_id": pl.Int64,
    "group_name": pl.String,
    "priority": pl.String,
    "ticket_type": pl.String,
    "status": pl.String,
    "created_at": pl.Datetime("us", "UTC"),
    "solved_at": pl.Datetime("us", "UTC"),
    "closed_at": pl.Datetime("us", "UTC"),
    "cycle_hours": pl.Float64,
    "is_breached": pl.Boolean,
}


@dataclass(frozen=True)
class EventLog:
    """Events in order, one entry an event, and the tickets they belong to, one entry a ticket.

    Attributes:
        activities: Names by activity code, in alphabetical order.
        groups: Names by group code.
        activity: Activity code of each event.
        moment: When each event happened, microseconds since 1970 in UTC.
        group: Code of the group that holds the ticket after the event; -1 for nobody.
        is_settled: Whether the ticket is at rest after the event.
        starts: Place of each ticket's first event, and behind the last ticket the end.
        tickets: What is known of each ticket that has events, in the order of `starts`.
        slices: Which part of the desk each ticket is counted under.
        as_of: The tower's clock, microseconds since 1970 in UTC; None if not known.
    """

    activities: pl.Series
    groups: pl.Series
    activity: Codes
    moment: Integers
    group: Codes
    is_settled: Flags
    starts: Integers
    tickets: pl.DataFrame
    slices: Slices
    as_of: int | None

    # Every table asks for these, so that each is worked out once a log.
    @cached_property
    def lengths(self) -> Integers:
        """Number of events of each ticket."""
        return np.diff(self.starts)

    @cached_property
    def case_of_event(self) -> Integers:
        """Place of each event's ticket."""
        return np.repeat(np.arange(len(self.starts) - 1), self.lengths)

    @cached_property
    def is_followed(self) -> Flags:
        """Whether the ticket has another event after this one."""
        followed = np.ones(len(self.activity), dtype=np.bool_)
        followed[self.starts[1:] - 1] = False
        return followed

    def sliced_by(self, by: Sequence[str]) -> "EventLog":
        """Return the same log, its tickets counted apart by each value of these dimensions.

        Args:
            by: Any of `group_name` (the group that holds the ticket now), `priority`,
                `ticket_type` and `month` (in which the ticket was created, UTC).

        Raises:
            ValueError: If there is no such dimension.
        """
        if tuple(by) == self.slices.dimensions:
            return self
        return replace(self, slices=slices_of(self.tickets, by))


def event_log_of(
    events: pl.DataFrame | pl.LazyFrame,
    tickets: pl.DataFrame | pl.LazyFrame,
    as_of: datetime | None = None,
) -> EventLog:
    """Return a log of events ready for mining.

    Args:
        events: event_id, ticket_id, occurred_at, activity and, if the source has them, status and
            group_name; in any order. Of a lazy frame only codes are held in memory.
        tickets: ticket_id and what is known of it: group_name, priority, ticket_type, status,
            created_at, solved_at, closed_at, cycle_hours, is_breached; columns may be left out.
            Tickets without events are not in the log.
        as_of: The tower's clock.
    """
    numbers = _numbers(events)
    ticket_id = numbers["ticket_id"].to_numpy()
    # Tickets and texts are read and coded while one thread brings the events into order.
    with ThreadPoolExecutor(max_workers=1) as pool:
        knowing = pool.submit(_known, tickets)
        reading = pool.submit(_texts, events)
        ordered = ordered_events(
            ticket_id, numbers["occurred_at"].to_numpy(), numbers["event_id"].to_numpy()
        )
        starts = ordered.starts
        of_tickets = pl.Series("ticket_id", ticket_id[ordered.place[starts[:-1]]])
        cases = _described(of_tickets, knowing.result())
        texts = reading.result()
    return EventLog(
        activities=texts.activities,
        groups=texts.groups,
        activity=texts.activity[ordered.place],
        moment=ordered.moment,
        group=texts.group[ordered.place],
        is_settled=texts.is_settled[ordered.place],
        starts=starts,
        tickets=cases,
        slices=slices_of(cases, ()),
        as_of=None if as_of is None else microseconds_of(as_of),
    )


def microseconds_of(moment: datetime) -> int:
    """Return a moment as microseconds since 1970 in UTC."""
    return int(pl.Series([moment], dtype=pl.Datetime("us", "UTC")).to_physical().item())


def hours_of(microseconds: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return durations in hours."""
    return microseconds / _MICROSECONDS_PER_HOUR


class _Texts(NamedTuple):
    activities: pl.Series
    groups: pl.Series
    activity: Codes
    group: Codes
    is_settled: Flags


def _numbers(events: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    moment = pl.col("occurred_at").dt.cast_time_unit("us").to_physical()
    return events.lazy().select("ticket_id", "event_id", moment).collect()


def _texts(events: pl.DataFrame | pl.LazyFrame) -> _Texts:
    """Return what events say in words, as codes, in the order given."""
    texts = {name: pl.lit(None) for name in ("activity", "group_name", "status")}
    known = events.collect_schema().names()
    texts |= {name: pl.col(name) for name in texts if name in known}
    coded = (
        events.lazy()
        .select(
            *(
                texts[name].cast(pl.Categorical(pl.Categories.random())).alias(name)
                for name in ("activity", "group_name")
            ),
            _is_settled(texts["status"]).alias("is_settled"),
        )
        .collect(engine="streaming")
    )
    activities, activity = _codes(coded["activity"])
    groups, group = _codes(coded["group_name"])
    return _Texts(activities, groups, activity, group, coded["is_settled"].to_numpy())


def _is_settled(status: pl.Expr) -> pl.Expr:
    is_any = [status == settled for settled in SETTLED]
    return pl.any_horizontal(is_any).fill_null(value=False)


def _known(tickets: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return the columns mining needs; null where the source has none."""
    there = tickets.collect_schema().names()
    return (
        tickets.lazy()
        .select(
            (pl.col(name) if name in there else pl.lit(None)).cast(kind).alias(name)
            for name, kind in _TICKET_COLUMNS.items()
        )
        .collect()
    )


def _described(ticket_ids: pl.Series, known: pl.DataFrame) -> pl.DataFrame:
    """Return what is known of tickets, in their order."""
    if known["ticket_id"].equals(ticket_ids):
        return known
    return ticket_ids.to_frame().join(known, on="ticket_id", how="left", maintain_order="left")


def _codes(categories: pl.Series) -> tuple[pl.Series, Codes]:
    """Return the names in alphabetical order, and the place of each value's name; -1 for null."""
    found = categories.unique().drop_nulls()
    names = found.cast(pl.String).sort()
    numbers = pl.DataFrame({"name": found.cast(pl.String), "code": found.to_physical()}).sort(
        "name"
    )
    # The last place is where null, as -1, looks.
    kind = np.int16 if len(names) < np.iinfo(np.int16).max else np.int32
    place = np.full(int(numbers["code"].max() or 0) + 2, -1, dtype=kind)  # type: ignore[arg-type]
    place[numbers["code"].to_numpy()] = np.arange(len(names))
    codes = categories.to_physical()
    if codes.null_count():
        codes = codes.cast(pl.Int64).fill_null(-1)
    return names.rename(categories.name), place[codes.to_numpy()]
