"""A desk's profile as arrays, with the chances of its coming days drawn once for all what-ifs."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from control_tower.forecasting.desk_profile import DeskProfile
from control_tower.forecasting.desk_visits import NO_PRIORITY
from control_tower.forecasting.prepared_routes import (
    OUTCOMES,
    kind_share,
    kinds_of,
    place_of,
    routes_of,
)

__all__ = ["Chances", "PreparedDesk", "prepare"]

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]

_ORDER: Final = ("urgent", "high", "normal", "low", NO_PRIORITY)
_HOLIDAY: Final = 7
_SUNDAY: Final = 6
_HOURS_A_DAY: Final = 24
_MOST_POSTS: Final = 64


@dataclass(frozen=True)
class Chances:
    """What chance decides, the same in every what-if so that these differ by what they ask only.

    Attributes:
        new, returning: Tickets by draw, group, priority and hour, at the volume forecast.
        presence: Uniform numbers by draw, group, day and post.
        pace: Standard normal numbers by draw, group and hour: how quick the work happens to go.
    """

    new: NDArray[np.float32]
    returning: NDArray[np.float32]
    presence: NDArray[np.float32]
    pace: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PreparedDesk:
    """Arrays by group (in the order work flows), priority, kind of ticket, hour.

    Attributes:
        names: Groups; those whose people are not known come last and never make anyone wait.
        known: How many of them have people.
        priorities: Priorities, highest first.
        fte, productive_minutes, shrinkage: By known group.
        day_of_hour: Place of each hour's day among the coming days.
        day_weight: What of a working day each coming day is for a post.
        staffed: Part of each hour a post at work has for tickets, by group and hour.
        open_before: Open minutes before each hour and after the last.
        minutes: Mean minutes of a visit, by group and queue: of each priority those that came back,
            then those that come anew.
        variation: Standard deviation over mean of a visit's minutes, by group.
        handover: Share of visits handed over, by group, queue and receiving group.
        opening: Visits waiting at the start, by group and queue.
        kind_priority, kind_target, kind_in_hours: Of each kind of ticket.
        kind_share: Share of each kind among the new tickets of a group and priority, cumulative.
        ends: Cumulative share of outcome x receiving group, by group, kind, whether returning.
        pace_of_kind: Work of a kind relative to its group's, by group, kind, whether returning.
        work: Twenty values of minutes by group, whether returning, whether handed over.
        away: Twenty values of minutes by outcome.
        counts_away: Whether the metric's clock runs during an absence, by outcome.
    """

    names: tuple[str, ...]
    known: int
    priorities: tuple[str, ...]
    fte: Numbers
    shrinkage: Numbers
    day_of_hour: Integers
    day_weight: Numbers
    staffed: Numbers
    open_before: Numbers
    minutes: Numbers
    variation: Numbers
    handover: Numbers
    opening: Numbers
    kind_priority: Integers
    kind_target: Numbers
    kind_in_hours: NDArray[np.bool_]
    kind_share: Numbers
    ends: Numbers
    pace_of_kind: Numbers
    work: Numbers
    away: Numbers
    counts_away: NDArray[np.bool_]
    metric: str
    _history: tuple[Numbers, Numbers, Numbers, Integers, tuple[Integers, ...]]

    @lru_cache(maxsize=4)  # noqa: B019 - a desk and its draws live and die together
    def chances(self, draws: int, seed: int) -> Chances:
        """Return what chance decides in so many draws of the coming days."""
        new_by_day, returning_by_day, level, day_hour, pools = self._history
        random = np.random.default_rng(seed)
        hours = len(self.day_of_hour)
        picked = np.stack([random.choice(pool, size=draws) for pool in pools], axis=1)
        # By draw and coming hour: a past day's tickets at that hour of the day.
        of_hour = picked[:, self.day_of_hour]
        new = new_by_day[of_hour, day_hour[None, :]]
        returning = returning_by_day[of_hour, day_hour[None, :]]
        lifted = level[self.day_of_hour]
        new = np.moveaxis(new * lifted[None, :, :, None], 1, 3)
        returning = np.moveaxis(returning * lifted[None, :, :, None], 1, 3)
        days = len(self.day_weight)
        return Chances(
            np.ascontiguousarray(new, dtype=np.float32),
            np.ascontiguousarray(returning, dtype=np.float32),
            random.random((draws, self.known, days, _MOST_POSTS + 1), dtype=np.float32),
            random.standard_normal((draws, self.known, hours), dtype=np.float32),
        )


@lru_cache(maxsize=4)
def prepare(profile: DeskProfile) -> PreparedDesk:
    """Return a profile as arrays.

    Args:
        profile: A profile that is not empty.
    """
    names, known = _names(profile)
    place = {name: n for n, name in enumerate(names)}
    priorities = _priorities(profile)
    rank = {name: n for n, name in enumerate(priorities)}
    groups = profile.groups.with_columns(place_of("group_name", place)).sort("group_name")
    first = profile.hours.filter(pl.col("group_name") == profile.hours["group_name"][0]).sort(
        "starts_at"
    )
    days = first["local_day"].unique(maintain_order=True)
    day_of = {day: n for n, day in enumerate(days)}
    day_of_hour = np.array([day_of[day] for day in first["local_day"]], dtype=np.int64)
    day_rows = first.unique("local_day", keep="first", maintain_order=True)
    staffed = np.zeros((known, first.height))
    for name in names[:known]:
        own = profile.hours.filter(pl.col("group_name") == name).sort("starts_at")
        if own.height == first.height:
            staffed[place[name]] = own["staffed_share"].to_numpy()
    kinds = kinds_of(profile.routes, rank)
    ends, pace, minutes, handover = routes_of(profile.routes, kinds, place, rank)
    work, variation = _work(profile, place, minutes)
    away = _away(profile.spreads)
    metric = str(profile.routes["metric"][0])
    history = _history(profile, day_rows, first, place, rank)
    return PreparedDesk(
        names=names,
        known=known,
        priorities=priorities,
        fte=groups["fte"].to_numpy(),
        shrinkage=groups["shrinkage"].to_numpy(),
        day_of_hour=day_of_hour,
        day_weight=day_rows["working_days"].to_numpy(),
        staffed=staffed,
        open_before=np.concatenate([[0.0], np.cumsum(first["open_minutes"].to_numpy())]),
        minutes=minutes,
        variation=variation,
        handover=handover,
        opening=_opening(profile.backlog, place, rank),
        kind_priority=kinds["rank"].to_numpy(),
        kind_target=kinds["target_minutes"].to_numpy(),
        kind_in_hours=kinds["is_business_hours"].to_numpy(),
        kind_share=kind_share(profile.routes, kinds, place, rank),
        ends=ends,
        pace_of_kind=pace,
        work=work,
        away=away,
        counts_away=np.array(
            [
                False,
                metric == "total_resolution_time",
                metric in ("total_resolution_time", "requester_wait_time"),
                False,
                False,
            ]
        ),
        metric=metric,
        _history=history,
    )


def _names(profile: DeskProfile) -> tuple[tuple[str, ...], int]:
    """Return groups with people in the order work flows, then the others, and how many of each."""
    handed = profile.routes.filter(pl.col("outcome") == "handed_over").with_columns(
        (pl.col("visits") * pl.col("share_of_visits")).alias("tickets")
    )
    flows = {
        (source, target): tickets
        for source, target, tickets in handed.group_by("group_name", "to_group")
        .agg(pl.col("tickets").sum())
        .iter_rows()
    }
    left = sorted(profile.groups["group_name"])
    order: list[str] = []
    while left:
        # Next is who is owed least by those still to come.
        following = min(left, key=lambda name: sum(flows.get((x, name), 0.0) for x in left))
        order.append(following)
        left.remove(following)
    others = sorted(
        {
            *profile.routes["group_name"],
            *(name for name in profile.routes["to_group"] if name),
            *profile.demand["group_name"],
        }
        - set(order)
    )
    return (*order, *others), len(order)


def _priorities(profile: DeskProfile) -> tuple[str, ...]:
    found = {*profile.demand["priority"], *profile.routes["priority"], *profile.backlog["priority"]}
    known = [name for name in _ORDER if name in found]
    return (*known, *sorted(found - set(known)))


def _work(profile: DeskProfile, place: dict[str, int], minutes: Numbers) -> tuple[Numbers, Numbers]:
    """Return twenty values of a visit's minutes, and their variation by group."""
    rows = profile.spreads.filter(pl.col("quantity") == "work")
    count = 20
    values = np.zeros((len(place), 2, 2, count))
    variation = np.zeros(len(place))
    for name, group in place.items():
        own = rows.filter(pl.col("group_name") == name)
        usual = minutes[group][minutes[group] > 0]
        fallback = np.full(count, float(usual.mean()) if len(usual) else 0.0)
        for turn in (0, 1):
            for handed in (0, 1):
                found = own.filter(
                    (pl.col("is_returning") == bool(turn))
                    & (pl.col("is_handed_over") == bool(handed))
                ).sort("place")
                # Of visits too few to tell apart, the like that come new and are solved stand in.
                if found.height == count:
                    values[group, turn, handed] = found["minutes"].to_numpy()
                else:
                    values[group, turn, handed] = (
                        values[group, 0, 0] if turn or handed else fallback
                    )
        main = values[group, 0, 0]
        variation[group] = main.std() / main.mean() if main.mean() > 0 else 0.0
    return values, variation


