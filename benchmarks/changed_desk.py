"""A simulated desk that changes on a day, what came of it, and what was known the day before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from control_tower.forecasting.desk_profile import HORIZON_DAYS, RUN_OUT_DAYS, DeskProfile
from control_tower.forecasting.measured_capacity import handle_minutes_by_group
from control_tower.forecasting.staffing_inputs import build_profile
from control_tower.raw.landing import complete_tables
from control_tower.raw.simulator import (
    SimulatorConfiguration,
    group_capacity,
    load_configuration,
    simulate,
)
from control_tower.raw.simulator.arrivals import Tickets, arrive
from control_tower.raw.simulator.kernel import simulate_history
from control_tower.raw.simulator.parameters import parameters_of
from control_tower.raw.simulator.staffing import Agents, closed_days, staff
from control_tower.raw.simulator.tables import tables_of

__all__ = [
    "TICKETS",
    "Change",
    "attainment",
    "changed_desk",
    "configuration_at",
    "open_hours",
    "profile_at",
    "targets_of",
]

_METRIC: Final = "requester_wait_time"
TICKETS: Final = 50_000
_HISTORY: Final = timedelta(days=280)
_FOLLOWED: Final = timedelta(days=HORIZON_DAYS + 30)
_OTHER_SEEDS: Final = 60


@dataclass(frozen=True)
class Change:
    """What changes on the day: posts of all or some groups, and volume."""

    posts: float
    load: float
    groups: tuple[str, ...] | None = None

    def headcount(self, configuration: SimulatorConfiguration) -> dict[str, float]:
        """Return the changed groups' posts."""
        return {
            group.name: round(configuration.staffed(group, TICKETS) * self.posts, 2)
            for group in configuration.groups
            if self.groups is None or group.name in self.groups
        }


def configuration_at(start: date) -> SimulatorConfiguration:
    return load_configuration(None).model_copy(update={"history_epoch": start - _HISTORY})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=UTC)


def changed_desk(
    configuration: SimulatorConfiguration, change: Change, *, seed: int, start: date
) -> Mapping[str, pl.DataFrame]:
    """Return the tables of a desk that changes at the start of a day and is followed on."""
    at, until = _midnight(start), _midnight(start) + _FOLLOWED
    ahead = until + timedelta(days=60)
    closed = closed_days(configuration, ahead.date() + timedelta(days=366))
    turn = int((at - configuration.epoch()).total_seconds())
    posts = change.headcount(configuration)
    after = configuration.model_copy(
        update={
            "groups": tuple(
                group.model_copy(
                    update={
                        "fte": posts.get(group.name, group.fte)
                        * configuration.reference_tickets_per_year
                        / TICKETS
                        if group.name in posts
                        else group.fte
                    }
                )
                for group in configuration.groups
            )
        }
    )
    before_and_after = [
        arrive(
            configuration,
            closed,
            seed=seed,
            tickets_per_year=round(TICKETS * load),
            until=until,
        )
        for load in (1.0, change.load)
    ]
    tickets = _joined_tickets(before_and_after[0], before_and_after[1], turn)
    old, new = (
        staff(who, closed, seed=seed, tickets_per_year=TICKETS, until=ahead)
        for who in (configuration, after)
    )
    agents = _joined_agents(old, new, turn)
    history = simulate_history(
        parameters_of(configuration),
        tickets,
        agents,
        seed=seed,
        until=int((until - configuration.epoch()).total_seconds()),
        first=int(np.searchsorted(tickets.created, turn)),
    )
    first = int(np.searchsorted(tickets.created, turn))
    return tables_of(configuration, tickets, agents, history, closed, first=first, as_of=until)


def _joined_tickets(before: Tickets, after: Tickets, turn: int) -> Tickets:
    old, new = before.created < turn, after.created >= turn
    joined = {
        name: np.concatenate([getattr(before, name)[old], getattr(after, name)[new]])
        for name in Tickets._fields
    }
    return Tickets(**joined)


def _joined_agents(before: Agents, after: Agents, turn: int) -> Agents:
    """Return those who work before a second, then those who work from it on."""
    opens: list[NDArray[np.int64]] = []
    closes: list[NDArray[np.int64]] = []
    first = [0]
    for agents, is_before in ((before, True), (after, False)):
        for agent in range(len(agents.group)):
            span = slice(agents.first_stretch[agent], agents.first_stretch[agent + 1])
            own = (agents.opens[span] < turn) == is_before
            opens.append(agents.opens[span][own])
            closes.append(agents.closes[span][own])
            first.append(first[-1] + int(own.sum()))
    return Agents(
        np.concatenate([before.group, after.group]),
        np.concatenate([before.fte, after.fte]),
        np.array(first, dtype=np.int64),
        np.concatenate(opens),
        np.concatenate(closes),
    )


