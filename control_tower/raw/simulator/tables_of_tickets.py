"""The tables of a simulated history's tickets, made in parts of so many tickets each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from control_tower.raw.contract import ACTIVITIES, ACTORS, PRIORITIES, STATUSES, polars_schema
from control_tower.raw.simulator import codes
from control_tower.raw.simulator.arrivals import Tickets
from control_tower.raw.simulator.configuration import SimulatorConfiguration
from control_tower.raw.simulator.kernel import History
from control_tower.raw.simulator.random_numbers import compiled

__all__ = ["OF_TICKETS", "TablesOfTickets"]

OF_TICKETS: Final = ("tickets", "ticket_events", "ticket_costs", "satisfaction_ratings")

TICKETS_A_PART: Final = 100_000
"""Few enough for a part to weigh little beside the history, enough for parts to cost no time."""

_CHURN_KNOWN_AFTER = timedelta(days=90)
_RATINGS_PER_TICKET = 16

Integers = NDArray[np.int64]


class TablesOfTickets:
    """The tables of the tickets from a place in the history on, ticket by ticket."""

    def __init__(
        self,
        configuration: SimulatorConfiguration,
        tickets: Tickets,
        history: History,
        *,
        first: int,
        as_of: datetime,
    ) -> None:
        """Take a history whose recorded tickets begin at place `first`."""
        self._configuration = configuration
        self._tickets = tickets
        self._history = history
        self._first = first
        self._as_of = as_of
        kept = len(tickets.created) - first
        self._events = _Rows(history.events, first, kept)
        self._ratings = _Rows(history.ratings, first, kept)
        self._each = TICKETS_A_PART
        self.parts = max(1, -(-kept // self._each))

    def part(self, table: str, number: int) -> pl.DataFrame:
        """Return a table of one part's tickets.

        Raises:
            KeyError: If this is no table of tickets.
        """
        begin = number * self._each
        end = min(begin + self._each, len(self._tickets.created) - self._first)
        make = {
            "tickets": self._of_tickets,
            "ticket_events": self._of_events,
            "ticket_costs": self._of_costs,
            "satisfaction_ratings": self._of_ratings,
        }
        return make[table](begin, end)

    def _of_events(self, begin: int, end: int) -> pl.DataFrame:
        columns = self._events.of(begin, end)
        ticket_ids = columns[0] + 1
        return pl.DataFrame(
            {
                "event_id": ticket_ids * codes.EVENTS_PER_TICKET + columns[9],
                "ticket_id": ticket_ids,
                "occurred_at": self._moments(columns[1]),
                "activity": _named(columns[2], ACTIVITIES),
                "status": _named(columns[3], STATUSES),
                "priority": _named(columns[4], PRIORITIES),
                "group_name": _named(columns[5], self._groups()),
                "agent_id": pl.Series(columns[6] + 1).replace(0, None),
                "actor": _named(columns[7], ACTORS),
                "is_public": pl.Series(columns[8]).cast(pl.Boolean),
            },
            schema=polars_schema("ticket_events"),
        )

    def _of_tickets(self, begin: int, end: int) -> pl.DataFrame:
        mix, of = self._configuration.tickets, self._tickets
        places = np.arange(begin, end) + self._first
        merged = of.is_merged[places] & (places > self._first)
        columns = self._events.of(begin, end)
        row_of = columns[0] - places[0] if len(places) else columns[0]
        activity = columns[2]

        def last(values: Integers, rows: NDArray[np.integer] | None = None) -> Integers:
            """Return each ticket's last value, of all rows or of some; -1 if it has none."""
            found = np.full(len(places), -1)
            # Of several values for one place, NumPy keeps the last.
            found[row_of if rows is None else row_of[rows]] = (
                values if rows is None else values[rows]
            )
            return found

        is_assigned = activity == codes.ASSIGNED
        held = last(
            np.where(is_assigned, columns[6], -1),
            np.flatnonzero(is_assigned | (activity == codes.ESCALATED)),
        )
        solved = last(columns[1], np.flatnonzero(activity == codes.SOLVED))
        closed = last(columns[1], np.flatnonzero(activity == codes.CLOSED))
        made = pl.DataFrame(
            {
                "ticket_id": places + 1,
                "created_at": self._moments(of.created[places]),
                "ticket_type": _named(of.ticket_type[places], list(mix.types)),
                "priority": _named(last(columns[4]), PRIORITIES),
                "channel": _named(of.channel[places], list(mix.channels)),
                "customer_tier": _named(of.customer_tier[places], list(mix.customer_tiers)),
                "group_name": _named(last(columns[5]), self._groups()),
                "assignee_id": pl.Series(held + 1).replace(0, None),
                "status": _named(last(columns[3]), STATUSES),
                "solved_at": self._moments(solved),
                "closed_at": self._moments(closed),
                "is_deleted": of.is_deleted[places],
                "merged_into_ticket_id": pl.Series(np.where(merged, places, 0)).replace(0, None),
                "churns": self._history.churns[begin:end],
            }
        )
        is_done = pl.col("status").is_in(["solved", "closed"])
        is_known = is_done & (pl.col("solved_at") <= self._as_of - _CHURN_KNOWN_AFTER)
        return made.with_columns(
            pl.when(is_done).then(pl.col("solved_at")).alias("solved_at"),
            pl.when(is_known).then(pl.col("churns")).alias("churned_within_90_days"),
            pl.lit(None, dtype=pl.String).alias("external_id"),
        ).select(pl.col(name).cast(kind) for name, kind in polars_schema("tickets").items())

    def _of_costs(self, begin: int, end: int) -> pl.DataFrame:
        handled, cost = self._history.handled[begin:end], self._history.cost[begin:end]
        places, groups = np.nonzero(handled)
        return pl.DataFrame(
            {
                "ticket_id": places + begin + self._first + 1,
                "group_name": _named(groups, self._groups()),
                "handle_minutes": np.round(handled[places, groups] / 60, 2),
                "cost_usd": np.round(cost[places, groups], 2),
            },
            schema=polars_schema("ticket_costs"),
        )

    def _of_ratings(self, begin: int, end: int) -> pl.DataFrame:
        columns = self._ratings.of(begin, end)
        ticket_ids = columns[0] + 1
        return pl.DataFrame(
            {
                "rating_id": ticket_ids * _RATINGS_PER_TICKET + columns[1],
                "ticket_id": ticket_ids,
                "score": columns[3],
                "rated_at": self._moments(columns[2]),
            },
            schema=polars_schema("satisfaction_ratings"),
        )

    def _moments(self, seconds: Integers) -> pl.Series:
        """Return UTC moments for seconds since the start of history, null for those below 0."""
        start = int(self._configuration.epoch().timestamp())
        moments = pl.Series((seconds + start) * 1_000_000).cast(pl.Datetime("us", "UTC"))
        return moments.set(pl.Series(seconds < 0), None)

    def _groups(self) -> list[str]:
        return [group.name for group in self._configuration.groups]


