"""The one error of this source."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["EventLogError", "closest"]


class EventLogError(ValueError):
    """An event log or its mapping cannot be used; one sentence says where, why and what to do."""


def closest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the known word nearest to a mistyped one, else nothing."""
    by_lower_case = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower_case, n=1, cutoff=0.6)
    return f"; did you mean '{by_lower_case[near[0]]}'?" if near else ""
