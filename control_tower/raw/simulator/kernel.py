"""The event loop: tickets wait, people free up, work begins, ends, is handed on, comes back.

A discrete-event simulation in the manner of Law, "Simulation Modeling and Analysis" (2015),
chapter 1: a clock that jumps from event to event, kept in a heap in order of time.
"""

import heapq
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from control_tower.raw.simulator.arrivals import Tickets
from control_tower.raw.simulator.parameters import Parameters
from control_tower.raw.simulator.random_numbers import compiled, log_normal, normal, uniform
from control_tower.raw.simulator.staffing import Agents

__all__ = ["EVENTS_PER_TICKET", "History", "simulate_history"]

EVENTS_PER_TICKET = 64
"""More than a ticket can have: after twelve visits it is neither reopened nor asked about again."""

_MOST_VISITS = 12
_YEAR = 365.25 * 86_400
_NEVER = np.int64(1) << np.int64(60)

# Activities, statuses and actors by their place in the contract.
CREATED, ASSIGNED, REPLIED, CUSTOMER_REPLIED, PUT_ON_HOLD = 0, 1, 2, 3, 4
ESCALATED, PRIORITY_CHANGED, SOLVED, REOPENED, CLOSED = 5, 6, 7, 8, 9
NEW, OPEN, PENDING, HOLD, IS_SOLVED, IS_CLOSED = 0, 1, 2, 3, 4, 5
AGENT, CUSTOMER, SYSTEM = 0, 1, 2

# Kinds of events in the heap; at the same moment, in this order.
_DONE, _SHIFT, _BACK, _REOPEN = 0, 1, 2, 3
# What comes of a stretch of work.
_TO_SOLVE, _TO_ESCALATE, _TO_ASK, _TO_HOLD = 0, 1, 2, 3


class History(NamedTuple):
    """What happened. Columns of `events`: ticket, second, activity, status, priority, group,
    agent or -1, actor, is public, place within the ticket. Columns of `ratings`: ticket, place,
    second, score. `handled` has seconds by ticket and group, `cost` US dollars, `churns` whether
    the customer leaves after the last solve; tickets count from the first that is recorded.
    """

    events: NDArray[np.int64]
    ratings: NDArray[np.int64]
    handled: NDArray[np.float64]
    cost: NDArray[np.float64]
    churns: NDArray[np.bool_]


@compiled
def _worked(
    opens: NDArray[np.int64], closes: NDArray[np.int64], block: int, last: int, at: int, work: int
) -> tuple[int, int]:
    """Return when that much work, begun in a block, is done, and in which block."""
    now = at
    left = work
    while True:
        available = closes[block] - now
        if left <= available:
            return now + left, block
        left -= available
        if block + 1 >= last:
            return int(_NEVER), block
        block += 1
        now = opens[block]


@compiled
def _worked_by(
    opens: NDArray[np.int64],
    closes: NDArray[np.int64],
    block: int,
    last: int,
    at: int,
    work: int,
    until: int,
) -> int:
    """Return how much of the work is done by a moment."""
    done = 0
    now = at
    while block < last and now < until and done < work:
        done += min(work - done, max(0, min(closes[block], until) - now))
        block += 1
        if block < last:
            now = opens[block]
    return done