def _away(spreads: pl.DataFrame) -> Numbers:
    values = np.zeros((len(OUTCOMES), 20))
    for n, outcome in enumerate(OUTCOMES):
        found = spreads.filter(pl.col("quantity") == outcome).sort("place")
        if found.height == 20:
            values[n] = found["minutes"].to_numpy()
    return values


def _opening(backlog: pl.DataFrame, place: dict[str, int], rank: dict[str, int]) -> Numbers:
    waiting = np.zeros((len(place), 2 * len(rank)))
    for row in backlog.iter_rows(named=True):
        if row["group_name"] in place:
            waiting[place[row["group_name"]], 2 * rank[row["priority"]] + 1] = row["tickets"]
    return waiting


def _history(
    profile: DeskProfile,
    coming: pl.DataFrame,
    hours: pl.DataFrame,
    place: dict[str, int],
    rank: dict[str, int],
) -> tuple[Numbers, Numbers, Numbers, Integers, tuple[Integers, ...]]:
    """Return past days' tickets, how much busier coming days are, and the days to draw from."""
    demand = profile.demand
    first, last = demand["local_day"].min(), demand["local_day"].max()
    past = pl.select(pl.date_range(first, last, "1d").alias("local_day"))  # type: ignore[arg-type]
    holidays = set(demand.filter(pl.col("day_class") == _HOLIDAY)["local_day"])
    classes = np.array(
        [_HOLIDAY if day in holidays else day.weekday() for day in past["local_day"]]
    )
    shape = (past.height, _HOURS_A_DAY, len(place), len(rank))
    new, returning = np.zeros(shape), np.zeros(shape)
    index = (
        (demand["local_day"] - first).dt.total_days().to_numpy(),
        demand["local_hour"].to_numpy(),
        demand.select(place_of("group_name", place)).to_series().to_numpy(),
        demand.select(place_of("priority", rank)).to_series().to_numpy(),
    )
    np.add.at(new, index, demand["new_tickets"].to_numpy())
    np.add.at(returning, index, demand["returning_tickets"].to_numpy())
    everything = np.arange(past.height)
    pools = []
    for day_class in coming["day_class"]:
        pool = everything[classes == day_class]
        if not len(pool) and day_class == _HOLIDAY:
            pool = everything[classes == _SUNDAY]
        pools.append(pool if len(pool) else everything)
    expected = profile.hours.group_by("group_name", "local_day").agg(
        pl.col("expected_tickets").sum(), pl.len().alias("hours")
    )
    wanted = {(name, day): (tickets, n) for name, day, tickets, n in expected.iter_rows()}
    by_day = new.sum(axis=(1, 3))
    level = np.ones((coming.height, len(place)))
    for n, day in enumerate(coming["local_day"]):
        usual = by_day[pools[n]].mean(axis=0)
        total = [0.0, 0.0]
        for name, group in place.items():
            tickets, count = wanted.get((name, day), (0.0, 0))
            # The first and the last day may be there in part, which their past days are not.
            if usual[group] > 0 and count >= _HOURS_A_DAY - 1:
                level[n, group] = tickets / usual[group]
                total[0] += tickets
                total[1] += usual[group]
        whole = total[0] / total[1] if total[1] else 1.0
        level[n, usual <= 0] = whole
    return new, returning, level, hours["local_hour"].to_numpy(), tuple(pools)
