"""The configuration as arrays, in the shape the event loop reads."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from control_tower.raw.contract import PRIORITIES
from control_tower.raw.simulator.arrivals import ANCHOR
from control_tower.raw.simulator.configuration import SimulatorConfiguration, Spread

__all__ = ["Parameters", "parameters_of"]

Numbers = NDArray[np.float64]


class Parameters(NamedTuple):
    """What the event loop needs to know; arrays go by group, type, channel, tier or priority.

    Attributes:
        handle: Mean handle time in seconds and its variation, by group.
        type_factors: Factor on handle time, by ticket type.
        escalation: Probability of escalating, by group and ticket type.
        hold: Probability of putting on hold, by group.
        hourly_cost: US dollars, by group.
        without_reply: Probability of solving without a reply, by channel.
        work: Triage share, share of handle time before the reply, probabilities of pending, of a
            raised priority, of reopening, and of reopening per escalation.
        delays: Mean in seconds and variation of pending, hold, reopening and rating.
        closes_after: Seconds from solved to closed.
        anchor: Second at which handle times are as configured.
        speedup: Yearly speed-up of handling.
        satisfaction: Response probability, best, points lost per doubling, per reopen, per
            escalation, and noise.
        expected_hours: Cycle hours customers expect, by priority.
        churn: Probability of leaving, by tier.
        churn_per_point: Growth of that rate per point of satisfaction lost.
    """

    handle: Numbers
    type_factors: Numbers
    escalation: Numbers
    hold: Numbers
    hourly_cost: Numbers
    without_reply: Numbers
    work: Numbers
    delays: Numbers
    closes_after: int
    anchor: int
    speedup: float
    satisfaction: Numbers
    expected_hours: Numbers
    churn: Numbers
    churn_per_point: float


def parameters_of(configuration: SimulatorConfiguration) -> Parameters:
    """Return a configuration's numbers in the order of its lists, times in seconds."""
    types = list(configuration.tickets.types)
    groups, work = configuration.groups, configuration.work
    rating = configuration.satisfaction
    delays = (work.pending_hours, work.hold_hours, work.reopen_hours, rating.response_hours)
    return Parameters(
        handle=np.array([_seconds(group.handle_minutes, 60) for group in groups]),
        type_factors=np.array([work.type_factors[name] for name in types]),
        escalation=np.array([[group.escalation[name] for name in types] for group in groups]),
        hold=np.array([group.hold for group in groups]),
        hourly_cost=np.array([group.hourly_cost_usd for group in groups]),
        without_reply=np.array(
            [work.without_reply[name] for name in configuration.tickets.channels]
        ),
        work=np.array(
            [
                work.triage_share,
                work.reply_after,
                work.pending,
                work.priority_raised,
                work.reopened,
                work.reopened_per_escalation,
            ]
        ),
        delays=np.array([_seconds(delay, 3600) for delay in delays]),
        closes_after=round(work.closes_after_days * 86_400),
        anchor=int((ANCHOR - configuration.epoch()).total_seconds()),
        speedup=work.handling_speedup_per_year,
        satisfaction=np.array(
            [
                rating.response,
                rating.best,
                rating.per_doubling,
                rating.per_reopen,
                rating.per_escalation,
                rating.noise,
            ]
        ),
        expected_hours=np.array([rating.expected_hours[name] for name in PRIORITIES]),
        churn=np.array(
            [
                configuration.churn.customer_tiers[name]
                for name in configuration.tickets.customer_tiers
            ]
        ),
        churn_per_point=configuration.churn.per_point_lost,
    )


def _seconds(spread: Spread, unit: int) -> tuple[float, float]:
    return spread.mean * unit, spread.variation