class _Rows:
    """Rows the event loop wrote, ticket by ticket, each ticket's in the order of writing."""

    def __init__(self, rows: NDArray[np.int32], first: int, kept: int) -> None:
        self._rows = rows
        # The rows stay where they are: moved, they would be there twice.
        self._order, self._ends = _by_ticket(rows, first, max(0, kept))

    def of(self, begin: int, end: int) -> Sequence[Integers]:
        """Return the columns of the rows of some tickets, counted from the first recorded."""
        here = self._order[self._ends[begin] : self._ends[end]]
        return list(self._rows[here].T.astype(np.int64))


@compiled
def _by_ticket(rows: NDArray[np.int32], first: int, kept: int) -> tuple[Integers, Integers]:
    """Return the order of rows by ticket, and where the rows of the tickets before each end."""
    ends = np.zeros(kept + 1, dtype=np.int64)
    for row in range(len(rows)):
        ends[rows[row, 0] - first + 1] += 1
    for ticket in range(kept):
        ends[ticket + 1] += ends[ticket]
    reached = ends.copy()
    order = np.empty(len(rows), dtype=np.int64)
    for row in range(len(rows)):
        ticket = rows[row, 0] - first
        order[reached[ticket]] = row
        reached[ticket] += 1
    return order, ends


def _named(places: NDArray[np.integer], names: Sequence[str]) -> pl.Series:
    """Return names for places among them, null for those below 0."""
    return pl.Series(names, dtype=pl.String).gather(
        pl.Series(places).set(pl.Series(places < 0), None)
    )
