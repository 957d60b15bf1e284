"""When tickets are created and what they are: a Poisson process whose rate follows the calendar."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from control_tower.raw.contract import PRIORITIES
from control_tower.raw.simulator.configuration import SimulatorConfiguration
from control_tower.raw.simulator.random_numbers import compiled, normal, uniform

__all__ = ["ANCHOR", "Tickets", "arrive"]

ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment at which volume is the one asked for and handle times are as configured."""

SECONDS_PER_HOUR = 3600
_HOURS_PER_YEAR = 365.25 * 24
_LARGE_MEAN = 200.0

Integers = NDArray[np.int64]
Small = NDArray[np.int8]
Numbers = NDArray[np.float64]


class Tickets(NamedTuple):
    """Tickets in the order of creation; the codes are places in the configuration's lists.

    Attributes:
        created: Seconds since the start of history.
        ticket_type, priority, channel, customer_tier: Codes.
        is_deleted, is_merged: What became of a few.
    """

    created: Integers
    ticket_type: Small
    priority: Small
    channel: Small
    customer_tier: Small
    is_deleted: NDArray[np.bool_]
    is_merged: NDArray[np.bool_]


def arrive(
    configuration: SimulatorConfiguration,
    closed_days: frozenset[date],
    *,
    seed: int,
    tickets_per_year: int,
    until: datetime,
) -> Tickets:
    """Return the tickets created from the start of history until a moment (UTC)."""
    epoch = configuration.epoch()
    # Whole days, so that a day's bursts are the same however much of it has passed.
    hours = 24 * ((until - epoch).days + 1)
    rates = _hourly_rates(configuration, closed_days, hours) * tickets_per_year / _HOURS_PER_YEAR
    bursts = configuration.arrivals.bursts
    scale = tickets_per_year / configuration.reference_tickets_per_year
    burst_rates = _burst_rates(
        seed,
        hours,
        bursts.probability_per_day,
        bursts.mean_tickets * scale,
        bursts.mean_hours,
        rates,
    )
    created, is_burst = _draw_arrivals(seed, rates, burst_rates)
    within = created < (until - epoch).total_seconds()
    created, is_burst = created[within], is_burst[within]
    mix = configuration.tickets
    types = list(mix.types)
    codes = _draw_codes(
        seed,
        is_burst,
        _thresholds(mix.types),
        np.array([_thresholds(mix.priorities[name], PRIORITIES) for name in types]),
        _thresholds(bursts.priorities, PRIORITIES),
        types.index("incident") if "incident" in types else 0,
        _thresholds(mix.channels),
        _thresholds(mix.customer_tiers),
        mix.deleted,
        mix.merged,
    )
    return Tickets(created, *codes)


def _hourly_rates(
    configuration: SimulatorConfiguration, closed_days: frozenset[date], hours: int
) -> Numbers:
    """Return each hour's volume relative to the mean hour of a year without growth."""
    arrivals = configuration.arrivals
    zone = ZoneInfo(configuration.time_zone)
    epoch = configuration.epoch()
    months = np.array(arrivals.months) / np.mean(arrivals.months)
    weekdays = np.array(arrivals.weekdays) / np.mean(arrivals.weekdays)
    day_hours = np.array(arrivals.hours) / np.mean(arrivals.hours)
    # Quiet holidays are made up for on the other days, so that the year keeps its volume. The
    # first year stands for all, or a longer history would change the days before.
    quiet = [d for d in closed_days if d.year == epoch.year]
    lost = sum((1.0 - arrivals.on_holiday) * float(weekdays[d.weekday()]) for d in quiet) / 365
    make_up = 1.0 / (1.0 - lost)
    rates = np.empty(hours)
    for hour in range(hours):
        local = (epoch + timedelta(hours=hour)).astimezone(zone)
        rates[hour] = (
            months[local.month - 1] * weekdays[local.weekday()] * day_hours[local.hour] * make_up
        )
        if local.date() in closed_days:
            rates[hour] *= arrivals.on_holiday
    years = (np.arange(hours) - (ANCHOR - epoch).total_seconds() / SECONDS_PER_HOUR) / (
        _HOURS_PER_YEAR
    )
    growth: Numbers = rates * np.power(1.0 + arrivals.growth_per_year, years)
    return growth


def _thresholds(shares: Mapping[str, float], names: Sequence[str] | None = None) -> Numbers:
    return np.cumsum([shares[name] for name in (names or list(shares))])


