"""What a reader looks at: filters as values, as the URL's query, and as an SQL predicate."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, TypeAlias
from urllib.parse import parse_qsl, urlencode

__all__ = [
    "DIMENSIONS",
    "PERIODS",
    "Dimension",
    "Filters",
    "Period",
    "Predicate",
    "Understood",
    "understand",
]

Dimension: TypeAlias = Literal["group", "priority", "type", "channel", "tier"]

DIMENSIONS: Final[Mapping[Dimension, str]] = {
    "group": "group_name",
    "priority": "priority",
    "type": "ticket_type",
    "channel": "channel",
    "tier": "customer_tier",
}
"""What tickets are filtered by, as the URL names it, and the column of it."""

PERIODS: Final[Mapping[str, tuple[str, int | None]]] = {
    "7d": ("Last 7 days", 7),
    "30d": ("Last 30 days", 30),
    "90d": ("Last 90 days", 90),
    "365d": ("Last 365 days", 365),
    "all": ("All time", None),
}
"""Periods that end with the last whole day of the snapshot: name in the URL, label, days."""

_USUAL_PERIOD: Final = "30d"
_CUSTOM: Final = "custom"
_MOST_VALUES: Final = 50
_MOST_CHARACTERS: Final = 200
_EARLIEST: Final = date(1990, 1, 1)
_LATEST: Final = date(2100, 1, 1)
_PERIOD_PARTS: Final = frozenset({"period", "from", "to"})
_NAME: Final = re.compile(r"[a-z][a-z0-9_.-]{0,60}")
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Period:
    """Whole days in UTC, the first and the last both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1

    @property
    def begins(self) -> datetime:
        """Return the moment it begins."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def ends(self) -> datetime:
        """Return the moment after its last."""
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)

    def previous(self) -> "Period":
        """Return the period of the same length right before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


@dataclass(frozen=True)
class Predicate:
    """A condition in SQL and what is bound to its question marks."""

    sql: str
    parameters: tuple[object, ...]


@dataclass(frozen=True)
class Filters:
    """What a reader chose; left empty, a dimension is not filtered by.

    Attributes:
        period: A key of `PERIODS`, or `custom` for the days given.
        first, last: The days of a custom period.
        group, priority, type, channel, tier: Values asked for.
        options: Whatever else a page's URL says, by name; a page reads what it knows with `option`.
    """

    period: str = _USUAL_PERIOD
    first: date | None = None
    last: date | None = None
    group: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    def option(self, name: str) -> str | None:
        """Return what the URL says of a page's own option; not to be trusted."""
        return dict(self.options).get(name)

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Return what the URL says of an option if it is one of the choices, or the first."""
        said = self.option(name)
        return said if said is not None and said in choices else choices[0]

    def with_options(self, **options: str) -> "Filters":
        """Return the same filters with these options besides."""
        return replace(self, options=tuple(sorted({**dict(self.options), **options}.items())))

    def resolve(self, as_of: datetime) -> Period:
        """Return the days meant, the last whole one before the tower's clock as the latest.

        A named period ends with that day; `all` begins in 1990.
        """
        latest = (as_of - timedelta(days=1)).date()
        if self.period == _CUSTOM and self.first and self.last:
            return Period(self.first, self.last)
        days = PERIODS[self.period][1]
        return Period(latest - timedelta(days=days - 1) if days else _EARLIEST, latest)

    @property
    def is_everything(self) -> bool:
        """Return whether no dimension is filtered by."""
        return not any(getattr(self, name) for name in DIMENSIONS)

    def without_period(self) -> "Filters":
        """Return the same filters over all time."""
        return replace(self, period="all", first=None, last=None)

    def over(self, period: Period) -> "Filters":
        """Return the same filters over other days."""
        return replace(self, period=_CUSTOM, first=period.first, last=period.last)

    def where(self, alias: str = "", names: Iterable[Dimension] = tuple(DIMENSIONS)) -> Predicate:
        """Return the condition the dimensions come to; `true` if nothing is filtered by.

        Args:
            alias: Table the columns belong to, as the query names it.
            names: Dimensions the table has.
        """
        parts: list[str] = []
        parameters: list[object] = []
        for name in names:
            values: tuple[str, ...] = getattr(self, name)
            if values:
                column = f"{alias}.{DIMENSIONS[name]}" if alias else DIMENSIONS[name]
                parts.append(f"list_contains(?, {column})")
                parameters.append(list(values))
        return Predicate(" and ".join(parts) or "true", tuple(parameters))

    def to_query(self) -> str:
        """Return the URL's query, with its question mark; empty for the usual view."""
        pairs: list[tuple[str, str]] = []
        if self.period == _CUSTOM and self.first and self.last:
            pairs += [("from", self.first.isoformat()), ("to", self.last.isoformat())]
        elif self.period != _USUAL_PERIOD:
            pairs.append(("period", self.period))
        for name in DIMENSIONS:
            pairs += [(name, value) for value in getattr(self, name)]
        pairs += self.options
        return f"?{urlencode(pairs)}" if pairs else ""


