"""What tickets can be filtered by in a snapshot."""

from typing import Final

from control_tower_dash.filters import DIMENSIONS
from control_tower_dash.warehouse import Reader

__all__ = ["filter_values", "priority_rank"]

_PRIORITIES: Final = ("urgent", "high", "normal", "low")


def filter_values(reader: Reader) -> dict[str, list[str]]:
    """Return the values every dimension has: priorities from urgent on, the rest by name."""
    values: dict[str, list[str]] = {}
    for name, column in DIMENSIONS.items():
        found = reader.query(
            f"select distinct {column} as value from marts.ticket_outcomes "  # noqa: S608
            f"where {column} is not null and not is_deleted"
        )["value"].to_list()
        values[name] = sorted(found, key=lambda value: (priority_rank(value), value))
    return values


def priority_rank(priority: str) -> int:
    """Return the place of a priority, urgent first; what is none comes last."""
    return _PRIORITIES.index(priority) if priority in _PRIORITIES else len(_PRIORITIES)
