"""News on its way: to a real server on this machine, a dead port, a slow one."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from control_tower.alerts import delivery
from control_tower.alerts.delivery import Delivery
from control_tower.alerts.digest import digest_of
from control_tower.alerts.log_file import AlertLog, LoggedNews
from control_tower.alerts.news import News
from tests.alerts.log_writers import AS_OF, opened


def deliver(
    log: AlertLog, urls: Sequence[str], *, patience_seconds: float = 15.0
) -> Sequence[Delivery]:
    """Deliver as the alerts are."""
    return delivery.deliver(log, urls, digest_of=digest_of, patience_seconds=patience_seconds)


class _Channel(ThreadingHTTPServer):
    """A server that keeps what it is sent, answers as told, and may take its time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[dict[str, Any]] = []
        self.status = 200
        self.trickles = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"json://tower:hush-hush@127.0.0.1:{self.server_port}/secret-path"


class _Handler(BaseHTTPRequestHandler):
    server: _Channel

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status)
        if self.server.trickles:
            self.send_header("Content-Length", "1000")
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.2)
            return
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.received.append(json.loads(body))

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def channel() -> Iterator[_Channel]:
    """A channel that works."""
    with _Channel() as server:
        yield server
        server.shutdown()


@pytest.fixture
def dead_url() -> str:
    """An address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"json://tower:hush-hush@127.0.0.1:{port}/secret-path"


@pytest.fixture
def log(tmp_path: Path) -> AlertLog:
    """A log with three alerts."""
    log = AlertLog(tmp_path / "alerts.log")
    log.tell(lambda _: iter([opened(1), opened(2, "breached"), opened(3)]), AS_OF)
    return log


def test_one_digest_arrives_and_never_again(log: AlertLog, channel: _Channel) -> None:
    """Three alerts, one message, the most urgent first; then nothing until there is news."""
    (sent,) = deliver(log, [channel.url])
    assert (sent.channel, sent.outcome, sent.news) == ("JSON (channel 1)", "sent", 3)
    (message,) = channel.received
    assert message["title"] == "Control tower: 3 new, 0 worse, 0 resolved"
    lines = message["message"].splitlines()
    assert lines[1] == "By risk: 1 breached, 2 high"
    assert lines[2] == "By group: 3 Tier 1 Support"
    assert lines[4].startswith("- breached: ticket 2, ")
    (again,) = deliver(log, [channel.url])
    assert again.outcome == "nothing new"
    log.tell(lambda _: iter([opened(4)]), AS_OF)
    deliver(log, [channel.url])
    assert [m["title"] for m in channel.received[1:]] == [
        "Control tower: 1 new, 0 worse, 0 resolved"
    ]


def test_off_unless_configured(log: AlertLog) -> None:
    """No channel, no cursor, no message."""
    assert deliver(log, []) == []
    assert not list(log.path.parent.glob("*delivered*"))


def test_a_dead_channel_is_reported_and_does_not_hold_up_the_others(
    log: AlertLog, channel: _Channel, dead_url: str
) -> None:
    """What it missed goes out once it is back, to it alone."""
    first = deliver(log, [dead_url, channel.url])
    assert [d.outcome for d in first] == ["failed", "sent"]
    channel.status = 500
    second = deliver(log, [dead_url, channel.url])
    assert [d.outcome for d in second] == ["failed", "nothing new"]
    log.tell(lambda _: iter([opened(4)]), AS_OF)
    (refused,) = deliver(log, [channel.url])
    assert (refused.outcome, refused.news) == ("failed", 1)
    channel.status = 200
    channel.received.clear()
    (back,) = deliver(log, [channel.url])
    assert (back.outcome, back.news) == ("sent", 1)
    assert len(channel.received) == 1


def test_a_channel_that_never_finishes_answering_is_given_up(
    log: AlertLog, channel: _Channel
) -> None:
    """A byte now and then keeps a connection alive for ever, but not the tower."""
    channel.trickles = True
    started = time.monotonic()
    (slow,) = deliver(log, [channel.url], patience_seconds=1.5)
    assert slow.outcome == "failed"
    assert time.monotonic() - started < 15


def test_an_address_nobody_understands_is_reported_by_its_place(
    log: AlertLog, channel: _Channel
) -> None:
    """And never by what it says."""
    unusable, sent = deliver(log, ["slakc://hush-hush/token", channel.url])
    assert (unusable.channel, unusable.outcome) == ("channel 1", "unusable")
    assert sent.outcome == "sent"


def test_addresses_stay_secret(
    log: AlertLog,
    dead_url: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Neither logs, nor output, nor the files beside the alert log, nor the report hold them."""
    caplog.set_level(logging.INFO)
    report = deliver(log, [dead_url, "slakc://hush-hush/token"])
    said = "".join([caplog.text, *capfd.readouterr(), repr(report)])
    files = "".join(p.read_text("utf-8") for p in log.path.parent.iterdir() if p.is_file())
    for secret in ("hush-hush", "secret-path", "token"):
        assert secret not in said
        assert secret not in files


def test_one_process_delivers_at_a_time(log: AlertLog, channel: _Channel) -> None:
    """The other leaves it to the first."""
    with FileLock(log.path.with_name(".alerts.log.delivery.lock")):
        assert deliver(log, [channel.url]) == []
    assert not channel.received


def test_a_damaged_cursor_tells_again(log: AlertLog, channel: _Channel) -> None:
    """Better twice than never."""
    deliver(log, [channel.url])
    log.path.with_name(".alerts.log.delivered.json").write_text("{", encoding="utf-8")
    (again,) = deliver(log, [channel.url])
    assert again.outcome == "sent"


def _logged(*news: News) -> list[LoggedNews]:
    now = datetime.now(UTC)
    return [LoggedNews(number, now, AS_OF, new) for number, new in enumerate(news, start=1)]


def test_a_digest_is_short() -> None:
    """Ten lines however many alerts, and a word about the rest."""
    digest = digest_of(_logged(*(opened(ticket) for ticket in range(1, 101))))
    assert digest
    title, body = digest
    assert title == "Control tower: 100 new, 0 worse, 0 resolved"
    assert body.count("\n- ") == 10
    assert "90 more" in body


def test_a_digest_tells_the_latest_of_each_clock() -> None:
    """Opened and worsened since: one line. Opened and resolved since: none."""
    worse = replace(opened(1, "breached"), event="worsened", previous_risk="high")
    over = replace(opened(2), event="resolved")
    digest = digest_of(_logged(opened(1), opened(2), worse, over))
    assert digest
    assert digest[0] == "Control tower: 0 new, 1 worse, 0 resolved"
    assert "ticket 2" not in digest[1]
    assert digest_of(_logged(opened(2), over)) is None
    assert digest_of([]) is None
