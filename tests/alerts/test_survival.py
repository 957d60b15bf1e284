"""Survival of clocks, against a published table, a slow loop and what must always hold."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.alerts.survival import Estimate, Runs, SurvivalHierarchy
from tests.examples import examples

NEVER = -1
ALL = 10**9

REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23]
REMISSION_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
"""Weeks of remission under 6-mercaptopurine, Freireich et al. (1963), Blood 21."""

PUBLISHED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
"""The product-limit estimate printed in Cox and Oakes (1984), Analysis of Survival Data, and in
most textbooks since."""


def _ask(
    finished: Sequence[tuple[Sequence[int], float]],
    unfinished: Sequence[tuple[Sequence[int], float]],
    asked: Sequence[tuple[Sequence[int], float, float]],
    pseudo_count: float = 0.0,
    known_from: Sequence[int] | None = None,
    now: int = ALL,
) -> Estimate:
    levels = len(asked[0][0])

    def runs(rows: Sequence[tuple[Sequence[int], float]]) -> Runs:
        return Runs(
            [
                np.array([cells[level] for cells, _ in rows], dtype=np.int64)
                for level in range(levels)
            ],
            np.array([duration for _, duration in rows], dtype=np.float64),
        )

    hierarchy = SurvivalHierarchy(
        runs(finished), np.array(known_from or [0] * len(finished), dtype=np.int64)
    )
    return hierarchy.estimate(
        now,
        NEVER,
        runs(unfinished),
        runs([(cells, elapsed) for cells, elapsed, _ in asked]),
        np.array([target for _, _, target in asked], dtype=np.float64),
        pseudo_count,
    )


def _naive(
    finished: Sequence[float], unfinished: Sequence[float], elapsed: float, target: float
) -> float:
    """Return S(target) / S(elapsed) by the definition, one distinct moment at a time."""
    survival = 1.0
    for moment in sorted(set(finished)):
        if elapsed <= moment <= target:
            at_risk = sum(d >= moment for d in finished) + sum(d >= moment for d in unfinished)
            survival *= 1 - sum(d == moment for d in finished) / at_risk
    return survival


def _leaning_on_a_half(own: float, at_risk: int) -> float:
    return (at_risk * own + 0.5) / (at_risk + 1)


@pytest.mark.parametrize("week", PUBLISHED)
def test_a_published_table_is_reproduced(week: int) -> None:
    """The 21 patients of the best-known example; the half the widest cell leans on taken out."""
    estimate = _ask(
        [([0], week) for week in REMISSION],
        [([0], week) for week in REMISSION_CENSORED],
        [([0], 0.0, week)],
    )
    assert estimate.at_risk[0] == 21
    own = (estimate.probabilities[0] * 22 - 0.5) / 21
    assert own == pytest.approx(PUBLISHED[week], abs=0.0006)


durations = st.lists(st.integers(0, 12).map(float), max_size=25)


@settings(max_examples=examples(150), deadline=None)
@given(durations, durations, st.integers(0, 12), st.integers(0, 14))
def test_equals_the_definition(
    finished: list[float], unfinished: list[float], elapsed: int, target: int
) -> None:
    """On few distinct durations, so that ties of all kinds occur."""
    estimate = _ask(
        [([0], d) for d in finished], [([0], d) for d in unfinished], [([0], elapsed, target)]
    )
    at_risk = sum(d >= elapsed for d in finished) + sum(d >= elapsed for d in unfinished)
    assert estimate.at_risk[0] == at_risk
    wanted = 1.0
    if elapsed <= target:
        wanted = _leaning_on_a_half(_naive(finished, unfinished, elapsed, target), at_risk)
    assert estimate.probabilities[0] == pytest.approx(wanted, abs=1e-9)


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12).map(float)), max_size=40),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12).map(float)), max_size=20),
    st.integers(0, 12),
)
def test_cells_do_not_see_each_other_and_levels_lean_on_the_wider(
    finished: list[tuple[int, float]], unfinished: list[tuple[int, float]], elapsed: int
) -> None:
    """Three cells in one wider cell, all asked at once, against one slow loop for each."""
    target = elapsed + 3
    estimate = _ask(
        [([0, cell], d) for cell, d in finished],
        [([0, cell], d) for cell, d in unfinished],
        [([0, cell], elapsed, target) for cell in range(3)],
        pseudo_count=4.0,
    )
    everything = [d for _, d in finished], [d for _, d in unfinished]
    all_at_risk = sum(d >= elapsed for group in everything for d in group)
    wide = _leaning_on_a_half(_naive(*everything, elapsed, target), all_at_risk)
    for cell in range(3):
        own = [d for c, d in finished if c == cell], [d for c, d in unfinished if c == cell]
        at_risk = sum(d >= elapsed for group in own for d in group)
        wanted = (at_risk * _naive(*own, elapsed, target) + 4 * wide) / (at_risk + 4)
        assert estimate.probabilities[cell] == pytest.approx(wanted, abs=1e-9)


@settings(max_examples=examples(100), deadline=None)
@given(durations, durations, st.integers(0, 12))
def test_a_later_target_is_never_likelier_passed(
    finished: list[float], unfinished: list[float], elapsed: int
) -> None:
    """Chances fall as the target moves away, and are chances."""
    targets = [elapsed + step for step in range(15)]
    chances = _ask(
        [([0], d) for d in finished],
        [([0], d) for d in unfinished],
        [([0], elapsed, target) for target in targets],
    ).probabilities
    assert (np.diff(chances) <= 1e-12).all()
    assert ((chances >= 0) & (chances <= 1)).all()


def test_a_target_already_passed_is_certain() -> None:
    """Elapsed equal to the target is not yet past it."""
    finished = [([0], 1.0)] * 1000
    passed, equal = _ask(finished, [], [([0], 5.1, 5.0), ([0], 5.0, 5.0)]).probabilities
    assert passed == 1.0
    assert equal == 0.5


def test_shrinkage_goes_from_the_wider_to_the_own() -> None:
    """No clocks of its own: the wider cell's chance. Ever more: ever nearer to its own."""
    wide = [([0, 0], 1.0)] * 5000 + [([0, 0], 9.0)] * 5000
    (alone,) = _ask(wide, [], [([0, 1], 0.0, 5.0)], pseudo_count=20.0).probabilities
    assert alone == pytest.approx(0.5, abs=1e-4)
    chances = [
        _ask(
            wide + [([0, 1], 9.0)] * own, [], [([0, 1], 0.0, 5.0)], pseudo_count=20.0
        ).probabilities[0]
        for own in (1, 20, 400, 20_000)
    ]
    assert chances == sorted(chances)
    assert chances[1] == pytest.approx(0.75, abs=0.01)
    assert chances[-1] > 0.999


def test_only_what_was_known_counts() -> None:
    """A run whose end became known later is left out; the caller gives it as unfinished."""
    early = _ask(
        [([0], 1.0), ([0], 2.0)], [([0], 1.5)], [([0], 0.0, 1.8)], known_from=[5, 50], now=10
    )
    assert early.at_risk[0] == 2
    assert early.probabilities[0] == pytest.approx(_leaning_on_a_half(0.5, 2))


def test_nothing_known_is_a_half() -> None:
    """A desk without history gets the answer of somebody who does not know."""
    estimate = _ask([], [], [([0, 0], 3.0, 5.0)], pseudo_count=20.0)
    assert estimate.probabilities.tolist() == [0.5]
    assert estimate.at_risk.tolist() == [0]
