"""The unit of a column, read off its name, its bounds and its description."""

import re
from typing import Final

import dataframely as dy

__all__ = ["unit_of"]

_IN_NAME: Final = re.compile(
    r"(?:^|_)(fte_days|fte|microseconds|seconds|minutes|hours_per_day|hours|usd|days"
    r"|tickets_per_day)(?:_|$)"
)
_IN_WORDS: Final = re.compile(
    r"\b(?:, |showed .*, )(microseconds|tickets|days|robust standard deviations|"
    r"standard deviations|minute of the day)\b"
)
_SHARE_IN_NAME: Final = re.compile(r"(?:^|_)(share|rate|attainment|probability|coverage)(?:_|$)")
_RANGE_IN_WORDS: Final = re.compile(r"\b(\d+)(?: \(worst\))? to (\d+)\b")
_ORDINAL_NAME: Final = re.compile(
    r"(?:^|_)(rank|position|instance|step|place|weekday|class|hour|number|bin)$"
)


def unit_of(name: str, kind: str, description: str, column: dy.Column | None = None) -> str:
    """Return the unit of a column; empty for keys, texts and flags, which have none.

    Args:
        name: The column's name.
        kind: Its type in DuckDB.
        description: What is said of it.
        column: Its declaration, where that knows its bounds.
    """
    if kind.startswith("timestamp"):
        return "UTC"
    if kind == "date":
        return "day"
    is_number = kind in ("bigint", "double") and not name.endswith("_id")
    return _of_number(name, kind, description, column) if is_number else ""


def _of_number(name: str, kind: str, description: str, column: dy.Column | None) -> str:
    if found := _IN_NAME.search(name) or _IN_WORDS.search(description):
        return found[1].replace("_", " ").replace("fte", "FTE").replace("usd", "USD")
    bounds = (getattr(column, "min", None), getattr(column, "max", None))
    is_share = kind == "double" and (bounds == (0, 1) or _SHARE_IN_NAME.search(name))
    if is_share or "0 to 1" in description.split(", "):
        return "share of one"
    if found := _RANGE_IN_WORDS.search(description):
        return f"{found[1]} to {found[2]}"
    if _ORDINAL_NAME.search(name):
        return "ordinal"
    return "number" if kind == "double" else "count"
