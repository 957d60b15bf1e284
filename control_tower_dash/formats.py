"""Values as people read them: one function for cards, captions, tables and exports."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from control_tower.presentation import readable_hours

__all__ = ["KINDS", "NOT_KNOWN", "Kind", "readable", "readable_change"]

Kind: TypeAlias = Literal[
    "text",
    "count",
    "number",
    "share",
    "hours",
    "minutes",
    "usd",
    "score",
    "fte_days",
    "day",
    "moment",
    "flag",
    "ticket",
    "drill",
]

NOT_KNOWN: Final = "—"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"


def _usd(value: float) -> str:
    sign = "-" if value < 0 else ""
    amount = abs(value)
    return f"{sign}${amount:,.0f}" if amount >= 1_000 else f"{sign}${amount:,.2f}"


def _minutes(value: float) -> str:
    if abs(value) < 120:
        return f"{value:.0f} min"
    return readable_hours(value / 60)


_AS_TEXT: Final[Mapping[str, Callable[[float], str]]] = {
    "count": lambda value: f"{value:,.0f}",
    "number": _number,
    "share": lambda value: f"{value:.1%}",
    "hours": readable_hours,
    "minutes": _minutes,
    "usd": _usd,
    "score": lambda value: f"{value:.2f}",
    "fte_days": lambda value: f"{value:,.1f} FTE days",
}

KINDS: Final = frozenset(_AS_TEXT)
"""Kinds that are numbers."""


def readable(value: object, kind: Kind) -> str:
    """Return a value as text with its unit; a dash where it is not known."""
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%-d %b %Y, %H:%M}"
    if isinstance(value, date):
        return f"{value:%-d %b %Y}"
    if kind in _AS_TEXT and isinstance(value, int | float):
        return NOT_KNOWN if value != value else _AS_TEXT[kind](value)  # noqa: PLR0124 - not a number
    return str(value)


def readable_change(now: float | None, before: float | None, kind: Kind) -> str | None:
    """Return how a value moved, in points for shares and scores and in per cent for the rest.

    What is too little to be shown has no sign. None if it cannot be said.
    """
    if now is None or before is None:
        return None
    if kind == "share":
        says = f"{100 * (now - before):+.1f} points"
    elif kind == "score":
        says = f"{now - before:+.2f}"
    elif before == 0:
        return None
    else:
        says = f"{(now - before) / abs(before):+.1%}"
    return says if any(digit in says for digit in "123456789") else says[1:]
