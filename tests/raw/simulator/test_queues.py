"""The event loop against queueing theory and against the same queue worked out by hand."""

import heapq
from typing import Any

import numpy as np
import pytest

from control_tower.raw.simulator import load_configuration
from control_tower.raw.simulator.arrivals import Tickets
from control_tower.raw.simulator.kernel import History, simulate_history
from control_tower.raw.simulator.parameters import Parameters, parameters_of
from control_tower.raw.simulator.staffing import Agents

ASSIGNED = 1
FOR_EVER = 1 << 40
MEAN_SECONDS = 1800.0


def _parameters(variation: float) -> Parameters:
    """Return a desk on which every ticket is answered, solved and never seen again."""
    plain = parameters_of(load_configuration(None))
    changes: dict[str, Any] = {
        "handle": np.array([[MEAN_SECONDS, variation]]),
        "type_factors": np.ones_like(plain.type_factors),
        "escalation": np.zeros((1, len(plain.type_factors))),
        "hold": np.zeros(1),
        "work": np.array([0.4, 0.6, 0.0, 0.0, 0.0, 0.0]),
        "speedup": 0.0,
    }
    return plain._replace(**changes)


def _tickets(created: np.ndarray, priority: np.ndarray | None = None) -> Tickets:
    count = len(created)
    codes = np.zeros(count, dtype=np.int8)
    flags = np.zeros(count, dtype=np.bool_)
    given = codes if priority is None else priority.astype(np.int8)
    return Tickets(created.astype(np.int64), codes, given, codes, codes, flags, flags)


def _agents(number: int) -> Agents:
    return Agents(
        np.zeros(number, dtype=np.int8),
        np.ones(number),
        np.arange(number + 1),
        np.zeros(number, dtype=np.int64),
        np.full(number, FOR_EVER, dtype=np.int64),
    )


def _arrivals(count: int, mean_gap: float, seed: int) -> np.ndarray:
    gaps = np.random.default_rng(seed).exponential(mean_gap, count)
    return np.cumsum(gaps).astype(np.int64)


def _begun(history: History) -> np.ndarray:
    """Return when each ticket was taken up, in seconds."""
    rows = history.events[history.events[:, 2] == ASSIGNED]
    begun: np.ndarray = rows[np.argsort(rows[:, 0]), 1].astype(np.int64)
    return begun


def _simulate(tickets: Tickets, agents: int, variation: float) -> History:
    until = int(tickets.created[-1]) + 10_000_000
    return simulate_history(
        _parameters(variation), tickets, _agents(agents), seed=3, until=until, first=0
    )


@pytest.mark.parametrize("variation", [0.0, 0.5, 1.0])
def test_mean_wait_of_one_agent_is_pollaczek_and_khinchines(variation: float) -> None:
    """Load 0.7: the mean wait is load x mean x (1 + variation squared) / (2 x (1 - load))."""
    created = _arrivals(400_000, MEAN_SECONDS / 0.7, seed=1)
    waits = _begun(_simulate(_tickets(created), 1, variation)) - created
    expected = 0.7 * MEAN_SECONDS * (1 + variation**2) / (2 * 0.3)
    assert waits.mean() == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize("agents", [2, 5, 11])
def test_several_agents_serve_as_kiefer_and_wolfowitz_have_it(agents: int) -> None:
    """First come, first served: each ticket begins when it is there and somebody is free."""
    created = _arrivals(20_000, MEAN_SECONDS / agents / 0.9, seed=agents)
    history = _simulate(_tickets(created), agents, 1.0)
    free = [0] * agents
    expected = []
    for arrival, seconds in zip(created, history.handled[:, 0], strict=True):
        begins = max(int(arrival), heapq.heappop(free))
        expected.append(begins)
        heapq.heappush(free, begins + int(seconds))
    assert _begun(history).tolist() == expected


def test_the_urgent_go_first_and_the_old_before_the_new() -> None:
    """Whenever a ticket is begun, nothing more urgent or older of the same priority waits."""
    count = 3_000
    created = _arrivals(count, MEAN_SECONDS / 3 / 0.95, seed=5)
    priority = np.random.default_rng(6).integers(0, 4, count)
    begun = _begun(_simulate(_tickets(created, priority), 3, 1.0))
    order = np.lexsort((np.arange(count), created, priority))
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    for ticket in range(count):
        waiting = (created < begun[ticket]) & (begun > begun[ticket])
        assert not (waiting & (place < place[ticket])).any()


def test_tickets_in_the_desk_are_arrivals_times_stay() -> None:
    """Little's law, on the stretch between the first arrival and the last."""
    created = _arrivals(100_000, MEAN_SECONDS / 4 / 0.8, seed=9)
    history = _simulate(_tickets(created), 4, 1.0)
    leaves = _begun(history) + history.handled[:, 0]
    span = created[-1] - created[0]
    moments = np.random.default_rng(1).uniform(created[0], created[-1], 20_000)
    inside = np.searchsorted(created, moments) - np.searchsorted(np.sort(leaves), moments)
    arrivals_per_second = len(created) / span
    assert inside.mean() == pytest.approx(arrivals_per_second * (leaves - created).mean(), rel=0.03)
