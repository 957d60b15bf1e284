"""The event loop: tickets wait, people free up, work begins, ends, is handed on, comes back.

A discrete-event simulation in the manner of Law, "Simulation Modeling and Analysis" (2015),
chapter 1: a clock that jumps from event to event, kept in a heap in order of time. Tickets wait
for their group in order of priority, then age; the agent who has waited longest takes the next
one. Whoever has begun a ticket finishes it, and takes the time back when next at work.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from control_tower.raw.simulator import codes
from control_tower.raw.simulator.arrivals import Tickets
from control_tower.raw.simulator.parameters import Parameters
from control_tower.raw.simulator.random_numbers import compiled, log_normal
from control_tower.raw.simulator.records import Desk, Log, new_log, record
from control_tower.raw.simulator.staffing import Agents
from control_tower.raw.simulator.visits import begin, is_solved

__all__ = ["History", "simulate_history"]

_NEVER = 1 << 60
_SHORTEST_WAIT = 60
EXPECTED_EVENTS = 7
"""Events a ticket; a team that makes more is simulated a second time, with room for them."""

_EVENT_COLUMNS = 10
_RATING_COLUMNS = 4


class History(NamedTuple):
    """What happened to the tickets whose life was recorded.

    Attributes:
        events: Ticket, second, activity, status, priority, group, agent or -1, actor, is public,
            place within the ticket.
        ratings: Ticket, visit, second, score.
        handled: Seconds worked, by ticket and group.
        cost: US dollars, by ticket and group.
        churns: Whether the customer leaves after the last solve.
    """

    events: NDArray[np.int32]
    ratings: NDArray[np.int32]
    handled: NDArray[np.float64]
    cost: NDArray[np.float64]
    churns: NDArray[np.bool_]


def _new_desk(tickets: Tickets, agents: Agents) -> Desk:
    count, staff = len(tickets.created), len(agents.group)
    return Desk(
        np.zeros(count, dtype=np.int8),
        tickets.priority.copy(),
        np.full(count, codes.NEW, dtype=np.int8),
        np.full(count, -1, dtype=np.int32),
        np.zeros(count, dtype=np.int16),
        np.zeros(count, dtype=np.int16),
        np.zeros(count, dtype=np.int8),
        np.zeros(count, dtype=np.bool_),
        np.zeros(count, dtype=np.bool_),
        np.zeros(count, dtype=np.int16),
        np.full(staff, -1, dtype=np.int64),
        np.full(staff, -1, dtype=np.int64),
        np.full(staff, -1, dtype=np.int64),
        np.zeros(staff, dtype=np.int64),
    )


@compiled
def _begin_stretch(agents: Agents, desk: Desk, agent: int) -> int:
    """Move an agent to the next stretch; return when the one after it begins, or never."""
    if desk.stretch[agent] < 0:
        desk.stretch[agent] = agents.first_stretch[agent]
    else:
        desk.stretch[agent] += 1
        if desk.busy_with[agent] >= 0:
            now = desk.stretch[agent]
            desk.owed[agent] += agents.opens[now] - agents.closes[now - 1]
    following = desk.stretch[agent] + 1
    return int(agents.opens[following]) if following < agents.first_stretch[agent + 1] else _NEVER


@compiled
def _set_free(agents: Agents, desk: Desk, agent: int, now: int) -> int:
    """Return the seconds an agent now takes back: 0 if none are owed, -1 if the stretch is over."""
    left = int(agents.closes[desk.stretch[agent]]) - now
    if left <= 0:
        return -1
    rest = min(int(desk.owed[agent]), left)
    desk.owed[agent] -= rest
    if rest == 0:
        desk.idle_since[agent] = now
    return rest


@compiled
def _end_work(
    p: Parameters, desk: Desk, seed: int, ticket: int, now: int
) -> tuple[int, bool, int, int]:
    """Let the work's outcome show; return activity, is public, and when what happens next."""
    turn = int(desk.visits[ticket])
    outcome = desk.outcome[ticket]
    if outcome == codes.TO_ESCALATE:
        desk.group[ticket] += 1
        desk.holder[ticket] = -1
        return codes.ESCALATED, False, now, codes.TICKET_IS_BACK
    if outcome == codes.TO_ASK:
        desk.status[ticket] = codes.PENDING
        desk.was_asked[ticket] = True
        wait = log_normal(p.delays[0, 0], p.delays[0, 1], seed, codes.PENDING_WAIT, ticket, turn)
        return codes.REPLIED, True, now + _SHORTEST_WAIT + int(wait), codes.TICKET_IS_BACK
    if outcome == codes.TO_HOLD:
        desk.status[ticket] = codes.ON_HOLD
        desk.was_held[ticket] = True
        wait = log_normal(p.delays[1, 0], p.delays[1, 1], seed, codes.HOLD_WAIT, ticket, turn)
        return codes.PUT_ON_HOLD, False, now + _SHORTEST_WAIT + int(wait), codes.TICKET_IS_BACK
    desk.status[ticket] = codes.IS_SOLVED
    return codes.SOLVED, False, _NEVER, codes.CUSTOMER_REOPENS


