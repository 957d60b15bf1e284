"""Tickets followed one by one through the fluid: what each waits, takes, and comes to."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from control_tower.forecasting.fluid import Curves, begun_at
from control_tower.forecasting.prepared_desk import PreparedDesk
from control_tower.forecasting.prepared_routes import OUTCOMES

__all__ = ["Lives", "follow"]

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_VISITS: Final = 8
_HANDED_OVER: Final = OUTCOMES.index("handed_over")
_DONE: Final = OUTCOMES.index("done")


@dataclass(frozen=True)
class Lives:
    """What became of the tickets followed.

    Attributes:
        priority: Place of the priority.
        group: Place of the group that had the ticket last.
        has_target: Whether there was a target at all.
        is_kept: Whether it was kept.
    """

    priority: Integers
    group: Integers
    has_target: NDArray[np.bool_]
    is_kept: NDArray[np.bool_]


def follow(
    desk: PreparedDesk,
    curves: list[Curves],
    new: Numbers,
    handle_time_factor: float,
    *,
    tickets: int,
    seed: int,
) -> Lives:
    """Follow tickets created within the horizon, drawn as they come, to their last solve.

    A ticket waits until the work ahead of it is done, and is then worked on for as long as such
    tickets take; what comes of that is drawn from what became of such tickets.

    Args:
        desk: The desk.
        curves: The fluid's curves of each group with people.
        new: New tickets by draw, group, priority and hour of the horizon.
        handle_time_factor: What work takes, relative to the profile.
        tickets: How many to follow.
        seed: Seed of what comes of each.
    """
    random = np.random.default_rng(seed)
    groups = new.shape[1]
    cumulative = np.cumsum(new.ravel())
    total = float(cumulative[-1]) if len(cumulative) else 0.0
    if total <= 0:
        none = np.zeros(0, dtype=np.int64)
        return Lives(none, none, none.astype(np.bool_), none.astype(np.bool_))
    # Evenly spaced rather than at random: every hour is represented by its share.
    wanted = (np.arange(tickets) + random.random()) / tickets * total
    cell = np.minimum(np.searchsorted(cumulative, wanted, side="right"), len(cumulative) - 1)
    draw, group, priority, hour = (
        part.astype(np.int64) for part in np.unravel_index(cell, new.shape)
    )
    chances = random.random((tickets, 2 + 3 * _MOST_VISITS))
    kind = np.sum(desk.kind_share[group, priority] < chances[:, :1], axis=1)
    kind = np.minimum(kind, len(desk.kind_priority) - 1)
    target, in_hours = desk.kind_target[kind], desk.kind_in_hours[kind]
    at = hour + chances[:, 1]
    clock = np.zeros(tickets)
    turn = np.zeros(tickets, dtype=np.int64)
    active = np.arange(tickets)
    for visit in range(_MOST_VISITS):
        if not len(active):
            break
        luck = chances[active, 2 + 3 * visit : 5 + 3 * visit]
        own_group, own_turn, own_kind = group[active], turn[active], kind[active]
        queue = 2 * priority[active] + 1 - own_turn
        begins = _begins(desk, curves, draw[active], own_group, queue, at[active])
        slot = np.sum(desk.ends[own_group, own_kind, own_turn] < luck[:, :1], axis=1)
        outcome, to = np.divmod(np.minimum(slot, desk.ends.shape[3] - 1), groups)
        is_handed = outcome == _HANDED_OVER
        pick = (luck[:, 1] * desk.work.shape[3]).astype(np.int64)
        minutes = desk.work[own_group, own_turn, is_handed.astype(np.int64), pick]
        minutes = minutes * desk.pace_of_kind[own_group, own_kind, own_turn] * handle_time_factor
        ends = begins + minutes / 60
        clock[active] += _elapsed(desk, at[active], ends, in_hours[active])
        away = desk.away[outcome, (luck[:, 2] * desk.away.shape[1]).astype(np.int64)] / 60
        back = np.where(is_handed, ends, ends + away)
        runs = desk.counts_away[outcome]
        clock[active] += np.where(runs, _elapsed(desk, ends, back, in_hours[active]), 0.0)
        group[active] = np.where(is_handed, to, own_group)
        turn[active] = np.where(is_handed, 0, 1)
        at[active] = back
        active = active[(outcome != _DONE) & np.isfinite(clock[active])]
    return Lives(priority, group, target > 0, clock <= target)


def _begins(
    desk: PreparedDesk,
    curves: list[Curves],
    draw: Integers,
    group: Integers,
    queue: Integers,
    at: Numbers,
) -> Numbers:
    """Return when work on a ticket begins: at once in groups whose people are not known."""
    begins = at.copy()
    for place, own in enumerate(curves):
        chosen = np.flatnonzero(group == place)
        if len(chosen):
            rows = draw[chosen] * 2 * len(desk.priorities) + queue[chosen]
            begins[chosen] = begun_at(own, rows, at[chosen])
    return begins


def _elapsed(
    desk: PreparedDesk, since: Numbers, until: Numbers, in_hours: NDArray[np.bool_]
) -> Numbers:
    """Return minutes on the clock between moments; beyond the last hour the desk is always open."""
    last = len(desk.open_before) - 1.0
    hours = np.arange(last + 1)

    def opened(moment: Numbers) -> Numbers:
        beyond = np.maximum(moment - last, 0.0) * 60
        within: Numbers = np.interp(moment, hours, desk.open_before) + beyond
        return within

    since = np.minimum(since, 1e9)
    finite = np.minimum(until, 1e9)
    elapsed = np.where(in_hours, opened(finite) - opened(since), (finite - since) * 60)
    result: Numbers = np.where(np.isinf(until), np.inf, elapsed)
    return result
