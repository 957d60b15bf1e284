"""Failed attempts to sign in, so that passwords cannot be tried one after another."""

import threading
import time
from collections import OrderedDict
from typing import Final

__all__ = ["Attempts"]

_REMEMBERED: Final = 10_000


class Attempts:
    """Counts failures by who failed, each forgotten after a while."""

    def __init__(self, most: int, seconds: float) -> None:
        """Allow so many failures within so many seconds."""
        self._most = most
        self._seconds = seconds
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def seconds_to_wait(self, who: str) -> float:
        """Return how long somebody must wait before trying again; zero if not at all."""
        with self._lock:
            recent = self._recent(who)
            if len(recent) < self._most:
                return 0.0
            return recent[-self._most] + self._seconds - time.monotonic()

    def failed(self, who: str) -> None:
        """Count a failure."""
        with self._lock:
            self._failures[who] = [*self._recent(who)[-self._most :], time.monotonic()]
            self._failures.move_to_end(who)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)

    def _recent(self, who: str) -> list[float]:
        since = time.monotonic() - self._seconds
        return [moment for moment in self._failures.get(who, []) if moment > since]
