"""What if volume, effort or people change: gap, backlog and service levels of the coming month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from control_tower.forecasting.desk_profile import HORIZON_DAYS, DeskProfile
from control_tower.forecasting.fluid import Curves, drain
from control_tower.forecasting.prepared_desk import Chances, PreparedDesk, prepare
from control_tower.forecasting.tagged_tickets import Lives, follow

__all__ = ["Outlook", "Scenario", "what_if"]

Numbers = NDArray[np.float64]

_DAY: Final = 24
_HOURS: Final = _DAY * HORIZON_DAYS


@dataclass(frozen=True)
class Scenario:
    """What is asked; left as it is, the desk as it stands.

    Attributes:
        volume_factor: New tickets relative to the forecast.
        handle_time_factor: Minutes a ticket takes relative to what was measured.
        headcount: Full-time posts by group; groups not named keep theirs.
        shrinkage: Share of the time people are away, by group; groups not named keep theirs.
        occupancy: Target occupancy by group; moves the gap only, since people work through what
            there is whatever was aimed for.

    Raises:
        ValueError: If a factor or headcount is negative, or a share is not one.
    """

    volume_factor: float = 1.0
    handle_time_factor: float = 1.0
    headcount: Mapping[str, float] = field(default_factory=dict)
    shrinkage: Mapping[str, float] = field(default_factory=dict)
    occupancy: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("volume_factor", "handle_time_factor"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} is {getattr(self, name):g}; give 0 or more")
        for group, posts in self.headcount.items():
            if not posts >= 0:
                raise ValueError(f"headcount of {group} is {posts:g}; give 0 or more")
        for group, away in self.shrinkage.items():
            if not 0 <= away < 1:
                raise ValueError(f"shrinkage of {group} is {away:g}; give at least 0 and below 1")
        for group, share in self.occupancy.items():
            if not 0 < share <= 1:
                raise ValueError(f"occupancy of {group} is {share:g}; give above 0 and at most 1")


@dataclass(frozen=True)
class Outlook:
    """What a scenario comes to over the coming thirty days.

    Attributes:
        metric: SLA metric foretold.
        sla_attainment: Share of tickets created in that time whose target is kept; null without
            targets.
        groups: group_name, required_fte_days, available_fte_days, gap_fte_days, occupancy (share
            of the productive time taken up by tickets), sla_attainment (of tickets it has last),
            backlog_at_end (tickets waiting); one row a group.
        priorities: priority, share_of_tickets, sla_attainment; one row a priority.
        backlog: group_name, day_number (1 is the first), expected, lo_80, hi_80: tickets waiting
            at the end of the day; one row a group and day.
    """

    metric: str
    sla_attainment: float | None
    groups: pl.DataFrame
    priorities: pl.DataFrame
    backlog: pl.DataFrame


def what_if(
    scenario: Scenario,
    profile: DeskProfile,
    *,
    draws: int = 32,
    tickets: int = 16_000,
    seed: int = 1,
) -> Outlook | None:
    """Return what a scenario comes to, or None if the profile is empty.

    Args:
        scenario: What is asked.
        profile: The desk.
        draws: Courses the coming days might take.
        tickets: Tickets followed through them.
        seed: Seed of all chance; two scenarios with the same seed meet the same days.

    Raises:
        ValueError: If the scenario names a group the profile has no people of.
    """
    if profile.is_empty:
        return None
    desk = prepare(profile)
    for name in {*scenario.headcount, *scenario.shrinkage, *scenario.occupancy}:
        if name not in desk.names[: desk.known]:
            raise ValueError(
                f"the desk has no group {name!r} with known people; it has "
                f"{', '.join(desk.names[: desk.known])}"
            )
    chances = desk.chances(draws, seed)
    capacity = _capacity(desk, chances, scenario)
    curves, waiting = _flow(desk, chances, scenario, capacity)
    new = chances.new[:, :, :, :_HOURS] * np.float32(scenario.volume_factor)
    lives = follow(
        desk,
        curves,
        new.astype(np.float64),
        scenario.handle_time_factor,
        tickets=tickets,
        seed=seed,
    )
    return Outlook(
        metric=desk.metric,
        sla_attainment=_attained(lives, np.ones(len(lives.priority), dtype=np.bool_)),
        groups=_groups(profile, scenario, desk, lives, waiting, curves, capacity),
        priorities=_by_priority(desk, lives),
        backlog=_backlog(desk, waiting),
    )


def _posts(desk: PreparedDesk, scenario: Scenario) -> tuple[Numbers, Numbers]:
    names = desk.names[: desk.known]
    fte = [scenario.headcount.get(name, own) for name, own in zip(names, desk.fte, strict=True)]
    away = [
        scenario.shrinkage.get(name, own) for name, own in zip(names, desk.shrinkage, strict=True)
    ]
    return np.array(fte), np.array(away)


def _capacity(desk: PreparedDesk, chances: Chances, scenario: Scenario) -> Numbers:
    """Return minutes of work that can be done, by draw, group and hour.

    Each post is there on a day by chance. Beyond 64 posts the number there is taken as normal.
    """
    fte, away = _posts(desk, scenario)
    draws, _, days, most = chances.presence.shape
    there = np.empty((draws, desk.known, days))
    for group in range(desk.known):
        present = 1 - away[group]
        luck = chances.presence[:, group]
        whole = int(fte[group])
        rest = fte[group] - whole
        if whole < most:
            there[:, group] = (luck[:, :, :whole] < present).sum(axis=2)
            there[:, group] += luck[:, :, whole] < present * rest
        else:
            spread = np.sqrt(fte[group] * present * away[group])
            there[:, group] = np.maximum(
                0.0, fte[group] * present + spread * chances.pace[:, group, :days]
            )
    there *= desk.day_weight
    minutes = 60 * there[:, :, desk.day_of_hour] * desk.staffed
    usual = 60 * np.maximum(desk.fte * (1 - desk.shrinkage), 1e-9)[:, None] * desk.staffed
    # An hour's work of few tickets is more a matter of chance than one of many.
    mean = np.array([own[own > 0].mean() if own.any() else 0.0 for own in desk.minutes])
    noise = np.sqrt(mean[: desk.known, None] / np.maximum(usual, 1.0))
    pace = 1 + desk.variation[: desk.known, None] * noise * chances.pace
    result: Numbers = minutes * np.clip(pace, 0.0, 3.0)
    return result


def _flow(
    desk: PreparedDesk, chances: Chances, scenario: Scenario, capacity: Numbers
) -> tuple[list[Curves], Numbers]:
    """Return each group's curves, and tickets waiting by draw, group and end of day."""
    # Of each priority the tickets that came back first, being older, then those that come anew.
    visits = np.stack([chances.returning, chances.new], axis=3)
    draws, groups, priorities, _, hours = visits.shape
    visits = visits.reshape(draws, groups, 2 * priorities, hours) * float(scenario.volume_factor)
    own_minutes = np.maximum(desk.minutes * scenario.handle_time_factor, 1e-6)
    handed: dict[tuple[int, int], Numbers] = {}
    curves: dict[int, Curves] = {}
    waiting = np.zeros((draws, desk.known, HORIZON_DAYS))
    # Tickets that go back to a group before have been through the groups once already.
    goes_back = np.tril(desk.handover.sum(axis=1), -1).any()
    for _ in range(3 if goes_back else 1):
        for group in range(groups):
            minutes = own_minutes[group][:, None]
            coming = visits[:, group] + sum(
                tickets for (_, to), tickets in handed.items() if to == group
            )
            done = coming
            if group < desk.known:
                opening = desk.opening[group] * minutes[:, 0]
                people = _people(capacity[:, group])
                left = _left_in_hand(desk, group) * scenario.handle_time_factor
                found = drain(
                    opening,
                    coming * minutes,
                    capacity[:, group],
                    np.maximum(people - 1, 0.0) * left,
                    np.where(people > 0, left / 60 / np.maximum(people, 1.0), 0.0),
                )
                done = np.diff(found.served, axis=2) / minutes
                ends = found.backlog[:, :, _DAY : _HOURS + 1 : _DAY] / minutes
                curves[group], waiting[:, group] = found, ends.sum(axis=1)
            for to in np.flatnonzero(desk.handover[group].any(axis=0)):
                passed = done * desk.handover[group, :, to][:, None]
                # Whoever handed it over, it is new to the group that gets it.
                anew = np.zeros_like(passed)
                anew[:, 1::2] = passed[:, ::2] + passed[:, 1::2]
                handed[group, int(to)] = anew
    return [curves[group] for group in range(desk.known)], waiting


