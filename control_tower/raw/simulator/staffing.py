"""Who works when: agents, their shifts, the days they are away."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from control_tower.raw.simulator.configuration import Group, SimulatorConfiguration
from control_tower.raw.simulator.random_numbers import compiled, uniform

__all__ = ["Agents", "closed_days", "staff"]

_WORKDAYS = 5


class Agents(NamedTuple):
    """Agents and the stretches of time in which they work on tickets.

    Attributes:
        group: Place of each agent's group in the configuration.
        fte: Each agent's contracted share of a full-time post.
        first_stretch: Where each agent's stretches begin in the next two; one more at the end.
        opens, closes: Stretches, in seconds since the start of history, in order of time.
    """

    group: NDArray[np.int8]
    fte: NDArray[np.float64]
    first_stretch: NDArray[np.int64]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]


def closed_days(configuration: SimulatorConfiguration, last_day: date) -> frozenset[date]:
    """Return the public holidays the desk keeps, from the start of history to a day."""
    if configuration.holidays is None:
        return frozenset()
    from holidays import country_holidays  # noqa: PLC0415 - slow to import

    years = range(configuration.history_epoch.year, last_day.year + 1)
    return frozenset(country_holidays(configuration.holidays, years=years))


def staff(
    configuration: SimulatorConfiguration,
    closed: frozenset[date],
    *,
    seed: int,
    tickets_per_year: int,
    until: datetime,
) -> Agents:
    """Return the agents that serve a volume, with their working time until a moment (UTC).

    A group's full-time equivalents are whole posts and one part-time post for the rest, whose
    holder is at work on that share of the days. On a working day an agent is present with the
    probability left by shrinkage.
    """
    group_codes: list[int] = []
    ftes: list[float] = []
    starts: list[float] = []
    for code, group in enumerate(configuration.groups):
        posts = _posts(configuration.staffed(group, tickets_per_year))
        group_codes += [code] * len(posts)
        ftes += posts
        starts += [group.shift_starts[n % len(group.shift_starts)] for n in range(len(posts))]
    days, day_of_week = _working_days(configuration, closed, until)
    halves = np.array([_halves(group) for group in configuration.groups])
    presence = np.array(
        [
            (1 - configuration.groups[code].shrinkage) * fte
            for code, fte in zip(group_codes, ftes, strict=True)
        ]
    )
    groups = np.array(group_codes, dtype=np.int8)
    first_stretch, opens, closes = _stretches(
        seed, days, day_of_week, groups, np.array(starts), halves, presence
    )
    return Agents(groups, np.array(ftes), first_stretch, opens, closes)


def _posts(fte: float) -> list[float]:
    whole = int(fte)
    rest = round(fte - whole, 6)
    return [1.0] * whole + ([rest] if rest > 0 else [])


def _halves(group: Group) -> tuple[float, float]:
    """Return, in hours, half a day's productive time and the break between the halves."""
    return group.productive_hours_per_day / 2, group.shift_hours - group.productive_hours_per_day


def _working_days(
    configuration: SimulatorConfiguration, closed: frozenset[date], until: datetime
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each working day's local midnight in seconds since the start, and its number."""
    zone = ZoneInfo(configuration.time_zone)
    epoch = configuration.epoch()
    last = (until + timedelta(days=1)).date()
    midnights: list[int] = []
    numbers: list[int] = []
    for number in range((last - configuration.history_epoch).days + 1):
        day = configuration.history_epoch + timedelta(days=number)
        if day.weekday() >= _WORKDAYS or day in closed:
            continue
        # Noon less twelve hours: on a day the clocks change, shifts keep to the clock on the wall.
        noon = datetime.combine(day, time(12), tzinfo=zone).astimezone(UTC)
        midnights.append(int((noon - epoch).total_seconds()) - 12 * 3600)
        numbers.append(number)
    return np.array(midnights, dtype=np.int64), np.array(numbers, dtype=np.int64)


@compiled
def _stretches(
    seed: int,
    midnights: NDArray[np.int64],
    numbers: NDArray[np.int64],
    groups: NDArray[np.int8],
    starts: NDArray[np.float64],
    halves: NDArray[np.float64],
    presence: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    agents = len(groups)
    first = np.zeros(agents + 1, dtype=np.int64)
    most = 2 * agents * len(midnights)
    opens = np.empty(most, dtype=np.int64)
    closes = np.empty(most, dtype=np.int64)
    at = 0
    for agent in range(agents):
        half = halves[groups[agent], 0] * 3600
        pause = halves[groups[agent], 1] * 3600
        for day in range(len(midnights)):
            if uniform(seed, 10, agent, numbers[day]) >= presence[agent]:
                continue
            morning = midnights[day] + np.int64(starts[agent] * 3600)
            afternoon = morning + np.int64(half + pause)
            if morning < 0:
                continue
            opens[at] = morning
            closes[at] = morning + np.int64(half)
            at += 1
            if pause == 0:
                closes[at - 1] = morning + 2 * np.int64(half)
                continue
            opens[at] = afternoon
            closes[at] = afternoon + np.int64(half)
            at += 1
        first[agent + 1] = at
    return first, opens[:at].copy(), closes[:at].copy()