@compiled
def _burst_rates(
    seed: int,
    hours: int,
    probability: float,
    mean_tickets: float,
    mean_hours: float,
    rates: Numbers,
) -> Numbers:
    extra = np.zeros(hours)
    for day in range(hours // 24):
        if uniform(seed, 1, day, 0) >= probability:
            continue
        # Things break when people use them: the hour is drawn like a ticket's.
        total = rates[day * 24 : day * 24 + 24].sum()
        goal = uniform(seed, 1, day, 1) * total
        hour = day * 24
        while hour < day * 24 + 23 and goal > rates[hour]:
            goal -= rates[hour]
            hour += 1
        size = -math.log(uniform(seed, 1, day, 2)) * mean_tickets
        left = max(0.5, -math.log(uniform(seed, 1, day, 3)) * mean_hours)
        span = left
        while left > 0 and hour < hours:
            part = min(1.0, left)
            extra[hour] += size * part / span
            left -= part
            hour += 1
    return extra


@compiled
def _poisson(mean: float, seed: int, purpose: int, subject: int) -> int:
    if mean > _LARGE_MEAN:
        drawn = mean + math.sqrt(mean) * normal(seed, purpose, subject, 1)
        return max(0, round(drawn))
    # Inversion: how many steps until the cumulative probability passes a uniform number.
    goal = uniform(seed, purpose, subject, 0)
    probability = math.exp(-mean)
    cumulative = probability
    count = 0
    while goal > cumulative and count < 2000:
        count += 1
        probability *= mean / count
        cumulative += probability
    return count


@compiled
def _draw_arrivals(
    seed: int, rates: Numbers, burst_rates: Numbers
) -> tuple[Integers, NDArray[np.bool_]]:
    hours = len(rates)
    base = np.empty(hours, dtype=np.int64)
    burst = np.empty(hours, dtype=np.int64)
    total = 0
    for hour in range(hours):
        base[hour] = _poisson(rates[hour], seed, 2, hour)
        burst[hour] = _poisson(burst_rates[hour], seed, 3, hour)
        total += base[hour] + burst[hour]
    created = np.empty(total, dtype=np.int64)
    is_burst = np.zeros(total, dtype=np.bool_)
    at = 0
    for hour in range(hours):
        count = base[hour] + burst[hour]
        if count == 0:
            continue
        moments = np.empty(count, dtype=np.int64)
        for turn in range(count):
            within = int(uniform(seed, 4, hour, turn) * SECONDS_PER_HOUR)
            # The lowest bit tells burst from base through the sort.
            moments[turn] = within * 2 + (1 if turn >= base[hour] else 0)
        moments.sort()
        for turn in range(count):
            created[at] = hour * SECONDS_PER_HOUR + moments[turn] // 2
            is_burst[at] = moments[turn] % 2 == 1
            at += 1
    return created, is_burst


@compiled
def _code(goal: float, thresholds: Numbers) -> int:
    code = 0
    while code < len(thresholds) - 1 and goal > thresholds[code]:
        code += 1
    return code


@compiled
def _draw_codes(
    seed: int,
    is_burst: NDArray[np.bool_],
    types: Numbers,
    priorities: Numbers,
    burst_priorities: Numbers,
    incident: int,
    channels: Numbers,
    tiers: Numbers,
    deleted: float,
    merged: float,
) -> tuple[Small, Small, Small, Small, NDArray[np.bool_], NDArray[np.bool_]]:
    count = len(is_burst)
    ticket_type = np.empty(count, dtype=np.int8)
    priority = np.empty(count, dtype=np.int8)
    channel = np.empty(count, dtype=np.int8)
    tier = np.empty(count, dtype=np.int8)
    is_deleted = np.zeros(count, dtype=np.bool_)
    is_merged = np.zeros(count, dtype=np.bool_)
    for k in range(count):
        if is_burst[k]:
            ticket_type[k] = incident
            priority[k] = _code(uniform(seed, 5, k, 1), burst_priorities)
        else:
            ticket_type[k] = _code(uniform(seed, 5, k, 0), types)
            priority[k] = _code(uniform(seed, 5, k, 1), priorities[ticket_type[k]])
        channel[k] = _code(uniform(seed, 5, k, 2), channels)
        tier[k] = _code(uniform(seed, 5, k, 3), tiers)
        is_deleted[k] = uniform(seed, 5, k, 4) < deleted
        is_merged[k] = k > 0 and not is_deleted[k] and uniform(seed, 5, k, 5) < merged
    return ticket_type, priority, channel, tier, is_deleted, is_merged
