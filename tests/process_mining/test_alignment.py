"""Alignments against the dynamic program of the textbook."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.process_mining.alignment import LONGEST_REFERENCE, Alignments, align
from tests.examples import examples

codes = st.lists(st.integers(0, 4), max_size=12)


def _cost(path: list[int], reference: list[int]) -> int:
    """Return the edit distance with insertions and deletions only, cell by cell."""
    above = list(range(len(reference) + 1))
    for row, activity in enumerate(path, start=1):
        current = [row]
        for column, step in enumerate(reference, start=1):
            cheapest = 1 + min(above[column], current[column - 1])
            if activity == step:
                cheapest = min(cheapest, above[column - 1])
            current.append(cheapest)
        above = current
    return above[-1]


def _align(paths: list[list[int]], reference: list[int], finished: list[bool]) -> Alignments:
    starts = np.cumsum([0, *(len(path) for path in paths)])
    activity = np.array([code for path in paths for code in path], dtype=np.int16)
    return align(activity, starts, np.array(reference), np.array(finished, dtype=np.bool_))


@given(
    st.lists(st.tuples(codes, st.booleans()), min_size=1, max_size=6),
    st.lists(st.integers(0, 4), min_size=1, max_size=9),
)
@settings(max_examples=examples(100), deadline=None)
def test_costs_are_those_of_the_textbook(
    given_paths: list[tuple[list[int], bool]], reference: list[int]
) -> None:
    """Cost is the edit distance; under way, the least over all beginnings of the reference."""
    paths = [path for path, _ in given_paths]
    found = _align(paths, reference, [is_finished for _, is_finished in given_paths])
    for number, (path, is_finished) in enumerate(given_paths):
        if is_finished:
            expected, worst = _cost(path, reference), len(path) + len(reference)
        else:
            beginnings = [reference[:end] for end in range(len(reference) + 1)]
            expected, worst = min(_cost(path, b) for b in beginnings), len(path)
        assert found.cost[number] == expected
        assert found.worst_cost[number] == worst


@given(
    st.lists(st.tuples(codes, st.booleans()), min_size=1, max_size=6),
    st.lists(st.integers(0, 4), min_size=1, max_size=9),
)
@settings(max_examples=examples(100), deadline=None)
def test_what_is_left_of_path_and_reference_is_the_same(
    given_paths: list[tuple[list[int], bool]], reference: list[int]
) -> None:
    """Without inserted events a path is the due steps without skipped ones: a true alignment."""
    paths = [path for path, _ in given_paths]
    found = _align(paths, reference, [is_finished for _, is_finished in given_paths])
    place = 0
    for number, path in enumerate(paths):
        inserted = found.is_inserted[place : place + len(path)]
        place += len(path)
        kept = [code for code, is_inserted in zip(path, inserted, strict=True) if not is_inserted]
        due, skipped = found.is_due[number], found.is_skipped[number]
        taken = [
            step
            for step, is_due, is_skipped in zip(reference, due, skipped, strict=True)
            if is_due and not is_skipped
        ]
        assert kept == taken
        assert found.cost[number] == inserted.sum() + skipped.sum()
        assert not (skipped & ~due).any()


@pytest.mark.parametrize("steps", [1, 31, 32, 33, LONGEST_REFERENCE])
def test_references_of_any_length_up_to_the_longest(steps: int) -> None:
    """No bit is lost at the edges of a number."""
    reference = list(range(steps))
    backwards = reference[::-1]
    found = _align([reference, backwards, [], reference[:-1]], reference, [True] * 4)
    assert found.cost.tolist() == [0, 2 * steps - 2, steps, 1]
    assert found.is_skipped[3].tolist() == [False] * (steps - 1) + [True]


@pytest.mark.parametrize("steps", [0, LONGEST_REFERENCE + 1])
def test_references_without_steps_or_with_too_many_are_refused(steps: int) -> None:
    """The error says how many there may be."""
    with pytest.raises(ValueError, match=f"1 to {LONGEST_REFERENCE} steps, and this one has"):
        _align([[0]], [0] * steps, [True])


def test_a_long_path_among_short_ones() -> None:
    """Paths of very different length do not disturb each other."""
    long = [0, 1] * 500
    found = _align([[0], long, [0, 1, 2]], [0, 1, 2], [True, True, True])
    assert found.cost.tolist() == [2, 999, 0]
