"""A staffing plan as the URL says it: what can be changed, within which bounds, in which words."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import polars as pl

from control_tower.forecasting.what_if import Scenario

__all__ = ["PLAN_PARTS", "Lever", "Plan", "PlanRead", "levers_of", "read_plan"]

Part: TypeAlias = Literal["volume", "handle", "headcount", "shrinkage", "occupancy"]

PLAN_PARTS: Final[Sequence[Part]] = ("volume", "handle", "headcount", "shrinkage", "occupancy")
"""What a plan changes; the last three by group, as in `headcount.tier-2-specialists`."""

_DIGITS: Final = 4
_NUMBER: Final = re.compile(r"[0-9]{1,7}(\.[0-9]{1,9})?")
_MOST_OF_KEY: Final = 36


@dataclass(frozen=True)
class Lever:
    """Something of the desk a plan can change.

    Attributes:
        name: Option of the URL.
        part: What is changed.
        label: What people call it.
        base: Its value as the desk stands, in the URL's unit: a factor, posts or a share.
        low, high: Bounds a plan keeps to.
        group: Group it belongs to; None for the whole desk.
    """

    name: str
    part: Part
    label: str
    base: float
    low: float
    high: float
    group: str | None = None

    @property
    def zero(self) -> float:
        """Return the value shown as 0."""
        return 1.0 if self.part in ("volume", "handle") else 0.0

    @property
    def scale(self) -> float:
        """Return what a step of 1 in the URL's unit is shown as: per cent, but posts as posts."""
        return 1.0 if self.part == "headcount" else 100.0

    def shown(self, value: float) -> float:
        """Return a value in the unit people see: per cent of change, posts, or per cent."""
        return round((value - self.zero) * self.scale, _DIGITS - 2)

    def words(self, value: float) -> str:
        """Return a value as people read it."""
        shown = self.shown(value)
        if self.part == "headcount":
            return f"{shown:g}"
        return f"{shown:+g} %" if self.zero else f"{shown:g} %"

    def is_base(self, value: float) -> bool:
        """Return whether a value is what the desk has, as far as a URL can tell."""
        return round(value, _DIGITS) == round(self.base, _DIGITS)


@dataclass(frozen=True)
class Plan:
    """What is changed of the desk, in the order of the levers; hashable, and empty for nothing."""

    changes: tuple[tuple[Lever, float], ...] = ()

    def options(self) -> dict[str, str]:
        """Return the plan as options of the URL."""
        return {lever.name: _text(value) for lever, value in self.changes}

    def scenario(self) -> Scenario:
        """Return the plan as the what-if takes it."""
        factors = {lever.part: value for lever, value in self.changes if lever.group is None}
        by_group: dict[str, dict[str, float]] = {"headcount": {}, "shrinkage": {}, "occupancy": {}}
        for lever, value in self.changes:
            if lever.group is not None:
                by_group[lever.part][lever.group] = value
        return Scenario(
            volume_factor=factors.get("volume", 1.0),
            handle_time_factor=factors.get("handle", 1.0),
            **by_group,
        )

    def words(self) -> str:
        """Return what is changed as a sentence."""
        if not self.changes:
            return "Nothing is changed yet: the plan is the desk as it stands."
        said = [
            f"{lever.label} {lever.words(value)}"
            + ("" if lever.zero else f" instead of {lever.words(lever.base)}")
            for lever, value in self.changes
        ]
        return f"The plan: {'; '.join(said)}."


@dataclass(frozen=True)
class PlanRead:
    """A plan read from options, and a sentence for every part that was left out."""

    plan: Plan
    left_out: tuple[str, ...] = ()


def levers_of(groups: pl.DataFrame) -> tuple[Lever, ...]:
    """Return what can be changed of a desk, that of the whole desk first.

    Args:
        groups: Columns group_name, fte, shrinkage, target_occupancy, a row a group; no rows, no
            levers.
    """
    if groups.is_empty():
        return ()
    levers = [
        Lever("volume", "volume", "Ticket volume", 1.0, 0.5, 2.0),
        Lever("handle", "handle", "Handle time", 1.0, 0.5, 2.0),
    ]
    rows = groups.sort("group_name")
    keys = _keys(rows["group_name"].to_list())
    for row in rows.iter_rows(named=True):
        name, fte = row["group_name"], row["fte"]
        away, share = row["shrinkage"], row["target_occupancy"]
        parts: tuple[tuple[Part, str, float, float, float], ...] = (
            ("headcount", "Headcount", fte, 0.0, float(math.ceil(max(2 * fte, fte + 10)))),
            ("shrinkage", "Shrinkage", away, 0.0, max(0.9, away)),
            ("occupancy", "Target occupancy", share, min(0.1, share), 1.0),
        )
        levers += [
            Lever(f"{part}.{keys[name]}", part, f"{label} of {name}", base, low, high, name)
            for part, label, base, low, high in parts
        ]
    return tuple(levers)


def read_plan(options: Mapping[str, str], levers: Sequence[Lever]) -> PlanRead:
    """Return the plan options of a URL ask for; whatever cannot be meant is left out and told of.

    Args:
        options: Options of the URL, those of other parts of the page among them.
        levers: What can be changed.
    """
    known = {lever.name: lever for lever in levers}
    asked = {name: text for name, text in options.items() if name.split(".")[0] in PLAN_PARTS}
    if asked and not levers:
        return PlanRead(
            Plan(), ("The link carries a plan, but this source does not say who works here.",)
        )
    changes: dict[str, float] = {}
    left_out: list[str] = []
    for name, text in asked.items():
        lever = known.get(name)
        if lever is None:
            left_out.append(f"“{name}” is nothing that can be planned here; it was left out.")
            continue
        problem = _problem(lever, text)
        if problem:
            left_out.append(problem)
        elif not lever.is_base(float(text)):
            changes[name] = round(float(text), _DIGITS)
    chosen = tuple((lever, changes[lever.name]) for lever in levers if lever.name in changes)
    return PlanRead(Plan(chosen), tuple(left_out))


def _problem(lever: Lever, text: str) -> str | None:
    stays = f"it stays at {lever.words(lever.base)}."
    if not _NUMBER.fullmatch(text):
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        return f"“{shown}” is no number for {_in_sentence(lever)}; {stays}"
    if not lever.low <= round(float(text), _DIGITS) <= lever.high:
        return (
            f"{lever.label} can be {lever.words(lever.low)} to {lever.words(lever.high)}, not "
            f"{lever.words(float(text))}; {stays}"
        )
    return None


def _in_sentence(lever: Lever) -> str:
    return f"{lever.label[:1].lower()}{lever.label[1:]}"


def _text(value: float) -> str:
    return f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")


def _keys(names: Sequence[str]) -> dict[str, str]:
    """Return the part of an option's name that stands for each group.

    It does not depend on what other groups there are unless these read alike, so that a plan sent
    to somebody still means the same groups after a new one has come.
    """
    plain = {name: _plain(name) for name in names}
    return {
        name: key
        if key and list(plain.values()).count(key) == 1
        else f"{key}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
        for name, key in plain.items()
    }


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower())[:_MOST_OF_KEY].strip("-")
