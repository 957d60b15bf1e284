"""How long clocks run: Kaplan-Meier survival, shrunk from wide cells to narrow ones.

Kaplan and Meier (1958), "Nonparametric estimation from incomplete observations". The chance that
a clock which has run for `elapsed` goes on past `target` is S(target) / S(elapsed): the product,
over the stops in between, of the share of the clocks at risk that did not stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Estimate", "Runs", "SurvivalHierarchy"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_UNINFORMED = 0.5
"""What the widest cell leans on while it has seen nothing: it may or may not."""


@dataclass(frozen=True)
class Runs:
    """Stretches of running time, each in a cell of every level.

    Attributes:
        cells: Cell of each run, counted from 0, one array a level, widest level first.
        durations: How long each ran, 0 and up.
    """

    cells: Sequence[Integers]
    durations: Floats


@dataclass(frozen=True)
class Estimate:
    """Chances that runs go past their targets, and what they rest on.

    Attributes:
        probabilities: P(T > target | T >= elapsed), shrunk through the levels.
        at_risk: Runs that got as far as `elapsed` in the narrowest cell.
    """

    probabilities: Floats
    at_risk: Integers


class SurvivalHierarchy:
    """Survival of runs in nested cells, as it stood at any time.

    The finished runs are put in order once; each question then asks anew which of them were
    known, and which runs were still unfinished, at a moment in the past.
    """

    def __init__(self, finished: Runs, known_from: Integers) -> None:
        """Put finished runs in order, level by level.

        Args:
            finished: Runs whose end is known.
            known_from: When each end became known, as a number that grows with time.
        """
        by_duration = np.argsort(finished.durations)
        durations = finished.durations[by_duration]
        is_first = np.diff(durations, prepend=-1.0) > 0
        ranks = np.cumsum(is_first) - 1
        self._scale = durations[is_first]
        self._stride = len(self._scale) + 2
        self._places: list[Integers] = []
        self._known_from: list[Integers] = []
        self._cells: list[Integers] = []
        self._cell_counts = [int(cells.max(initial=-1)) + 1 for cells in finished.cells]
        for cells in finished.cells:
            sorted_cells = cells[by_duration]
            # A stable sort of small numbers is linear.
            small = sorted_cells.max(initial=0) <= np.iinfo(np.uint16).max
            order = np.argsort(
                sorted_cells.astype(np.uint16) if small else sorted_cells, kind="stable"
            )
            self._cells.append(sorted_cells[order])
            self._places.append(self._cells[-1] * self._stride + ranks[order])
            self._known_from.append(known_from[by_duration][order])

    def estimate(
        self,
        now: int,
        since: int,
        unfinished: Runs,
        asked: Runs,
        targets: Floats,
        pseudo_count: float,
    ) -> Estimate:
        """Return the chances that runs of given age go past their targets.

        Each cell's own estimate weighs as much as the runs it has at risk at that age, the wider
        cell's estimate `pseudo_count` runs; the widest leans on a half that weighs one run.

        Args:
            now: Finished runs count if their end was known by then ...
            since: ... and after this.
            unfinished: Runs that have lasted this long, and no more is known of them.
            asked: Runs to judge: their cells, and how long they have run.
            targets: Their targets, in the unit of the durations.
            pseudo_count: Weight of the wider cell, in runs.
        """
        probabilities = np.full(len(targets), _UNINFORMED)
        at_risk = np.zeros(len(targets), dtype=np.int64)
        for level, (places, known_from) in enumerate(
            zip(self._places, self._known_from, strict=True)
        ):
            cells = asked.cells[level]
            is_asked = np.zeros(max(self._cell_counts[level], int(cells.max(initial=0)) + 1), bool)
            is_asked[cells] = True
            counts = (known_from <= now) & (known_from > since) & is_asked[self._cells[level]]
            known = places[counts]
            own, at_risk = self._own(
                known,
                Runs([unfinished.cells[level]], unfinished.durations),
                Runs([asked.cells[level]], asked.durations),
                targets,
            )
            weight = pseudo_count if level else 1.0
            probabilities = (at_risk * own + weight * probabilities) / (at_risk + weight)
        probabilities[asked.durations > targets] = 1.0
        return Estimate(probabilities, at_risk)

    def _own(
        self, places: Integers, unfinished: Runs, asked: Runs, targets: Floats
    ) -> tuple[Floats, Integers]:
        """Return one level's own conditional survival, and the runs at risk at that age."""
        (waiting_cells,), (cells,) = unfinished.cells, asked.cells
        # A run that was unfinished when others finished at the same age outlived them.
        waiting = np.sort(
            waiting_cells * self._stride
            + np.searchsorted(self._scale, unfinished.durations, side="right")
        )
        last_cell = int(places[-1]) // self._stride if len(places) else -1
        borders = np.arange(last_cell + 2) * self._stride
        starts = np.searchsorted(places, borders)
        sizes = np.diff(starts)
        positions = np.arange(len(places))
        passed = np.cumsum(
            np.bincount(np.searchsorted(places, waiting), minlength=len(places) + 1)
        )[: len(places)]
        left = np.repeat(starts[1:] + np.searchsorted(waiting, borders[1:]), sizes)
        left -= positions + passed
        is_last = left == 1
        survival = np.concatenate(([0.0], np.cumsum(np.log1p(-1.0 / np.where(is_last, 2, left)))))
        emptied = np.concatenate(([0], np.cumsum(is_last)))

        first = np.searchsorted(
            places, cells * self._stride + np.searchsorted(self._scale, asked.durations)
        )
        last = np.searchsorted(
            places,
            cells * self._stride + np.searchsorted(self._scale, targets, side="right"),
        )
        last = np.maximum(first, last)
        own = np.exp(survival[last] - survival[first])
        own[emptied[last] > emptied[first]] = 0.0
        finished_later = np.searchsorted(places, (cells + 1) * self._stride) - first
        return own, finished_later + _as_old(waiting_cells, unfinished.durations, asked)


def _as_old(waiting_cells: Integers, durations: Floats, asked: Runs) -> Integers:
    """Return how many unfinished runs of the same cell have lasted at least as long."""
    scale = np.unique(durations)
    stride = len(scale) + 1
    waiting = np.sort(waiting_cells * stride + np.searchsorted(scale, durations))
    (cells,) = asked.cells
    first = np.searchsorted(waiting, cells * stride + np.searchsorted(scale, asked.durations))
    count: Integers = np.searchsorted(waiting, (cells + 1) * stride) - first
    return count
