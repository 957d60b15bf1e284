"""A desk as a published snapshot has it, in memory: for queries that mine it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from control_tower.process_mining.business_hours import BusinessClock, business_clock_of
from control_tower.process_mining.event_log import event_log_of
from control_tower.process_mining.mining import mine
from control_tower.process_mining.paths import paths_of
from tests.dashboard.made_up import MadeUp
from tests.process_mining.desks import Event, event_frame, ticket_frame

__all__ = ["PublishedDesk"]

_DIMENSIONS = ("channel", "customer_tier")


class PublishedDesk(MadeUp):
    """A reader of a desk's tables, and of what mining the whole of it published.

    Attributes:
        published: The tables of process mining, by name.
    """

    def __init__(
        self,
        events: Sequence[Event],
        tickets: Sequence[Mapping[str, object]],
        *,
        as_of: datetime,
        handle_minutes: Mapping[tuple[int, str], float] | None = None,
        deleted: Sequence[int] = (),
        opens_at: Sequence[datetime] = (),
    ) -> None:
        """Take a desk; it opens for an hour at each of the moments given."""
        event_rows = event_frame(events)
        ticket_rows = ticket_frame([dict(ticket) for ticket in tickets])
        log = event_log_of(event_rows, ticket_rows, as_of)
        costs = pl.DataFrame(
            [(*key, minutes) for key, minutes in (handle_minutes or {}).items()],
            schema={"ticket_id": pl.Int64, "group_name": pl.String, "handle_minutes": pl.Float64},
            orient="row",
        )
        calendar = _calendar(opens_at)
        clock: BusinessClock = business_clock_of(log, *calendar.values())
        self.published = mine(log, clock=clock, costs=costs)
        numbers = pl.DataFrame(
            {"ticket_id": log.tickets["ticket_id"], "variant_id": paths_of(log).of_ticket + 1},
            schema={"ticket_id": pl.Int64, "variant_id": pl.Int64},
        )
        outcomes = ticket_rows.join(numbers, on="ticket_id", how="left").with_columns(
            pl.col("ticket_id").is_in(list(deleted)).alias("is_deleted"),
            *(pl.lit(None, pl.String).alias(name) for name in _DIMENSIONS),
        )
        super().__init__(
            {
                "marts.ticket_outcomes": outcomes,
                "staging.stg_ticket_events": event_rows,
                "staging.stg_ticket_costs": costs,
                **calendar,
                **{f"process_mining.{name}": frame for name, frame in self.published.items()},
            },
            as_of,
        )


def _calendar(opens_at: Sequence[datetime]) -> dict[str, pl.DataFrame]:
    moment = pl.Datetime("us", "UTC")
    hour = timedelta(hours=1)
    return {
        "staging.stg_open_intervals": pl.DataFrame(
            {
                "schedule_id": [1] * len(opens_at),
                "opens_at": [at.astimezone(UTC) for at in opens_at],
                "closes_at": [(at + hour).astimezone(UTC) for at in opens_at],
                "open_minutes_before": [60.0 * place for place in range(len(opens_at))],
            },
            schema={
                "schedule_id": pl.Int64,
                "opens_at": moment,
                "closes_at": moment,
                "open_minutes_before": pl.Float64,
            },
        ),
        "staging.stg_schedules": pl.DataFrame(
            {"schedule_id": [1] if opens_at else [], "is_default": [True] if opens_at else []},
            schema={"schedule_id": pl.Int64, "is_default": pl.Boolean},
        ),
        "staging.stg_ticket_schedules": pl.DataFrame(
            schema={"ticket_id": pl.Int64, "schedule_id": pl.Int64, "effective_from": moment}
        ),
    }
