"""The alert log: JSON lines, append only, and the only memory of what was told.

The open alerts are found by reading the log back, so that one append is the whole commit: what is
in the log was told, what is not was not, whatever crashed in between. A line cut short by a crash
is cut off before the next one is written. When the log has grown past its limit it is set aside,
and the new one begins with a line that carries the open alerts on.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from control_tower.alerts.news import Alert, ClockKey, News
from control_tower.disk import flush_to_disk

__all__ = ["AlertLog", "AlertLogBusyError", "LoggedNews"]

_CARRIED: Final = "carried"


class AlertLogBusyError(TimeoutError):
    """Another writer did not let go of the log in time."""


@dataclass(frozen=True)
class LoggedNews:
    """A line of the log.

    Attributes:
        number: Counts the lines of news of all time, from 1.
        time: When it was written.
        as_of: The tower's clock then.
        news: What it says.
    """

    number: int
    time: datetime
    as_of: datetime
    news: News


@dataclass
class _State:
    told: dict[ClockKey, Alert]
    last_number: int


class AlertLog:
    """The log at a path, with the files set aside beside it (`.1` is the newest)."""

    def __init__(
        self,
        path: Path,
        *,
        limit_bytes: int = 10_000_000,
        kept: int = 5,
        wait_seconds: float = 60,
    ) -> None:
        """Name the log; nothing is read or written yet.

        Args:
            path: The log.
            limit_bytes: Size from which on it is set aside, beside what it carried on.
            kept: How many of those set aside are kept.
            wait_seconds: How long to wait for another writer.
        """
        self.path = path
        self._limit_bytes = limit_bytes
        self._kept = kept
        self._wait_seconds = wait_seconds

    def tell(
        self,
        find_news: Callable[[Mapping[ClockKey, Alert]], Iterator[News]],
        as_of: datetime,
    ) -> Sequence[LoggedNews]:
        """Write the news, given what was told before, and return the lines written.

        Two writers take turns, and the second sees what the first has told.

        Args:
            find_news: Called once with the open alerts.
            as_of: The tower's clock.

        Raises:
            AlertLogBusyError: If another writer did not finish in time.
            OSError: If the log cannot be read or written; what was told stays as it was.
        """
        with self._alone():
            self._cut_torn_line()
            state = self._read_state()
            if self._grown_bytes() >= self._limit_bytes or self._lost_its_place():
                self._set_aside(state)
            now = datetime.now(UTC)
            lines = [
                LoggedNews(number, now, as_of, news)
                for number, news in enumerate(find_news(state.told), start=state.last_number + 1)
            ]
            if lines:
                self._append("".join(_written(line) for line in lines))
            return lines

    def open_alerts(self) -> Mapping[ClockKey, Alert]:
        """Return the open alerts, as last told."""
        with self._alone():
            return self._read_state().told

    def news_after(self, number: int, since: datetime) -> Sequence[LoggedNews]:
        """Return the news after a line's number and since a moment, oldest first.

        Lines that say nothing this version understands are passed over.
        """
        with self._alone():
            found: list[LoggedNews] = []
            for path in (self._aside(1), self.path):
                for line in _lines(path):
                    news = _read_news(line)
                    if news and news.number > number and news.time >= since:
                        found.append(news)
            return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"))
        try:
            lock.acquire(timeout=self._wait_seconds)
        except Timeout:
            raise AlertLogBusyError(
                f"another process has held {self.path} for {self._wait_seconds:g} seconds; "
                "end it and run again"
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _grown_bytes(self) -> int:
        """Return how much was written since the log began, what it carried on left out."""
        if not self.path.exists():
            return 0
        with self.path.open("rb") as file:
            first = file.readline()
            carried = len(first) if f'"{_CARRIED}"'.encode() in first else 0
        return self.path.stat().st_size - carried

    def _lost_its_place(self) -> bool:
        """Return whether a crash came after the log was set aside and before the new one began."""
        return not self.path.exists() and self._aside(1).exists()

    def _aside(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _read_state(self) -> _State:
        state = _State({}, 0)
        path = self._aside(1) if self._lost_its_place() else self.path
        for line in _lines(path):
            _replay(state, line)
        return state

    def _cut_torn_line(self) -> None:
        if not self.path.exists():
            return
        with self.path.open("r+b") as file:
            content = file.read()
            if content and not content.endswith(b"\n"):
                file.truncate(content.rfind(b"\n") + 1)
                os.fsync(file.fileno())

    def _append(self, text: str) -> None:
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            _write_all(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            flush_to_disk(self.path.parent)

    def _set_aside(self, state: _State) -> None:
        """Begin a new log that carries the open alerts on; at no point is the state lost."""
        fresh = self.path.with_name(f".{self.path.name}.partial")
        carried = {
            "time": datetime.now(UTC).isoformat(),
            "event": _CARRIED,
            "number": state.last_number,
            "alerts": [{**key._asdict(), **asdict(alert)} for key, alert in state.told.items()],
        }
        with fresh.open("w", encoding="utf-8") as file:
            file.write(json.dumps(carried) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if self.path.exists():
            self._aside(self._kept).unlink(missing_ok=True)
            for number in range(self._kept - 1, 0, -1):
                if self._aside(number).exists():
                    self._aside(number).replace(self._aside(number + 1))
            self.path.replace(self._aside(1))
        fresh.replace(self.path)
        flush_to_disk(self.path.parent)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a log that can be read; one cut short by a crash is none."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and text.endswith("\n"):
                yield line


def _replay(state: _State, line: Mapping[str, Any]) -> None:
    if line.get("event") == _CARRIED:
        state.last_number = max(state.last_number, int(line["number"]))
        state.told = {
            _key(alert): Alert(alert["risk"], alert["group_name"], alert["priority"])
            for alert in line["alerts"]
        }
        return
    logged = _read_news(line)
    if not logged:
        return
    state.last_number = max(state.last_number, logged.number)
    news = logged.news
    if news.event == "resolved":
        state.told.pop(news.key, None)
    else:
        state.told[news.key] = Alert(news.risk, news.group_name, news.priority)


def _written(line: LoggedNews) -> str:
    news = line.news
    fields = {
        "number": line.number,
        "time": line.time.isoformat(),
        "as_of": line.as_of.isoformat(),
        "event": news.event,
        **news.key._asdict(),
        "group_name": news.group_name,
        "priority": news.priority,
        "risk": news.risk,
        "previous_risk": news.previous_risk,
        "remaining_minutes": _rounded(news.remaining_minutes, 2),
        "breach_at": news.breach_at.isoformat() if news.breach_at else None,
        "breach_probability": _rounded(news.breach_probability, 4),
        "reason": news.reason,
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _read_news(line: Mapping[str, Any]) -> LoggedNews | None:
    if line.get("event") not in ("opened", "worsened", "resolved"):
        return None
    try:
        return LoggedNews(
            number=int(line["number"]),
            time=datetime.fromisoformat(line["time"]),
            as_of=datetime.fromisoformat(line["as_of"]),
            news=News(
                event=line["event"],
                key=_key(line),
                group_name=line["group_name"],
                priority=line["priority"],
                risk=line["risk"],
                previous_risk=line["previous_risk"],
                remaining_minutes=line["remaining_minutes"],
                breach_at=datetime.fromisoformat(line["breach_at"]) if line["breach_at"] else None,
                breach_probability=line["breach_probability"],
                reason=line["reason"],
            ),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _key(fields: Mapping[str, Any]) -> ClockKey:
    return ClockKey(int(fields["ticket_id"]), str(fields["metric"]), int(fields["instance"]))


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