def _people(capacity: Numbers) -> Numbers:
    """Return the people at work by draw and end of hour: those before it or those after it."""
    there = np.zeros((capacity.shape[0], capacity.shape[1] + 1))
    there[:, :-1] = capacity / 60
    np.maximum(there[:, 1:], capacity / 60, out=there[:, 1:])
    return there


def _left_in_hand(desk: PreparedDesk, group: int) -> float:
    """Return the minutes left of a ticket under way, seen at any time.

    Half its mean, more the more it varies: the mean residual life of renewal theory (Cox,
    "Renewal Theory", 1962, chapter 5).
    """
    minutes = desk.minutes[group]
    mean = float(minutes[minutes > 0].mean()) if minutes.any() else 0.0
    return mean * (1 + float(desk.variation[group]) ** 2) / 2


def _attained(lives: Lives, chosen: NDArray[np.bool_]) -> float | None:
    counted = lives.has_target & chosen
    return float(lives.is_kept[counted].mean()) if counted.any() else None


def _by_priority(desk: PreparedDesk, lives: Lives) -> pl.DataFrame:
    total = max(1, len(lives.priority))
    return pl.DataFrame(
        [
            {
                "priority": name,
                "share_of_tickets": float((lives.priority == n).sum() / total),
                "sla_attainment": _attained(lives, lives.priority == n),
            }
            for n, name in enumerate(desk.priorities)
        ],
        schema={
            "priority": pl.String,
            "share_of_tickets": pl.Float64,
            "sla_attainment": pl.Float64,
        },
    )