@dataclass(frozen=True)
class Understood:
    """Filters read from a URL, and a sentence for every part of it that was left out."""

    filters: Filters
    left_out: tuple[str, ...]


def understand(query: str | None, known: Mapping[str, Sequence[str]] | None = None) -> Understood:
    """Return the filters a URL's query asks for.

    Whatever cannot be meant is left out and told of; nothing of it reaches a query.

    Args:
        query: The query, with or without its question mark.
        known: Values each dimension has in the snapshot; any are taken if not given.
    """
    try:
        pairs = parse_qsl((query or "").removeprefix("?"), max_num_fields=_MOST_VALUES)
    except ValueError:
        return Understood(Filters(), ("The link has too many parts; it was not followed.",))
    chosen: dict[str, dict[str, None]] = {}
    left_out: list[str] = []
    for name, value in pairs:
        problem = _problem(name, value, known or {})
        if problem:
            left_out.append(problem)
        else:
            chosen.setdefault(name, {})[value] = None
    period, first, last, objection = _period_of(
        {name: next(reversed(values)) for name, values in chosen.items()}
    )
    if objection:
        left_out.append(objection)
    dimensions: dict[str, tuple[str, ...]] = {
        str(name): tuple(sorted(chosen.get(name, ()))) for name in DIMENSIONS
    }
    filters = Filters(
        period=period,
        first=first,
        last=last,
        options=tuple(
            (name, next(reversed(values)))
            for name, values in sorted(chosen.items())
            if name not in DIMENSIONS and name not in _PERIOD_PARTS
        ),
        **dimensions,
    )
    return Understood(filters, tuple(left_out))


def _problem(name: str, value: str, known: Mapping[str, Sequence[str]]) -> str | None:
    """Return what is wrong with a part of a query, if anything is."""
    if len(value) > _MOST_CHARACTERS or not _NAME.fullmatch(name):
        return f"“{_shown(name)}={_shown(value)}” means nothing here."
    if name == "period" and value not in PERIODS:
        return f"The period “{_shown(value)}” is not known."
    if name in ("from", "to") and not _day(value):
        return f"“{_shown(value)}” is no day; write it as 2026-03-31."
    if name in DIMENSIONS and known and value not in known.get(name, ()):
        return f"There is no {name} “{_shown(value)}” in this data."
    return None


def _period_of(parts: Mapping[str, str]) -> tuple[str, date | None, date | None, str | None]:
    """Return the period a query names, its days if it is a custom one, and what is wrong."""
    named = parts.get("period", _USUAL_PERIOD)
    first, last = (_day(parts.get(name, "")) for name in ("from", "to"))
    if first and last:
        if first <= last:
            return _CUSTOM, first, last, None
        return named, None, None, "The period ends before it begins."
    if first or last:
        return named, None, None, "A period needs both its first and its last day."
    return named, None, None, None


def _day(text: str) -> date | None:
    if not _ISO_DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _EARLIEST <= day <= _LATEST else None


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