@compiled
def _loop(  # noqa: PLR0912, PLR0915 - one clock, one loop; what it calls is split out
    p: Parameters,
    tickets: Tickets,
    agents: Agents,
    desk: Desk,
    events: Log,
    ratings: Log,
    handled: NDArray[np.float64],
    cost: NDArray[np.float64],
    churns: NDArray[np.bool_],
    seed: int,
    until: int,
    first: int,
) -> None:
    count, groups = len(tickets.created), p.handle.shape[0]
    # A first entry, taken out again, tells the compiler what the lists hold.
    upcoming = [(0, 0, 0)]
    upcoming.pop()
    waiting = [[(0, 0, 0)] for _ in range(groups)]
    idle = [[(0, 0)] for _ in range(groups)]
    for group in range(groups):
        waiting[group].pop()
        idle[group].pop()
    for agent in range(len(agents.group)):
        if agents.first_stretch[agent] < agents.first_stretch[agent + 1]:
            opens = int(agents.opens[agents.first_stretch[agent]])
            heapq.heappush(upcoming, (opens, codes.STRETCH_BEGINS, agent))
    if count > 0:
        heapq.heappush(upcoming, (int(tickets.created[0]), codes.TICKET_ARRIVES, 0))

    while len(upcoming) > 0 and upcoming[0][0] < until:
        now, kind, subject = heapq.heappop(upcoming)
        ticket, freed = -1, -1
        joins_queue = False

        if kind == codes.TICKET_ARRIVES:
            ticket, joins_queue = subject, True
            is_kept = ticket >= first
            record(
                events,
                desk,
                ticket,
                now,
                codes.CREATED,
                codes.NEW,
                -1,
                codes.CUSTOMER,
                True,
                is_kept,
            )
            if ticket + 1 < count:
                arrives = int(tickets.created[ticket + 1])
                heapq.heappush(upcoming, (arrives, codes.TICKET_ARRIVES, ticket + 1))
        elif kind == codes.STRETCH_BEGINS:
            opens = _begin_stretch(agents, desk, subject)
            if opens < _NEVER:
                heapq.heappush(upcoming, (opens, codes.STRETCH_BEGINS, subject))
            if desk.busy_with[subject] < 0:
                freed = subject
        elif kind == codes.AGENT_IS_FREE:
            freed = subject
        elif kind == codes.WORK_ENDS:
            freed, ticket = subject, int(desk.busy_with[subject])
            is_kept = ticket >= first
            desk.busy_with[subject] = -1
            desk.owed[subject] += max(0, now - int(agents.closes[desk.stretch[subject]]))
            activity, is_public, then, what = _end_work(p, desk, seed, ticket, now)
            status = int(desk.status[ticket])
            record(
                events,
                desk,
                ticket,
                now,
                activity,
                status,
                subject,
                codes.AGENT,
                is_public,
                is_kept,
            )
            if activity == codes.ESCALATED:
                joins_queue = True
            elif activity == codes.SOLVED:
                after = is_solved(
                    p, tickets, desk, ratings, churns, seed, ticket, now, until, first
                )
                if after >= 0:
                    heapq.heappush(upcoming, (now + after, what, ticket))
                else:
                    closes = now + p.closes_after
                    seen = is_kept and closes < until
                    record(
                        events,
                        desk,
                        ticket,
                        closes,
                        codes.CLOSED,
                        codes.IS_CLOSED,
                        -1,
                        codes.SYSTEM,
                        False,
                        seen,
                    )
            else:
                heapq.heappush(upcoming, (then, what, ticket))
        else:
            ticket, joins_queue = subject, True
            is_kept = ticket >= first
            if desk.status[ticket] != codes.ON_HOLD:
                activity = codes.CUSTOMER_REPLIED
                if kind == codes.CUSTOMER_REOPENS:
                    activity = codes.REOPENED
                    desk.reopens[ticket] += 1
                desk.status[ticket] = codes.OPEN
                record(
                    events,
                    desk,
                    ticket,
                    now,
                    activity,
                    codes.OPEN,
                    -1,
                    codes.CUSTOMER,
                    True,
                    is_kept,
                )

        to_serve, also_to_serve = -1, -1
        if joins_queue:
            to_serve = int(0 + desk.group[ticket])
            # Added to 0, a code of eight bits becomes a number the heap can hold.
            place = (int(0 + desk.priority[ticket]), int(tickets.created[ticket]), ticket)
            heapq.heappush(waiting[to_serve], place)
        if freed >= 0 and desk.stretch[freed] >= 0:
            rest = _set_free(agents, desk, freed, now)
            if rest > 0:
                heapq.heappush(upcoming, (now + rest, codes.AGENT_IS_FREE, freed))
            elif rest == 0:
                also_to_serve = int(0 + agents.group[freed])
                heapq.heappush(idle[also_to_serve], (now, freed))

        for group in (to_serve, also_to_serve):
            while group >= 0 and len(waiting[group]) > 0 and len(idle[group]) > 0:
                since, agent = heapq.heappop(idle[group])
                is_off = now >= agents.closes[desk.stretch[agent]]
                if is_off or desk.busy_with[agent] >= 0 or desk.idle_since[agent] != since:
                    continue
                _, _, ticket = heapq.heappop(waiting[group])
                is_kept = ticket >= first
                ends = begin(p, tickets, desk, events, seed, ticket, agent, now, until, is_kept)
                desk.busy_with[agent] = ticket
                heapq.heappush(upcoming, (ends, codes.WORK_ENDS, agent))
                if is_kept:
                    worked = min(ends, until) - now
                    handled[ticket - first, group] += worked
                    cost[ticket - first, group] += worked / 3600.0 * p.hourly_cost[group]


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
    kept, groups = max(0, len(tickets.created) - first), parameters.handle.shape[0]
    rows = kept * EXPECTED_EVENTS + 1024
    while True:
        # What the loop writes to is made out here: the compiler was seen to lose writes to arrays
        # it had made itself and handed over in a tuple.
        desk = _new_desk(tickets, agents)
        events, ratings = new_log(rows, _EVENT_COLUMNS), new_log(rows, _RATING_COLUMNS)
        handled, cost = np.zeros((kept, groups)), np.zeros((kept, groups))
        churns = np.zeros(kept, dtype=np.bool_)
        _loop(
            parameters,
            tickets,
            agents,
            desk,
            events,
            ratings,
            handled,
            cost,
            churns,
            seed,
            until,
            first,
        )
        written, rated = int(events.size[0]), int(ratings.size[0])
        if max(written, rated) <= rows:
            return History(events.rows[:written], ratings.rows[:rated], handled, cost, churns)
        rows = max(written, rated)
