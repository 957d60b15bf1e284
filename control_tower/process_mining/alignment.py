"""Optimal alignments of many paths with one reference path, all at once.

An alignment sets the events of a path against the steps of the reference; an event without a step
(inserted) and a step without an event (skipped) cost one each. The cheapest keeps a longest common
subsequence. Its lengths, against all beginnings of the reference, fit into the bits of one number a
path (Hyyrö, "Bit-parallel LCS-length computation revisited", 2004), so that one addition an event
advances a path by a row of the dynamic program, and NumPy advances all paths together.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from control_tower.process_mining.event_log import Codes, Flags, Integers

__all__ = ["LONGEST_REFERENCE", "Alignments", "align"]

Bits: TypeAlias = npt.NDArray[np.uint64]

LONGEST_REFERENCE: Final = 60
"""Steps of the longest reference path that can be aligned with."""

_ONE: Final = np.uint64(1)


@dataclass(frozen=True)
class Alignments:
    """How paths fit a reference path.

    Attributes:
        cost: Inserted events plus skipped steps, by path.
        worst_cost: Cost if nothing fitted: all events inserted, and the reference skipped as far
            as it had to be gone.
        is_inserted: Whether an event has no step, by event.
        is_due: Whether a step of the reference had to be gone, by path and step.
        is_skipped: Whether it was due and has no event, by path and step.
    """

    cost: Integers
    worst_cost: Integers
    is_inserted: Flags
    is_due: Flags
    is_skipped: Flags


def align(activity: Codes, starts: Integers, reference: Codes, is_finished: Flags) -> Alignments:
    """Align paths with a reference path at the lowest cost.

    Of the alignments of equal cost, the one whose steps lie earliest on the path is taken.

    Args:
        activity: Activity codes of all paths, one path after the other.
        starts: Place of each path's first activity, and behind the last path the end.
        reference: Activity codes of the reference path.
        is_finished: Whether a path is over, so that the reference had to be gone to its end; else
            it is held against that beginning of the reference it fits best.

    Raises:
        ValueError: If the reference path has no steps, or more than `LONGEST_REFERENCE`.
    """
    steps = len(reference)
    if not 0 < steps <= LONGEST_REFERENCE:
        raise ValueError(
            f"a reference path needs 1 to {LONGEST_REFERENCE} steps, and this one has {steps}"
        )
    lengths = np.diff(starts)
    rows = _rows(activity, starts, reference)
    last = _blank(len(lengths))
    last[lengths > 0] = rows[starts[1:][lengths > 0] - 1]
    due = _steps_due(last, lengths, is_finished, steps)
    is_inserted, kept = _trace_back(rows, starts, due)
    common = np.bitwise_count(kept).astype(np.int64)
    numbers = np.arange(steps)
    is_kept = (kept[:, None] >> numbers.astype(np.uint64)[None, :]) & _ONE != 0
    is_due = numbers[None, :] < due[:, None]
    return Alignments(
        cost=lengths + due - 2 * common,
        worst_cost=lengths + np.where(is_finished, steps, 0),
        is_inserted=is_inserted,
        is_due=is_due,
        is_skipped=~is_kept & is_due,
    )


def _blank(length: int) -> Bits:
    return np.full(length, ~np.uint64(0), dtype=np.uint64)


def _below(step: Integers | Bits) -> Bits:
    """Return numbers whose lowest so many bits are set."""
    return (_ONE << step.astype(np.uint64)) - _ONE


def _longest_first(starts: Integers) -> tuple[Integers, Integers]:
    """Return the paths in order of length, and how many are longer than each position."""
    lengths = np.diff(starts)
    order = np.argsort(-lengths, kind="stable")
    longest = int(lengths.max(initial=0))
    longer = len(lengths) - np.cumsum(np.bincount(lengths, minlength=longest + 1))
    return order, longer[:longest]


def _rows(activity: Codes, starts: Integers, reference: Codes) -> Bits:
    """Return, for each event, the row of the dynamic program after it.

    A bit is 0 where the common subsequence with the reference grows by that step.
    """
    highest = int(max(activity.max(initial=0), reference.max())) + 1
    places = np.zeros(highest, dtype=np.uint64)
    for step, code in enumerate(reference):
        places[code] |= _ONE << np.uint64(step)
    order, longer = _longest_first(starts)
    rows = _blank(len(activity))
    state = _blank(len(order))
    first = starts[:-1][order]
    for position, count in enumerate(longer):
        event = first[:count] + position
        fits = places[activity[event]]
        kept = state[:count] & fits
        state[:count] = (state[:count] + kept) | (state[:count] - kept)
        rows[event] = state[:count]
    return rows


def _steps_due(last: Bits, lengths: Integers, is_finished: Flags, steps: int) -> Integers:
    """Return how many steps of the reference each path had to go, at the lowest cost."""
    due = np.full(len(lengths), steps, dtype=np.int64)
    under_way = np.flatnonzero(~is_finished)
    grows = ~last[under_way]
    lowest = np.zeros(len(under_way), dtype=np.int64)
    best = np.zeros(len(under_way), dtype=np.int64)
    for step in range(1, steps + 1):
        common = np.bitwise_count(grows & ((_ONE << np.uint64(step)) - _ONE)).astype(np.int64)
        cost = step - 2 * common
        # Of equal cost, a step left out explains more than an event with no place.
        is_better = cost <= lowest
        lowest = np.where(is_better, cost, lowest)
        best = np.where(is_better, step, best)
    due[under_way] = best
    return due


def _trace_back(rows: Bits, starts: Integers, due: Integers) -> tuple[Flags, Bits]:
    """Return which events are inserted, and which steps of the reference each path kept."""
    order, longer = _longest_first(starts)
    is_inserted = np.ones(len(rows), dtype=np.bool_)
    kept = np.zeros(len(order), dtype=np.uint64)
    open_steps = _below(due)[order]
    first = starts[:-1][order]
    for position in range(len(longer) - 1, -1, -1):
        count = longer[position]
        event = first[:count] + position
        grows = ~rows[event] & open_steps[:count]
        before = ~rows[event - 1] & open_steps[:count] if position else np.zeros_like(grows)
        fits = np.flatnonzero(np.bitwise_count(grows) > np.bitwise_count(before))
        step = _highest_bit(grows[fits])
        is_inserted[event[fits]] = False
        kept[fits] |= step
        open_steps[fits] = step - _ONE
    restored = np.empty_like(kept)
    restored[order] = kept
    return is_inserted, restored


def _highest_bit(numbers: Bits) -> Bits:
    filled = numbers.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        filled |= filled >> np.uint64(shift)
    return filled ^ (filled >> _ONE)
