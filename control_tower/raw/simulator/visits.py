"""One visit of a ticket to a group: how long it takes, what comes of it, what is seen of it."""

import math

import numpy as np
from numpy.typing import NDArray

from control_tower.raw.simulator import codes
from control_tower.raw.simulator.arrivals import Tickets
from control_tower.raw.simulator.parameters import Parameters
from control_tower.raw.simulator.random_numbers import compiled, log_normal, normal, uniform
from control_tower.raw.simulator.records import Desk, Log, record

__all__ = ["begin", "is_solved"]

_YEAR = 365.25 * 86_400
_SHORTEST_WORK = 30.0
_MERGING_TAKES = 90.0
_LATER_VISIT = 0.5
_REPLIES_AFTER_REOPENING = 0.8
_SHORTEST_WAIT = 60.0


@compiled
def begin(
    p: Parameters,
    tickets: Tickets,
    desk: Desk,
    log: Log,
    seed: int,
    ticket: int,
    agent: int,
    now: int,
    until: int,
    is_kept: bool,
) -> int:
    """Let an agent take a ticket up; return the second at which the work ends.

    What will come of it is drawn now and shows when the work is done.
    """
    group = int(desk.group[ticket])
    kind = int(tickets.ticket_type[ticket])
    turn = int(desk.visits[ticket])
    desk.visits[ticket] += 1
    is_merged = bool(tickets.is_merged[ticket])
    mean = p.handle[group, 0] * p.type_factors[kind]
    mean *= math.exp(-p.speedup * (now - p.anchor) / _YEAR)
    work = log_normal(mean, p.handle[group, 1], seed, codes.HANDLE_TIME, ticket, group)
    outcome = codes.TO_SOLVE
    replies = True
    if is_merged:
        work = _MERGING_TAKES
        replies = False
    elif desk.reopens[ticket] > 0:
        work *= _LATER_VISIT
        replies = uniform(seed, codes.REPLIES_AGAIN, ticket, turn) < _REPLIES_AFTER_REOPENING
    elif desk.was_asked[ticket] or desk.was_held[ticket]:
        work *= _LATER_VISIT
    elif uniform(seed, codes.ESCALATES, ticket, group) < p.escalation[group, kind]:
        work *= p.work[0]
        outcome = codes.TO_ESCALATE
        replies = False
    elif uniform(seed, codes.ASKS, ticket, turn) < p.work[2]:
        work *= _LATER_VISIT
        outcome = codes.TO_ASK
        replies = False
    elif uniform(seed, codes.HOLDS, ticket, turn) < p.hold[group]:
        work *= _LATER_VISIT
        outcome = codes.TO_HOLD
        replies = False
    elif group == 0 and (
        uniform(seed, codes.NEEDS_NO_REPLY, ticket, turn) < p.without_reply[tickets.channel[ticket]]
    ):
        replies = False
    seconds = int(max(_SHORTEST_WORK, work))
    desk.outcome[ticket] = outcome
    desk.status[ticket] = codes.OPEN
    if desk.holder[ticket] != agent:
        desk.holder[ticket] = agent
        record(
            log, desk, ticket, now, codes.ASSIGNED, codes.OPEN, agent, codes.SYSTEM, False, is_kept
        )
    may_be_raised = turn == 0 and desk.priority[ticket] > 0 and not is_merged
    if may_be_raised and uniform(seed, codes.IS_RAISED, ticket, 0) < p.work[3]:
        desk.priority[ticket] -= 1
        what = codes.PRIORITY_CHANGED
        record(log, desk, ticket, now, what, codes.OPEN, agent, codes.AGENT, False, is_kept)
    if replies:
        at = now + int(seconds * p.work[1])
        seen = is_kept and at < until
        record(log, desk, ticket, at, codes.REPLIED, codes.OPEN, agent, codes.AGENT, True, seen)
    return now + seconds


@compiled
def is_solved(
    p: Parameters,
    tickets: Tickets,
    desk: Desk,
    ratings: Log,
    churns: NDArray[np.bool_],
    seed: int,
    ticket: int,
    now: int,
    until: int,
    first: int,
) -> int:
    """Draw what follows a solve; return seconds until the customer reopens it, or -1.

    A rating, if one is given before that, is written down. Whether the customer leaves is drawn
    anew at each solve; the last one counts.
    """
    turn = int(desk.visits[ticket])
    is_merged = bool(tickets.is_merged[ticket])
    reopens_after = -1
    chance = p.work[4] + p.work[5] * desk.group[ticket]
    may_be_reopened = turn < codes.MOST_VISITS and not is_merged
    if may_be_reopened and uniform(seed, codes.IS_REOPENED, ticket, turn) < chance:
        wait = _SHORTEST_WAIT + log_normal(
            p.delays[2, 0], p.delays[2, 1], seed, codes.REOPEN_WAIT, ticket, turn
        )
        if wait < p.closes_after:
            reopens_after = int(wait)
    if ticket < first:
        return reopens_after

    hours = (now - tickets.created[ticket]) / 3600.0
    doublings = math.log2(1.0 + hours / p.expected_hours[desk.priority[ticket]])
    felt = p.satisfaction[1] - p.satisfaction[2] * doublings
    felt -= p.satisfaction[3] * desk.reopens[ticket] + p.satisfaction[4] * desk.group[ticket]
    lost = p.satisfaction[1] - felt
    rate = p.churn[tickets.customer_tier[ticket]] * math.exp(p.churn_per_point * lost)
    churns[ticket - first] = uniform(seed, codes.CHURNS, ticket, turn) < 1.0 - math.exp(-rate)
    if is_merged or uniform(seed, codes.IS_RATED, ticket, turn) >= p.satisfaction[0]:
        return reopens_after
    wait = _SHORTEST_WAIT + log_normal(
        p.delays[3, 0], p.delays[3, 1], seed, codes.RATING_WAIT, ticket, turn
    )
    if now + wait < until and (reopens_after < 0 or wait < reopens_after):
        score = felt + p.satisfaction[5] * normal(seed, codes.SCORE_NOISE, ticket, turn)
        if ratings.size[0] < len(ratings.rows):
            row = ratings.rows[ratings.size[0]]
            row[0] = ticket
            row[1] = turn
            row[2] = now + int(wait)
            row[3] = min(5, max(1, round(score)))
        ratings.size[0] += 1
    return reopens_after
