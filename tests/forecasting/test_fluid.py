"""The fluid against a slow one that serves hour by hour, and what must hold of any queue."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from control_tower.forecasting.fluid import Curves, begun_at, drain
from tests.examples import examples
from tests.forecasting.erlang import wait_probability

Numbers = NDArray[np.float64]

amounts = st.floats(0, 500, allow_nan=False).map(lambda x: round(x, 1))


def _slow(
    opening: list[float], work: list[list[float]], capacity: list[float]
) -> list[list[float]]:
    """Return the work of each priority left at the end of each hour, by serving it in turn."""
    left = list(opening)
    ends = []
    for hour, can in enumerate(capacity):
        rest = can
        for priority in range(len(left)):
            left[priority] += work[priority][hour]
            served = min(left[priority], rest)
            left[priority] -= served
            rest -= served
        ends.append(list(left))
    return ends


def _drained(opening: Numbers, work: Numbers, capacity: Numbers, people: float = 0.0) -> Curves:
    none = np.zeros((1, work.shape[1] + 1))
    return drain(opening, work[None], capacity[None], none + people, none)


@given(st.data())
@settings(max_examples=examples(60), deadline=None)
def test_backlogs_equal_those_served_hour_by_hour(data: st.DataObject) -> None:
    """By priority and hour, from whatever is there at the start; nothing gets lost."""
    priorities, hours = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 12))
    lists = st.lists(amounts, min_size=hours, max_size=hours)
    work = data.draw(st.lists(lists, min_size=priorities, max_size=priorities))
    capacity = data.draw(lists)
    opening = data.draw(st.lists(amounts, min_size=priorities, max_size=priorities))
    curves = _drained(np.array(opening), np.array(work), np.array(capacity))
    expected = np.array(_slow(opening, work, capacity)).T
    assert curves.backlog[0, :, 1:] == pytest.approx(expected, abs=1e-6)
    came = np.array(opening) + np.sum(work, axis=1)
    assert curves.arrived[0, :, -1] == pytest.approx(came)
    assert (np.diff(curves.served, axis=2) >= -1e-9).all()
    assert (curves.begun >= curves.served - 1e-9).all()
    assert (curves.begun <= curves.arrived + 1e-9).all()


@given(st.lists(amounts, min_size=8, max_size=8), st.floats(0, 100), st.integers(0, 7))
@settings(max_examples=examples(40), deadline=None)
def test_more_capacity_never_leaves_more(work: list[float], more: float, hour: int) -> None:
    """One hour with more people makes no later backlog longer."""
    opening, coming = np.zeros(2), np.array([work, work[::-1]])
    capacity = np.full(8, 150.0)
    richer = capacity.copy()
    richer[hour] += more
    before = _drained(opening, coming, capacity).backlog.sum(axis=1)
    after = _drained(opening, coming, richer).backlog.sum(axis=1)
    assert (after <= before + 1e-6).all()


def test_a_wait_by_hand() -> None:
    """Sixty minutes an hour get done and ninety wait: the next ticket waits an hour and a half."""
    curves = _drained(np.array([90.0]), np.zeros((1, 4)), np.full(4, 60.0))
    assert begun_at(curves, np.array([0]), np.array([1e-9])) == pytest.approx([1.5], abs=1e-3)


def test_lower_priority_waits_for_what_comes_later_and_goes_first() -> None:
    """Low work of half an hour is held up by high work that comes in the first hour."""
    work = np.array([[60.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    curves = _drained(np.array([0.0, 30.0]), work, np.full(3, 60.0))
    waits = begun_at(curves, np.array([1]), np.array([1e-9]))
    assert waits == pytest.approx([1.5], abs=1e-3)


def test_a_ticket_at_night_waits_for_the_morning() -> None:
    """Nothing is ahead of it, but nobody is there before the third hour; without anyone, never."""
    capacity = np.array([60.0, 0.0, 0.0, 60.0])
    curves = _drained(np.zeros(1), np.zeros((1, 4)), capacity)
    assert begun_at(curves, np.array([0]), np.array([1.5])) == pytest.approx([3.0])
    empty = _drained(np.zeros(1), np.zeros((1, 4)), np.zeros(4))
    assert np.isinf(begun_at(empty, np.array([0]), np.array([1.5]))).all()


def test_what_people_have_in_hand_keeps_nobody_waiting() -> None:
    """Work no more than what all have in hand is begun at once, and done in time."""
    curves = _drained(np.array([0.0]), np.array([[70.0, 0.0]]), np.full(2, 60.0), people=20.0)
    assert curves.backlog[0, 0, 1] == pytest.approx(10)
    assert curves.begun[0, 0, 1] == pytest.approx(70)


@pytest.mark.parametrize(
    ("agents", "waits"), [(11, 0.682118), (12, 0.449388), (13, 0.285270), (14, 0.174132)]
)
def test_erlangs_formula(agents: int, waits: float) -> None:
    """The oracle gives the published values for ten erlangs."""
    assert wait_probability(10, agents) == pytest.approx(waits, abs=1e-6)


def test_with_people_in_plenty_both_say_nobody_waits() -> None:
    """The limit in which the equilibrium and the fluid must agree."""
    assert wait_probability(10, 30) < 1e-6
    curves = _drained(np.zeros(1), np.full((1, 24), 600.0), np.full(24, 1800.0))
    at = np.arange(0.5, 23)
    assert begun_at(curves, np.zeros(len(at), dtype=np.int64), at) == pytest.approx(at)


def test_a_desk_that_closes_at_night_is_no_equilibrium() -> None:
    """Erlang C sees fourteen busy with ten's work; half of it comes when nobody is there."""
    capacity = np.tile(np.repeat([28 * 60.0, 0.0], 12), 3)
    curves = _drained(np.zeros(1), np.full((1, 72), 600.0), capacity)
    at = np.arange(24.5, 60)
    waited = (begun_at(curves, np.zeros(len(at), dtype=np.int64), at) - at) > 0.05
    assert waited.mean() > 0.5
    assert wait_probability(10, 14) < 0.2