def _groups(
    profile: DeskProfile,
    scenario: Scenario,
    desk: PreparedDesk,
    lives: Lives,
    waiting: Numbers,
    curves: list[Curves],
    capacity: Numbers,
) -> pl.DataFrame:
    fte, away = _posts(desk, scenario)
    rows = []
    for n, name in enumerate(desk.names[: desk.known]):
        row = profile.groups.filter(pl.col("group_name") == name).row(0, named=True)
        occupancy = scenario.occupancy.get(name, row["target_occupancy"])
        minutes = row["handle_minutes"] * scenario.handle_time_factor
        work = row["forecast_tickets"] * scenario.volume_factor * minutes
        required = work / (60 * row["productive_hours_per_day"] * occupancy)
        available = fte[n] * row["working_days"] * (1 - away[n])
        can = capacity[:, n, :_HOURS].sum()
        rows.append(
            {
                "group_name": name,
                "required_fte_days": required,
                "available_fte_days": available,
                "gap_fte_days": required - available,
                "occupancy": curves[n].served[:, :, _HOURS].sum() / can if can > 0 else None,
                "sla_attainment": _attained(lives, lives.group == n),
                "backlog_at_end": float(waiting[:, n, -1].mean()),
            }
        )
    numbers = list(rows[0])[1:] if rows else []
    return pl.DataFrame(
        rows, schema={"group_name": pl.String, **dict.fromkeys(numbers, pl.Float64)}
    )


def _backlog(desk: PreparedDesk, waiting: Numbers) -> pl.DataFrame:
    low, high = np.quantile(waiting, [0.1, 0.9], axis=0)
    expected = waiting.mean(axis=0)
    days = np.arange(1, HORIZON_DAYS + 1)
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "group_name": [name] * HORIZON_DAYS,
                    "day_number": days,
                    "expected": expected[n],
                    "lo_80": low[n],
                    "hi_80": high[n],
                }
            )
            for n, name in enumerate(desk.names[: desk.known])
        ]
    )
