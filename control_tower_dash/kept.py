"""What was worked out of a snapshot, kept for as long as the snapshot is open."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from control_tower_dash.filters import Filters
from control_tower_dash.warehouse import Reader

__all__ = ["KeptBySnapshot", "kept_by_filters"]

_Key = TypeVar("_Key", bound=Hashable)
_Answer = TypeVar("_Answer")

_MOST_BY_FILTERS = 16


class KeptBySnapshot(Generic[_Key, _Answer]):
    """The last so many answers of each snapshot; a snapshot never changes, so none goes stale."""

    def __init__(self, most: int) -> None:
        """Take how many answers to keep of a snapshot."""
        self._most = most
        self._lock = threading.Lock()
        self._known: WeakKeyDictionary[Reader, OrderedDict[_Key, _Answer]] = WeakKeyDictionary()

    def of(self, reader: Reader, key: _Key, work_out: Callable[[], _Answer]) -> _Answer:
        """Return the answer for a key, worked out if it is not known; nobody else waits for it."""
        with self._lock:
            known = self._known.setdefault(reader, OrderedDict())
            if key in known:
                known.move_to_end(key)
                return known[key]
        answer = work_out()
        with self._lock:
            known[key] = answer
            while len(known) > self._most:
                known.popitem(last=False)
        return answer


def kept_by_filters(
    work_out: Callable[[Reader, Filters], _Answer],
) -> Callable[[Reader, Filters], _Answer]:
    """Let a query keep its last answers: what several parts of a page ask is worked out once.

    Nobody may change an answer that is a mutable object.
    """
    known: KeptBySnapshot[Filters, _Answer] = KeptBySnapshot(_MOST_BY_FILTERS)

    @wraps(work_out)
    def answer(reader: Reader, filters: Filters) -> _Answer:
        return known.of(reader, filters, lambda: work_out(reader, filters))

    return answer
