"""A simulated history as the tables of the contract."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from control_tower.raw.contract import polars_schema
from control_tower.raw.parts import MadeTables, Overlaid
from control_tower.raw.simulator.arrivals import Tickets
from control_tower.raw.simulator.configuration import SimulatorConfiguration
from control_tower.raw.simulator.kernel import History
from control_tower.raw.simulator.staffing import Agents
from control_tower.raw.simulator.tables_of_tickets import OF_TICKETS, TablesOfTickets

__all__ = ["first_of_month_a_year_before", "tables_of"]

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
) -> Mapping[str, pl.DataFrame]:
    """Return the contract's tables, by name, of the tickets from place `first` on.

    A ticket's key is its place in the whole history, and an event's key follows from its ticket's,
    so that both stay the same when the history grows. Tables of tickets are made in parts, each
    time they are asked for: with their names they take three times what the history does.
    """
    of_tickets = TablesOfTickets(configuration, tickets, history, first=first, as_of=as_of)
    of_desk = {
        "agents": _agents(configuration, agents),
        "sla_policies": _policies(configuration),
        "schedules": _schedules(configuration),
        "holidays": pl.DataFrame(
            {"schedule_id": 1, "holiday_date": sorted(closed_days)},
            schema=polars_schema("holidays"),
        )
        if closed_days
        else pl.DataFrame(schema=polars_schema("holidays")),
    }
    return Overlaid(of_desk, MadeTables(OF_TICKETS, of_tickets.parts, of_tickets.part))


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
