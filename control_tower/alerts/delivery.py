"""News on its way to Slack, Teams, e-mail or a webhook, through apprise; off unless configured.

Each channel has a cursor: the number of the last line it was sent. What a channel did not take goes
out with the next scan, for a day. A crash between sending and noting it sends that digest again.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

from filelock import FileLock, Timeout

from control_tower.alerts.digest import Digest
from control_tower.disk import write_whole

if TYPE_CHECKING:
    from apprise import Apprise

__all__ = ["Delivery", "NewsLog", "Numbered", "complaints", "deliver"]

Outcome = Literal["sent", "nothing new", "failed", "unusable"]

_TOLD_FOR: Final = timedelta(days=1)
"""News older than this is no longer worth a message."""

_PATIENCE_SECONDS: Final = 15.0


class Numbered(Protocol):
    """A line of a log, counted from 1."""

    @property
    def number(self) -> int:
        """Return which line it is."""
        ...


Line = TypeVar("Line", bound=Numbered)
Line_co = TypeVar("Line_co", bound=Numbered, covariant=True)


class NewsLog(Protocol[Line_co]):
    """A log of news that is only ever added to."""

    @property
    def path(self) -> Path:
        """Return where it lies; the cursors lie beside it."""
        ...

    def news_after(self, number: int, since: datetime) -> Sequence[Line_co]:
        """Return the news after a line's number and since a moment, oldest first."""
        ...


@dataclass(frozen=True)
class Delivery:
    """How it went with one channel.

    Attributes:
        channel: The kind of channel and its place in the setting; never its address.
        outcome: What became of the digest.
        news: How many lines of the log were due.
    """

    channel: str
    outcome: Outcome
    news: int


def deliver(
    log: NewsLog[Line],
    urls: Sequence[str],
    *,
    digest_of: Callable[[Sequence[Line]], Digest | None],
    patience_seconds: float = _PATIENCE_SECONDS,
) -> Sequence[Delivery]:
    """Send every channel one digest of the news it has not had yet.

    Channels are tried at the same time. One that does not answer in time, refuses, or cannot be
    made sense of is reported, never raised. While another process delivers, nothing is sent.

    Args:
        log: What there is to tell.
        urls: Addresses as apprise writes them, such as `slack://…`, `msteams://…`, `mailto://…`
            or `json://…`.
        digest_of: Makes one message of many news; None if there is nothing to say.
        patience_seconds: How long to wait for all channels together.

    Raises:
        OSError: If the cursors cannot be read or written.
    """
    if not urls:
        return []
    lock = FileLock(log.path.with_name(f".{log.path.name}.delivery.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return []
    try:
        return _deliver(log, urls, digest_of, patience_seconds)
    finally:
        lock.release()


def _deliver(
    log: NewsLog[Line],
    urls: Sequence[str],
    digest_of: Callable[[Sequence[Line]], Digest | None],
    patience_seconds: float,
) -> Sequence[Delivery]:
    cursors = _read_cursors(log)
    since = datetime.now(UTC) - _TOLD_FOR
    attempts: list[tuple[str, int, int, _Attempt | None]] = []
    for place, url in enumerate(urls, start=1):
        # The address is a secret, so the cursor goes by its fingerprint.
        name = hashlib.sha256(url.encode()).hexdigest()[:16]
        due = log.news_after(cursors.get(name, 0), since)
        digest = digest_of(due)
        last = due[-1].number if due else cursors.get(name, 0)
        attempt = _Attempt(place, url, digest) if digest else None
        attempts.append((name, last, len(due), attempt))
    deadline = datetime.now(UTC) + timedelta(seconds=patience_seconds)
    deliveries: list[Delivery] = []
    for place, (name, last, due_lines, attempt) in enumerate(attempts, start=1):
        if attempt is None:
            outcome: Outcome = "nothing new"
            channel = f"channel {place}"
        else:
            outcome = attempt.wait((deadline - datetime.now(UTC)).total_seconds())
            channel = attempt.channel
        if outcome in ("sent", "nothing new"):
            cursors[name] = last
        deliveries.append(Delivery(channel, outcome, due_lines))
    _write_cursors(log, cursors)
    return deliveries


def complaints(deliveries: Sequence[Delivery]) -> Iterator[str]:
    """Yield what to say of each delivery that came to nothing."""
    for delivery in deliveries:
        if delivery.outcome == "unusable":
            yield (
                f"{delivery.channel} of CONTROL_TOWER_ALERT_URLS is no address that apprise "
                "knows; nothing was sent there"
            )
        elif delivery.outcome == "failed":
            yield (
                f"{delivery.channel} did not take the news; what it missed goes out with the next "
                "scan, for a day"
            )


class _Attempt:
    """A digest on its way, in a thread of its own that cannot keep the process from ending."""

    def __init__(self, place: int, url: str, digest: Digest) -> None:
        # Its plugins take a while to load, and most desks send nothing.
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415

        # What it logs may hold parts of addresses.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        self.channel = f"channel {place}"
        self._outcome: Outcome = "failed"
        self._thread: threading.Thread | None = None
        asset = AppriseAsset(
            app_id="Operations Control Tower",
            app_desc="Alerts on service levels",
            storage_mode="memory",
            http_redirects=False,
        )
        service = Apprise.instantiate(url, asset=asset)
        if service is None:
            self._outcome = "unusable"
            return
        self.channel = f"{service.service_name} (channel {place})"
        sender = Apprise(asset=asset)
        sender.add(service)
        self._thread = threading.Thread(
            target=self._send, args=(sender, digest), name=self.channel, daemon=True
        )
        self._thread.start()

    def wait(self, seconds: float) -> Outcome:
        """Return what became of the digest, or that it failed if that takes too long."""
        if self._thread:
            self._thread.join(max(seconds, 0))
            if self._thread.is_alive():
                return "failed"
        return self._outcome

    def _send(self, sender: "Apprise", digest: Digest) -> None:
        title, body = digest
        if sender.notify(body=body, title=title, notify_type="warning", body_format="text"):
            self._outcome = "sent"


def _cursor_path(log: NewsLog[Numbered]) -> Path:
    return log.path.with_name(f".{log.path.name}.delivered.json")


def _read_cursors(log: NewsLog[Numbered]) -> dict[str, int]:
    try:
        read = json.loads(_cursor_path(log).read_text(encoding="utf-8"))
        return {str(name): int(number) for name, number in read.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, TypeError):
        # Better told twice than never.
        return {}


def _write_cursors(log: NewsLog[Numbered], cursors: dict[str, int]) -> None:
    write_whole(_cursor_path(log), json.dumps(cursors).encode())
