"""Tickets that went the same way, found by hashing each way once and comparing every event.

What depends on the order of a ticket's activities alone is then worked out once for each distinct
way, not for each ticket.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from control_tower.process_mining.event_log import Codes, EventLog, Integers

__all__ = ["PATH_ARROW", "Paths", "paths_of", "stretches"]

PATH_ARROW: Final = " → "
_ATTEMPTS: Final = 8


@dataclass(frozen=True)
class Paths:
    """The distinct ways through a log, the most frequent first.

    Attributes:
        of_ticket: Place of each ticket's path; its number as a variant is one more.
        tickets: How many tickets went each path.
        activity: Activity codes of all paths, one path after the other.
        starts: Place of each path's first activity, and behind the last path the end.
        text: Each path in words.
    """

    of_ticket: Integers
    tickets: Integers
    activity: Codes
    starts: Integers
    text: pl.Series

    @property
    def lengths(self) -> Integers:
        """Number of activities of each path."""
        return np.diff(self.starts)


def paths_of(log: EventLog) -> Paths:
    """Return the distinct ways through a log.

    They are in order of the number of tickets, then of the path as text, then of the activities,
    as `marts.ticket_outcomes` numbers its variants.
    """
    lengths = log.lengths
    first, inverse = _distinct(log)
    tickets = np.bincount(inverse, minlength=len(first))
    starts = np.concatenate(([0], np.cumsum(lengths[first]))).astype(np.int64)
    activity = log.activity[stretches(log.starts[first], lengths[first])]
    names = pl.DataFrame(
        {
            "path": np.repeat(np.arange(len(first)), lengths[first]),
            "activity": log.activities.cast(pl.String).gather(activity),
        }
    )
    order = (
        names.group_by("path", maintain_order=True)
        .agg(
            pl.col("activity").str.join(PATH_ARROW).alias("text"),
            # Where two paths read alike, because a name holds an arrow, the shorter name is first.
            pl.col("activity").str.join("\x00").alias("activities"),
        )
        .with_columns(pl.Series("tickets", tickets))
        .sort("tickets", "text", "activities", descending=[True, False, False])
    )
    places = order["path"].to_numpy()
    rank = np.empty(len(places), dtype=np.int64)
    rank[places] = np.arange(len(places))
    sorted_lengths = lengths[first][places]
    return Paths(
        of_ticket=rank[inverse],
        tickets=tickets[places],
        activity=activity[stretches(starts[:-1][places], sorted_lengths)],
        starts=np.concatenate(([0], np.cumsum(sorted_lengths))).astype(np.int64),
        text=order["text"],
    )


def _distinct(log: EventLog) -> tuple[Integers, Integers]:
    """Return one ticket of each distinct path, and which of these each ticket goes like."""
    if len(log.starts) == 1:
        none = np.zeros(0, dtype=np.int64)
        return none, none
    lengths = log.lengths
    position = np.arange(len(log.activity))
    position -= np.repeat(log.starts[:-1], lengths)
    for attempt in range(_ATTEMPTS):
        hashes = _hashes(log, position, seed=attempt)
        first, inverse = _one_of_each(hashes, is_short=attempt == 0)
        like = log.starts[:-1][first][inverse]
        if not (lengths[first][inverse] == lengths).all():
            continue
        of_model = np.repeat(like, lengths)
        of_model += position
        if (log.activity[of_model] == log.activity).all():
            return first, inverse
    raise ArithmeticError("paths could not be told apart by hashing; this should never happen")


def _one_of_each(hashes: npt.NDArray[np.uint64], *, is_short: bool) -> tuple[Integers, Integers]:
    """Return the place of one of each distinct hash, and which of these each hash equals.

    Short hashes make room for the place in the same number, and sorting one number is several times
    faster than finding the order of many; they are enough unless nearly all paths differ.
    """
    if is_short:
        bits_of_place = np.uint64(len(hashes).bit_length())
        packed = (hashes >> bits_of_place << bits_of_place) | np.arange(
            len(hashes), dtype=np.uint64
        )
        packed.sort()
        order = (packed & ((np.uint64(1) << bits_of_place) - np.uint64(1))).astype(np.int64)
        ordered = packed >> bits_of_place
    else:
        order = np.argsort(hashes)
        ordered = hashes[order]
    is_new = np.ones(len(hashes), dtype=np.bool_)
    is_new[1:] = ordered[1:] != ordered[:-1]
    inverse = np.empty(len(hashes), dtype=np.int64)
    inverse[order] = np.cumsum(is_new) - 1
    return order[is_new], inverse


def _hashes(log: EventLog, position: Integers, seed: int) -> npt.NDArray[np.uint64]:
    generator = np.random.default_rng(seed)
    of_activity = generator.integers(1, 2**64, len(log.activities), dtype=np.uint64, endpoint=False)
    of_position = generator.integers(
        1, 2**64, int(log.lengths.max()), dtype=np.uint64, endpoint=False
    )
    # Odd factors are invertible, so that no position forgets bits of the activity.
    terms = of_activity[log.activity]
    terms *= (of_position | np.uint64(1))[position]
    terms ^= terms >> np.uint64(29)
    summed: npt.NDArray[np.uint64] = np.add.reduceat(terms, log.starts[:-1])
    return summed


def stretches(starts: Integers, lengths: Integers) -> Integers:
    """Return the places of several stretches, one after the other."""
    ends = np.cumsum(lengths)
    shift = np.repeat(starts - (ends - lengths), lengths)
    places: Integers = np.arange(len(shift)) + shift
    return places