@compiled
def _loop(
    p: Parameters,
    tickets: Tickets,
    agents: Agents,
    seed: int,
    until: int,
    first: int,
) -> tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.bool_],
]:
    count = len(tickets.created)
    groups = p.handle.shape[0]
    staff = len(agents.group)
    kept = max(0, count - first)

    events = np.empty((kept * 7 + 1024, 10), dtype=np.int64)
    recorded = 0
    ratings = np.empty((kept // 2 + 1024, 4), dtype=np.int64)
    rated = 0
    handled = np.zeros((kept, groups))
    cost = np.zeros((kept, groups))
    churns = np.zeros(kept, dtype=np.bool_)

    group = np.zeros(count, dtype=np.int8)
    priority = tickets.priority.copy()
    status = np.zeros(count, dtype=np.int8)
    holder = np.full(count, -1, dtype=np.int32)
    visits = np.zeros(count, dtype=np.int16)
    placed = np.zeros(count, dtype=np.int16)
    reopens = np.zeros(count, dtype=np.int16)
    outcome = np.zeros(count, dtype=np.int8)
    was_asked = np.zeros(count, dtype=np.bool_)
    was_held = np.zeros(count, dtype=np.bool_)

    block = np.full(staff, -1, dtype=np.int64)
    busy_with = np.full(staff, -1, dtype=np.int64)
    idle_since = np.full(staff, -1, dtype=np.int64)

    # Typed by a first entry, taken out again.
    heap = [(np.int64(0), np.int64(0), np.int64(0))]
    heap.pop()
    queues = [[(np.int64(0), np.int64(0), np.int64(0))] for _ in range(groups)]
    idle = [[(np.int64(0), np.int64(0))] for _ in range(groups)]
    for g in range(groups):
        queues[g].pop()
        idle[g].pop()
    for a in range(staff):
        if agents.first_block[a] < agents.first_block[a + 1]:
            heapq.heappush(
                heap, (agents.opens[agents.first_block[a]], np.int64(_SHIFT), np.int64(a))
            )

    next_ticket = 0
    while True:
        arrives = tickets.created[next_ticket] if next_ticket < count else _NEVER
        moment = heap[0][0] if len(heap) > 0 else _NEVER
        now = min(arrives, moment)
        if now >= until:
            break
        # Up to two groups may have something to do: one a ticket came to, one an agent freed.
        to_serve = -1
        also_to_serve = -1

        if moment <= arrives:
            _, kind, subject = heapq.heappop(heap)
        else:
            kind = np.int64(-1)
            subject = np.int64(next_ticket)
            next_ticket += 1

        # At most one event is recorded here: ticket, activity, agent, actor, is public.
        k = np.int64(-1)
        activity = -1
        actor = AGENT
        by = np.int64(-1)
        public = False
        back = np.int64(0)

        if kind == -1:
            k = subject
            activity, actor, public = CREATED, CUSTOMER, True
            heapq.heappush(queues[0], (np.int64(priority[k]), tickets.created[k], k))
            to_serve = 0
        elif kind == _SHIFT:
            a = subject
            block[a] += 1
            if block[a] == 0:
                block[a] = agents.first_block[a]
            if block[a] + 1 < agents.first_block[a + 1]:
                heapq.heappush(heap, (agents.opens[block[a] + 1], np.int64(_SHIFT), a))
            if busy_with[a] < 0:
                idle_since[a] = now
                to_serve = np.int64(agents.group[a])
                heapq.heappush(idle[to_serve], (now, a))
        elif kind == _BACK:
            k = subject
            if status[k] == PENDING:
                status[k] = OPEN
                activity, actor, public = CUSTOMER_REPLIED, CUSTOMER, True
            to_serve = np.int64(group[k])
            heapq.heappush(queues[to_serve], (np.int64(priority[k]), tickets.created[k], k))
        elif kind == _REOPEN:
            k = subject
            status[k] = OPEN
            reopens[k] += 1
            activity, actor, public = REOPENED, CUSTOMER, True
            to_serve = np.int64(group[k])
            heapq.heappush(queues[to_serve], (np.int64(priority[k]), tickets.created[k], k))
        else:
            a = subject
            k = busy_with[a]
            by = a
            busy_with[a] = -1
            also_to_serve = np.int64(agents.group[a])
            if now < agents.closes[block[a]]:
                idle_since[a] = now
                heapq.heappush(idle[also_to_serve], (now, a))
            turn = np.int64(visits[k])
            if outcome[k] == _TO_ESCALATE:
                group[k] += 1
                status[k] = OPEN
                holder[k] = -1
                activity = ESCALATED
                to_serve = np.int64(group[k])
                heapq.heappush(queues[to_serve], (np.int64(priority[k]), tickets.created[k], k))
            elif outcome[k] == _TO_ASK:
                status[k] = PENDING
                was_asked[k] = True
                activity, public = REPLIED, True
                wait = log_normal(p.delays[0, 0], p.delays[0, 1], seed, 20, k, turn)
                heapq.heappush(heap, (now + 60 + np.int64(wait), np.int64(_BACK), k))
            elif outcome[k] == _TO_HOLD:
                status[k] = HOLD
                was_held[k] = True
                activity = PUT_ON_HOLD
                wait = log_normal(p.delays[1, 0], p.delays[1, 1], seed, 21, k, turn)
                heapq.heappush(heap, (now + 60 + np.int64(wait), np.int64(_BACK), k))
            else:
                status[k] = IS_SOLVED
                activity = SOLVED
                chance = p.work[4] + p.work[5] * group[k]
                back = np.int64(p.closes_after)
                if (
                    turn < _MOST_VISITS
                    and not tickets.is_merged[k]
                    and uniform(seed, 22, k, turn) < chance
                ):
                    wait = 60 + log_normal(p.delays[2, 0], p.delays[2, 1], seed, 23, k, turn)
                    back = min(np.int64(p.closes_after), np.int64(wait))
                if back < p.closes_after:
                    heapq.heappush(heap, (now + back, np.int64(_REOPEN), k))

                hours = (now - tickets.created[k]) / 3600.0
                doublings = math.log(1.0 + hours / p.expected_hours[priority[k]]) / math.log(2.0)
                felt = (
                    p.satisfaction[1]
                    - p.satisfaction[2] * doublings
                    - p.satisfaction[3] * reopens[k]
                    - p.satisfaction[4] * group[k]
                )
                if k >= first:
                    rate = p.churn[tickets.customer_tier[k]] * math.exp(
                        p.churn_per_point * (p.satisfaction[1] - felt)
                    )
                    churns[k - first] = uniform(seed, 24, k, turn) < 1.0 - math.exp(-rate)
                    wait = 60 + log_normal(p.delays[3, 0], p.delays[3, 1], seed, 25, k, turn)
                    if (
                        uniform(seed, 26, k, turn) < p.satisfaction[0]
                        and wait < back
                        and not tickets.is_merged[k]
                        and now + wait < until
                    ):
                        if rated == len(ratings):
                            ratings = np.concatenate((ratings, np.empty_like(ratings)))
                        score = felt + p.satisfaction[5] * normal(seed, 27, k, turn)
                        ratings[rated, 0] = k
                        ratings[rated, 1] = turn
                        ratings[rated, 2] = now + np.int64(wait)
                        ratings[rated, 3] = min(5, max(1, int(round(score))))
                        rated += 1

        if activity >= 0:
            placed[k] += 1
            if k >= first:
                if recorded + 8 >= len(events):
                    events = np.concatenate((events, np.empty_like(events)))
                events[recorded, 0] = k
                events[recorded, 1] = now
                events[recorded, 2] = activity
                events[recorded, 3] = status[k]
                events[recorded, 4] = priority[k]
                events[recorded, 5] = group[k]
                events[recorded, 6] = by
                events[recorded, 7] = actor
                events[recorded, 8] = public
                events[recorded, 9] = placed[k]
                recorded += 1
            if activity == SOLVED and back >= p.closes_after:
                placed[k] += 1
                if k >= first and now + back < until:
                    events[recorded] = events[recorded - 1]
                    events[recorded, 1] = now + back
                    events[recorded, 2] = CLOSED
                    events[recorded, 3] = IS_CLOSED
                    events[recorded, 6] = -1
                    events[recorded, 7] = SYSTEM
                    events[recorded, 9] = placed[k]
                    recorded += 1

        for _ in range(2):
            g = to_serve
            to_serve = also_to_serve
            also_to_serve = -1
            if g < 0:
                continue
            while len(queues[g]) > 0 and len(idle[g]) > 0:
                since, a = idle[g][0]
                if busy_with[a] >= 0 or idle_since[a] != since or now >= agents.closes[block[a]]:
                    heapq.heappop(idle[g])
                    continue
                heapq.heappop(idle[g])
                _, _, k = heapq.heappop(queues[g])

                # What will come of this visit is drawn now; it shows when the work is done.
                turn = np.int64(visits[k])
                visits[k] += 1
                kind_of = np.int64(tickets.ticket_type[k])
                years = (now - p.anchor) / _YEAR
                work = log_normal(
                    p.handle[g, 0] * p.type_factors[kind_of] * math.exp(-p.speedup * years),
                    p.handle[g, 1],
                    seed,
                    30,
                    k,
                    np.int64(g),
                )
                replies = True
                outcome[k] = _TO_SOLVE
                if tickets.is_merged[k]:
                    work = 90.0
                    replies = False
                elif reopens[k] > 0:
                    work *= 0.5
                    replies = uniform(seed, 31, k, turn) < 0.8
                elif was_asked[k] or was_held[k]:
                    work *= 0.5
                elif uniform(seed, 32, k, np.int64(g)) < p.escalation[g, kind_of]:
                    work *= p.work[0]
                    outcome[k] = _TO_ESCALATE
                    replies = False
                elif uniform(seed, 33, k, turn) < p.work[2]:
                    work *= 0.5
                    outcome[k] = _TO_ASK
                    replies = False
                elif uniform(seed, 34, k, turn) < p.hold[g]:
                    work *= 0.5
                    outcome[k] = _TO_HOLD
                    replies = False
                elif g == 0 and uniform(seed, 35, k, turn) < p.without_reply[tickets.channel[k]]:
                    replies = False
                seconds = max(np.int64(30), np.int64(work))
                end, _ = _worked(
                    agents.opens,
                    agents.closes,
                    block[a],
                    agents.first_block[a + 1],
                    now,
                    seconds,
                )
                busy_with[a] = k
                heapq.heappush(heap, (np.int64(end), np.int64(_DONE), a))
                changes = holder[k] != a
                raised = (
                    turn == 0
                    and priority[k] > 0
                    and not tickets.is_merged[k]
                    and uniform(seed, 36, k, 0) < p.work[3]
                )
                status[k] = OPEN
                holder[k] = a

                if k >= first:
                    done = seconds
                    if end > until:
                        done = _worked_by(
                            agents.opens,
                            agents.closes,
                            block[a],
                            agents.first_block[a + 1],
                            now,
                            seconds,
                            until,
                        )
                    handled[k - first, g] += done
                    cost[k - first, g] += done / 3600.0 * p.hourly_cost[g]
                for step in range(3):
                    at = now
                    what = ASSIGNED
                    seen = False
                    who = SYSTEM
                    if step == 0 and not changes:
                        continue
                    if step == 1:
                        if not raised:
                            continue
                        priority[k] -= 1
                        what, who = PRIORITY_CHANGED, AGENT
                    if step == 2:
                        if not replies:
                            continue
                        at, _ = _worked(
                            agents.opens,
                            agents.closes,
                            block[a],
                            agents.first_block[a + 1],
                            now,
                            np.int64(seconds * p.work[1]),
                        )
                        what, who, seen = REPLIED, AGENT, True
                    placed[k] += 1
                    if k < first or at >= until:
                        continue
                    if recorded + 8 >= len(events):
                        events = np.concatenate((events, np.empty_like(events)))
                    events[recorded, 0] = k
                    events[recorded, 1] = at
                    events[recorded, 2] = what
                    events[recorded, 3] = OPEN
                    events[recorded, 4] = priority[k]
                    events[recorded, 5] = group[k]
                    events[recorded, 6] = a
                    events[recorded, 7] = who
                    events[recorded, 8] = seen
                    events[recorded, 9] = placed[k]
                    recorded += 1

    return events[:recorded], ratings[:rated], handled, cost, churns


def simulate_history(
    parameters: Parameters, tickets: Tickets, agents: Agents, *, seed: int, until: int, first: int
) -> History:
    """Run the desk from the start of history.

    Args:
        parameters: The configuration as arrays.
        tickets: All tickets, in order of creation.
        agents: Who works when.
        seed: Seed of the history.
        until: Second at which to stop; nothing at or after it is recorded.
        first: Place of the first ticket whose life is recorded.

    Returns:
        What happened to the tickets from `first` on.
    """
    return History(*_loop(parameters, tickets, agents, seed, until, first))
