"""Backlog as a fluid: work flows in, people drain it, priority by priority, hour by hour.

Queues whose targets are hours or days build up and drain with the hours of the week; the wait of a
ticket follows from the work ahead of it and the people there to do it, not from an equilibrium
(Newell, "Applications of Queueing Theory", 1982, chapter 2: cumulative curves). Work of one
priority is served in order of arrival, before all work of lower priority. With cumulative curves
there is no loop over time: the backlog of the first k priorities is the reflected difference of
work and capacity, and what one priority was served is a difference of two such.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Curves", "begun_at", "drain"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """Cumulative work of one group by draw, priority and end of hour; the first entry is time 0.

    Attributes:
        arrived: Minutes of work that had come by then, the opening backlog included.
        served: Minutes of it that had been done by then.
        begun: Minutes of it whose tickets had been taken up by then.
        next_free: Hours until somebody is free, by draw and end of hour; 0 if somebody is.
        staffed_from: First hour, this one or later, in which somebody is at work, by draw and hour.
        pace: Minutes of work of each priority that can be begun in an hour, by draw and priority.
    """

    arrived: Numbers
    served: Numbers
    begun: Numbers
    next_free: Numbers
    staffed_from: Numbers
    pace: Numbers

    @property
    def backlog(self) -> Numbers:
        """Minutes of work that had come and was not done."""
        return self.arrived - self.served


def drain(
    opening: Numbers, work: Numbers, capacity: Numbers, in_hand: Numbers, next_free: Numbers
) -> Curves:
    """Let people do work in order of priority, then arrival.

    Work is taken up before it is done: as long as all there is is no more than what people have in
    hand, nothing waits. Else each priority has its share in what is in hand, and whoever comes
    next waits for the next who is free: work once begun is not laid aside.

    Args:
        opening: Minutes of work waiting at the start, by priority.
        work: Minutes of work that come in each hour, by draw, priority (highest first) and hour.
        capacity: Minutes of work that can be done in each hour, by draw and hour.
        in_hand: Minutes of work that people have in hand when all are busy, by draw and end of
            hour, with time 0 in front.
        next_free: Hours until the next is free when all are busy, by draw and end of hour.

    Returns:
        What had come, was done and was begun, by draw, priority and hour, with time 0 in front.
    """
    draws, priorities, hours = work.shape
    arrived = np.empty((draws, priorities, hours + 1))
    arrived[:, :, 0] = opening
    np.cumsum(work, axis=2, out=arrived[:, :, 1:])
    arrived[:, :, 1:] += arrived[:, :, :1]
    can = np.zeros((draws, 1, hours + 1))
    np.cumsum(capacity, axis=1, out=can[:, 0, 1:])
    upto = np.cumsum(arrived, axis=1)
    # What is left over of capacity when there is no work is lost: the lowest point so far.
    served_upto = np.minimum.accumulate(upto - can, axis=2)
    np.minimum(served_upto, 0.0, out=served_upto)
    served_upto += can
    served = np.diff(served_upto, axis=1, prepend=0.0)
    # Differences of large sums may step back by a rounding error.
    np.maximum.accumulate(served, axis=2, out=served)
    np.minimum(served, arrived, out=served)
    left_upto = upto - served_upto
    whole = upto[:, -1:, -1].mean()
    shares = upto[:, :, -1].mean(axis=0) / max(whole, 1e-9)
    begun = served + in_hand[:, None] * shares[:, None]
    begun[:, 1:] -= left_upto[:, :-1]
    is_slack = left_upto[:, -1] <= in_hand
    np.clip(begun, served, arrived, out=begun)
    np.copyto(begun, arrived, where=is_slack[:, None])
    np.maximum.accumulate(begun, axis=2, out=begun)
    staffed = np.where(capacity > 0, np.arange(hours, dtype=np.float64), np.inf)
    staffed_from = np.minimum.accumulate(staffed[:, ::-1], axis=1)[:, ::-1]
    # In an hour in which a queue runs empty it does so at the pace of those who are there.
    pace = np.maximum(np.diff(begun, axis=2), capacity[:, None])
    pace[:, 1:] -= np.diff(served_upto, axis=2)[:, :-1]
    np.maximum(pace, np.diff(begun, axis=2), out=pace)
    free_in = np.where(is_slack, 0.0, next_free)
    return Curves(arrived, served, begun, free_in, staffed_from, pace)


def begun_at(curves: Curves, rows: NDArray[np.int64], hours: Numbers) -> Numbers:
    """Return when a ticket that comes at a moment is taken up.

    Args:
        curves: A group's curves.
        rows: Draw x priorities + priority, of each moment asked for.
        hours: Moments of arrival, hours since time 0.

    Returns:
        Moments in hours, none before the arrival; infinity if that lies beyond the last hour.
    """
    steps = curves.arrived.shape[2]
    arrived = curves.arrived.reshape(-1, steps)
    begun = curves.begun.reshape(-1, steps)
    at = np.minimum(hours, steps - 1.0)
    before = np.minimum(at.astype(np.int64), steps - 2)
    ahead = arrived[rows, before]
    ahead = ahead + (arrived[rows, before + 1] - ahead) * (at - before)
    # One search over all rows at once: each is lifted above the one before it.
    lift = float(arrived[:, -1].max()) + 1.0
    lifted = (begun + np.arange(len(begun))[:, None] * lift).ravel()
    goal = ahead * (1 - 1e-12) - 1e-9
    place = np.searchsorted(lifted, goal + rows * lift, side="left") - rows * steps
    is_beyond = place >= steps
    place = np.clip(place, 1, steps - 1)
    low = begun[rows, place - 1]
    pace = curves.pace.reshape(-1, steps - 1)[rows, place - 1]
    part = np.clip((ahead - low) / np.maximum(pace, 1e-9), 0.0, 1.0)
    taken: Numbers = np.where(is_beyond, np.inf, place - 1 + part)
    draw = rows // curves.arrived.shape[1]
    # A ticket that meets an empty queue still needs somebody to be there.
    earliest = np.maximum(hours, curves.staffed_from[draw, before])
    begins: Numbers = np.maximum(taken, earliest) + curves.next_free[draw, before]
    return begins
