"""A simulated history as the tables of the contract."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from control_tower.raw.contract import ACTIVITIES, ACTORS, PRIORITIES, STATUSES, polars_schema
from control_tower.raw.simulator.arrivals import Tickets
from control_tower.raw.simulator.codes import EVENTS_PER_TICKET
from control_tower.raw.simulator.configuration import SimulatorConfiguration
from control_tower.raw.simulator.kernel import History
from control_tower.raw.simulator.staffing import Agents

__all__ = ["tables_of"]

_CHURN_KNOWN_AFTER = timedelta(days=90)
_RATINGS_PER_TICKET = 16
_WEEKDAYS = 5
# One line each, or the formatter gives every name a line of its own.
_FIRST_NAMES = tuple(
    "Ada Amir Bea Carlos Chen Dana Elif Emeka Farah Grace Hana Ivan Jonas Kavya Lena Lucas Maya "  # noqa: SIM905
    "Mei Nadia Noah Olga Omar Priya Quinn Rosa Sam Sofia Tariq Uma Viktor Wei Yara Zoe".split()
)
_LAST_NAMES = tuple(
    "Abara Andersen Bauer Castro Dubois Evans Ferrari Garcia Haddad Ito Jensen Kim Kowalski Lopez "  # noqa: SIM905
    "Meyer Nguyen Novak Okafor Patel Quist Rossi Sato Silva Singh Tanaka Usman Varga Weber".split()
)


def tables_of(
    configuration: SimulatorConfiguration,
    tickets: Tickets,
    agents: Agents,
    history: History,
    closed_days: frozenset[date],
    *,
    first: int,
    as_of: datetime,
) -> dict[str, pl.DataFrame]:
    """Return the contract's tables, by name, of the tickets from place `first` on.

    A ticket's key is its place in the whole history, and an event's key follows from its ticket's,
    so that both stay the same when the history grows.
    """
    events = _events(configuration, history)
    return {
        "agents": _agents(configuration, agents),
        "sla_policies": _policies(configuration),
        "tickets": _tickets(configuration, tickets, history, events, first=first, as_of=as_of),
        "ticket_events": events,
        "ticket_costs": _costs(configuration, history, first),
        "satisfaction_ratings": _ratings(configuration, history),
        "schedules": _schedules(configuration),
        "holidays": pl.DataFrame(
            {"schedule_id": 1, "holiday_date": sorted(closed_days)},
            schema=polars_schema("holidays"),
        )
        if closed_days
        else pl.DataFrame(schema=polars_schema("holidays")),
    }


def _named(codes: np.ndarray, names: tuple[str, ...] | list[str]) -> pl.Series:
    """Return names for codes."""
    return (
        pl.Series(np.asarray(codes, dtype=np.uint32))
        .cast(pl.UInt32)
        .replace_strict(
            pl.Series(range(len(names)), dtype=pl.UInt32), pl.Series(names, dtype=pl.String)
        )
    )


def _moments(configuration: SimulatorConfiguration, seconds: np.ndarray) -> pl.Series:
    """Return UTC moments for seconds since the start of history."""
    start = int(configuration.epoch().timestamp())
    return pl.Series((seconds + start) * 1_000_000).cast(pl.Datetime("us", "UTC"))


def _groups(configuration: SimulatorConfiguration) -> list[str]:
    return [group.name for group in configuration.groups]


def _events(configuration: SimulatorConfiguration, history: History) -> pl.DataFrame:
    columns = history.events.T.astype(np.int64)
    ticket_ids = columns[0] + 1
    frame = pl.DataFrame(
        {
            "event_id": ticket_ids * EVENTS_PER_TICKET + columns[9],
            "ticket_id": ticket_ids,
            "occurred_at": _moments(configuration, columns[1]),
            "activity": _named(columns[2], ACTIVITIES),
            "status": _named(columns[3], STATUSES),
            "priority": _named(columns[4], PRIORITIES),
            "group_name": _named(columns[5], _groups(configuration)),
            "agent_id": pl.Series(columns[6] + 1).replace(0, None),
            "actor": _named(columns[7], ACTORS),
            "is_public": pl.Series(columns[8]).cast(pl.Boolean),
        },
        schema=polars_schema("ticket_events"),
    )
    return frame.sort("event_id")


def _tickets(
    configuration: SimulatorConfiguration,
    tickets: Tickets,
    history: History,
    events: pl.DataFrame,
    *,
    first: int,
    as_of: datetime,
) -> pl.DataFrame:
    mix = configuration.tickets
    ids = np.arange(first, len(tickets.created)) + 1
    merged = tickets.is_merged[first:] & (ids > first + 1)
    made = pl.DataFrame(
        {
            "ticket_id": ids,
            "created_at": _moments(configuration, tickets.created[first:]),
            "ticket_type": _named(tickets.ticket_type[first:], list(mix.types)),
            "channel": _named(tickets.channel[first:], list(mix.channels)),
            "customer_tier": _named(tickets.customer_tier[first:], list(mix.customer_tiers)),
            "is_deleted": tickets.is_deleted[first:],
            "merged_into_ticket_id": pl.Series(np.where(merged, ids - 1, 0)).replace(0, None),
            "churns": history.churns,
        }
    )
    activity = pl.col("activity")
    holders = activity.is_in(["assigned", "escalated"])
    stands = events.group_by("ticket_id", maintain_order=True).agg(
        pl.col("priority").last(),
        pl.col("group_name").last(),
        pl.col("status").last(),
        pl.when(activity.filter(holders).last() == "assigned")
        .then(pl.col("agent_id").filter(holders).last())
        .alias("assignee_id"),
        pl.col("occurred_at").filter(activity == "solved").last().alias("solved_at"),
        pl.col("occurred_at").filter(activity == "closed").last().alias("closed_at"),
    )
    is_done = pl.col("status").is_in(["solved", "closed"])
    is_known = is_done & (pl.col("solved_at") <= as_of - _CHURN_KNOWN_AFTER)
    return (
        made.join(stands, on="ticket_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(is_done).then(pl.col("solved_at")).alias("solved_at"),
            pl.when(is_known).then(pl.col("churns")).alias("churned_within_90_days"),
            pl.lit(None, dtype=pl.String).alias("external_id"),
        )
        .select(pl.col(name).cast(kind) for name, kind in polars_schema("tickets").items())
    )


def _costs(configuration: SimulatorConfiguration, history: History, first: int) -> pl.DataFrame:
    places, groups = np.nonzero(history.handled)
    return pl.DataFrame(
        {
            "ticket_id": places + first + 1,
            "group_name": _named(groups, _groups(configuration)),
            "handle_minutes": np.round(history.handled[places, groups] / 60, 2),
            "cost_usd": np.round(history.cost[places, groups], 2),
        },
        schema=polars_schema("ticket_costs"),
    )


def _ratings(configuration: SimulatorConfiguration, history: History) -> pl.DataFrame:
    columns = history.ratings.T.astype(np.int64)
    frame = pl.DataFrame(
        {
            "rating_id": (columns[0] + 1) * _RATINGS_PER_TICKET + columns[1],
            "ticket_id": columns[0] + 1,
            "score": columns[3],
            "rated_at": _moments(configuration, columns[2]),
        },
        schema=polars_schema("satisfaction_ratings"),
    )
    return frame.sort("rating_id")


def _agents(configuration: SimulatorConfiguration, agents: Agents) -> pl.DataFrame:
    groups = configuration.groups
    return pl.DataFrame(
        {
            "agent_id": np.arange(len(agents.group)) + 1,
            "agent_name": [_name(number) for number in range(len(agents.group))],
            "group_name": [groups[code].name for code in agents.group],
            "time_zone": [configuration.time_zone] * len(agents.group),
            "fte": agents.fte,
            "hourly_cost_usd": [groups[code].hourly_cost_usd for code in agents.group],
        },
        schema=polars_schema("agents"),
    )


def _name(number: int) -> str:
    """Return a name; no two numbers share one."""
    first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
    last = _LAST_NAMES[number % len(_LAST_NAMES)]
    cycle = number // (len(_FIRST_NAMES) * len(_LAST_NAMES))
    return f"{first} {last}" if cycle == 0 else f"{first} {last} {cycle + 1}"


def _policies(configuration: SimulatorConfiguration) -> pl.DataFrame:
    rows = [
        {
            "policy_id": position,
            "policy_name": policy.name,
            "position": position,
            "metric": metric,
            "priority": priority,
            "ticket_type": policy.ticket_type,
            "customer_tier": None,
            "target_minutes": float(minutes),
            "is_business_hours": priority not in policy.calendar_priorities,
        }
        for position, policy in enumerate(configuration.policies, start=1)
        for metric, targets in policy.targets.items()
        for priority, minutes in targets.items()
    ]
    return pl.DataFrame(rows, schema=polars_schema("sla_policies"))


def _schedules(configuration: SimulatorConfiguration) -> pl.DataFrame:
    hours = configuration.opening_hours
    rows = [
        {
            "schedule_id": 1,
            "schedule_name": hours.name,
            "time_zone": configuration.time_zone,
            "weekday": weekday,
            "opens": round(hours.opens * 60),
            "closes": round(hours.closes * 60),
            "is_default": True,
            "edited_at": None,
        }
        for weekday in range(_WEEKDAYS)
    ]
    return pl.DataFrame(rows, schema=polars_schema("schedules"))


def first_of_month_a_year_before(as_of: datetime) -> datetime:
    """Return the first day of the month twelve months before a moment's month, UTC."""
    return datetime(as_of.year - 1, as_of.month, 1, tzinfo=UTC)