def targets_of(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return ticket_id, metric, target_minutes, is_business_hours by the first policy that fits."""
    policies = tables["sla_policies"].filter(pl.col("metric") == _METRIC)
    return (
        tables["tickets"]
        .filter(~pl.col("is_deleted") & pl.col("merged_into_ticket_id").is_null())
        .select("ticket_id", "priority", pl.col("ticket_type").alias("type"))
        .join(policies, on="priority")
        .filter(pl.col("ticket_type").is_null() | (pl.col("ticket_type") == pl.col("type")))
        .sort("ticket_id", "position")
        .unique("ticket_id", keep="first", maintain_order=True)
        .select("ticket_id", "metric", "target_minutes", "is_business_hours")
    )


def profile_at(configuration: SimulatorConfiguration, *, seed: int, start: date) -> DeskProfile:
    """Return the profile of the desk as it is up to a day, given the mean volume of what comes."""
    landing = simulate(configuration, seed=seed, tickets_per_year=TICKETS, as_of=_midnight(start))
    tables = complete_tables(landing)
    return build_profile(
        ticket_events=tables["ticket_events"],
        tickets=tables["tickets"],
        ticket_costs=tables["ticket_costs"],
        sla=targets_of(tables),
        group_capacity=group_capacity(configuration, TICKETS),
        handle_minutes=handle_minutes_by_group(
            tables["ticket_costs"], tables["tickets"], tables["ticket_events"], start
        ),
        forecast=_mean_volume(start),
        schedules=tables["schedules"],
        open_intervals=tables["open_intervals"],
        as_of=_midnight(start),
    )


@cache
def _mean_volume(start: date) -> pl.DataFrame:
    """Return the mean of other histories' volume: a forecast right on average.

    So what is measured is the what-if's error, and not the forecast's as well.
    """
    configuration = configuration_at(start)
    until = _midnight(start) + timedelta(days=HORIZON_DAYS + RUN_OUT_DAYS)
    closed = closed_days(configuration, until.date() + timedelta(days=366))
    first = (start - configuration.history_epoch).days
    days = HORIZON_DAYS + RUN_OUT_DAYS
    counts = np.zeros(days)
    for seed in range(1000, 1000 + _OTHER_SEEDS):
        tickets = arrive(configuration, closed, seed=seed, tickets_per_year=TICKETS, until=until)
        created = tickets.created[~tickets.is_deleted]
        # From five o'clock UTC on: the days are the desk's.
        day = (created - 5 * 3600) // 86_400 - first
        counts += np.bincount(day[(day >= 0) & (day < days)], minlength=days)
    return pl.DataFrame(
        {
            "series": configuration.groups[0].name,
            "day": [start + timedelta(days=n) for n in range(days)],
            "forecast": counts / _OTHER_SEEDS,
            "created_forecast": counts / _OTHER_SEEDS,
        }
    )


def attainment(
    tables: Mapping[str, pl.DataFrame], open_intervals: pl.DataFrame, start: date
) -> pl.DataFrame:
    """Return whether each ticket created in the thirty days from a day on kept its target.

    The requester's wait: time in new, open and hold up to the last solve or the end of the tables,
    in opening hours or by the calendar, against the target of the ticket's priority and type.

    Returns:
        ticket_id, priority, group_name, is_kept.
    """
    opens = open_intervals.sort("opens_at")
    edges = opens["opens_at"].dt.epoch("us").to_numpy() / 6e7
    ends = opens["closes_at"].dt.epoch("us").to_numpy() / 6e7
    before = np.concatenate([[0.0], np.cumsum(ends - edges)])

    def opened(minute: NDArray[np.float64]) -> NDArray[np.float64]:
        place = np.searchsorted(edges, minute, side="right") - 1
        within = np.clip(minute - edges[place], 0.0, (ends - edges)[place])
        return np.where(place < 0, 0.0, before[np.maximum(place, 0)] + within)

    last = tables["ticket_events"]["occurred_at"].max()
    spans = (
        tables["ticket_events"]
        .sort("event_id")
        .with_columns(
            pl.col("occurred_at").shift(-1).over("ticket_id").fill_null(last).alias("until")
        )
        .filter(pl.col("status").is_in(["new", "open", "hold"]))
    )
    since = spans["occurred_at"].dt.epoch("us").to_numpy() / 6e7
    until = spans["until"].dt.epoch("us").to_numpy() / 6e7
    waits = (
        spans.select("ticket_id")
        .with_columns(
            pl.Series("in_hours", opened(until) - opened(since)),
            pl.Series("by_calendar", until - since),
        )
        .group_by("ticket_id")
        .agg(pl.col("in_hours", "by_calendar").sum())
    )
    created = pl.col("created_at").is_between(
        _midnight(start), _midnight(start) + timedelta(days=HORIZON_DAYS), closed="left"
    )
    waited = pl.when("is_business_hours").then("in_hours").otherwise("by_calendar")
    return (
        tables["tickets"]
        .filter(created)
        .join(targets_of(tables), on="ticket_id")
        .join(waits, on="ticket_id")
        .select(
            "ticket_id",
            "priority",
            "group_name",
            (waited <= pl.col("target_minutes")).alias("is_kept"),
        )
    )


def open_hours(configuration: SimulatorConfiguration, start: date) -> pl.DataFrame:
    landing = simulate(
        configuration, seed=0, tickets_per_year=100, as_of=_midnight(start) + _FOLLOWED
    )
    return complete_tables(landing)["open_intervals"]
