"""The alert log: one line per change, whatever crashes, whoever else writes."""

import json
import multiprocessing
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from control_tower.alerts.log_file import AlertLog, AlertLogBusyError
from control_tower.alerts.news import Alert, ClockKey, News
from tests.alerts.log_writers import AS_OF, opened, tell_each_once

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def _tell(log: AlertLog, *news: News) -> None:
    log.tell(lambda _told: iter(news), AS_OF)


def _lines(*paths: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for path in paths for text in path.read_text("utf-8").splitlines()]


def _tickets_told(path: Path) -> list[int]:
    """Return the tickets of all lines of news in the log and what was set aside, in order."""
    aside = sorted(path.parent.glob(f"{path.name}.[0-9]*"), key=lambda p: -int(p.suffix[1:]))
    return [line["ticket_id"] for line in _lines(*aside, path) if line["event"] == "opened"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log will be."""
    return tmp_path / "alerts.log"


def test_lines_say_all_there_is_to_know(path: Path) -> None:
    """Each line stands for itself: when, what, which clock, how urgent, why."""
    _tell(AlertLog(path), opened(7))
    (line,) = _lines(path)
    written = datetime.fromisoformat(line.pop("time"))
    assert timedelta(0) <= datetime.now(UTC) - written < timedelta(minutes=1)
    assert line == {
        "number": 1,
        "as_of": "2026-03-10T12:00:00+00:00",
        "event": "opened",
        "ticket_id": 7,
        "metric": "first_reply_time",
        "instance": 1,
        "group_name": "Tier 1 Support",
        "priority": "urgent",
        "risk": "high",
        "previous_risk": None,
        "remaining_minutes": 12.5,
        "breach_at": "2026-03-10T12:00:00+00:00",
        "breach_probability": 0.5,
        "reason": "Ticket 7 „läuft“ ab",
    }


def test_open_alerts_are_read_back(path: Path) -> None:
    """A new process knows what was told: opened, worsened, resolved."""
    worse = replace(opened(1, "breached"), event="worsened", previous_risk="high")
    _tell(AlertLog(path), opened(1), opened(2))
    _tell(AlertLog(path), worse, replace(opened(2), event="resolved"))
    assert AlertLog(path).open_alerts() == {
        ClockKey(1, "first_reply_time", 1): Alert("breached", "Tier 1 Support", "urgent")
    }
    assert [line.number for line in AlertLog(path).news_after(2, LONG_AGO)] == [3, 4]


def test_nothing_new_leaves_the_log_alone(path: Path) -> None:
    """A scan without news writes nothing, not even an empty log."""
    _tell(AlertLog(path))
    assert not path.exists()


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99])
def test_a_line_cut_short_by_a_crash_is_cut_off(path: Path, kept: float) -> None:
    """What was not written whole was not told, and is told again; the rest stays."""
    log = AlertLog(path)
    _tell(log, opened(1))
    whole = path.read_bytes()
    _tell(log, opened(2))
    torn = path.read_bytes()[len(whole) :]
    path.write_bytes(whole + torn[: int(len(torn) * kept)])
    assert {key.ticket_id for key in log.open_alerts()} == {1}
    tell_each_once(path, 3, 1, 10**6)
    assert _tickets_told(path) == [1, 2, 3]
    assert [line["number"] for line in _lines(path)] == [1, 2, 3]


def test_lines_of_others_are_passed_over(path: Path) -> None:
    """An empty line, or one of a later version, is neither an alert nor the end."""
    path.write_text('\n{"event": "muted", "number": 9}\n[1]\n', encoding="utf-8")
    _tell(AlertLog(path), opened(1))
    assert {key.ticket_id for key in AlertLog(path).open_alerts()} == {1}


def test_a_large_log_is_set_aside_and_nothing_is_told_twice(path: Path) -> None:
    """The new log carries the open alerts on; so many old ones are kept."""
    log = AlertLog(path, limit_bytes=2000, kept=2)
    for ticket in range(1, 41):
        _tell(log, opened(ticket))
        assert {key.ticket_id for key in log.open_alerts()} == set(range(1, ticket + 1))
    assert sorted(p.name for p in path.parent.iterdir() if not p.name.startswith(".")) == [
        "alerts.log",
        "alerts.log.1",
        "alerts.log.2",
    ]
    numbers = [line["number"] for line in _lines(path) if line["event"] == "opened"]
    assert numbers[-1] == 40
    assert log.news_after(39, LONG_AGO)[0].news.key.ticket_id == 40


def test_a_crash_while_setting_aside_loses_nothing(path: Path) -> None:
    """The log was set aside, and the new one had not begun."""
    log = AlertLog(path)
    _tell(log, opened(1), opened(2))
    path.rename(path.with_name("alerts.log.1"))
    assert {key.ticket_id for key in log.open_alerts()} == {1, 2}
    _tell(log, opened(3))
    assert {key.ticket_id for key in log.open_alerts()} == {1, 2, 3}
    assert _lines(path)[-1]["number"] == 3
    assert path.with_name("alerts.log.1").exists()


def test_old_news_is_not_found_again(path: Path) -> None:
    """Only what was written since the moment given."""
    _tell(AlertLog(path), opened(1))
    assert not AlertLog(path).news_after(0, datetime.now(UTC) + timedelta(seconds=1))


def test_two_writers_take_turns(path: Path) -> None:
    """Three processes told of the same sixty tickets tell of each once, in whole lines."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=tell_each_once, args=(path, 60, 3, 4000)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert _tickets_told(path) == list(range(1, 61))


def test_killed_at_any_moment_each_is_told_once(path: Path) -> None:
    """Killed without warning again and again, with logs set aside in between."""
    command = [sys.executable, "-m", "tests.alerts.log_writers", str(path), "120", "1", "6000"]
    kills = 0
    for pause in (0.0, 0.013, 0.034):
        told_before = path.stat().st_size if path.exists() else 0
        writer = subprocess.Popen(command)
        patience = time.monotonic() + 20
        while time.monotonic() < patience and writer.poll() is None:
            if path.exists() and path.stat().st_size != told_before:
                break
            time.sleep(0.002)
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        kills += writer.wait() == -signal.SIGKILL
    assert kills
    subprocess.run(command, check=True, timeout=60)
    assert _tickets_told(path) == list(range(1, 121))


def test_a_writer_that_does_not_let_go_is_named(path: Path) -> None:
    """Rather an error that says what to do than a scan that never ends."""
    log = AlertLog(path, wait_seconds=0.05)
    with (
        FileLock(path.with_name(".alerts.log.lock")),
        pytest.raises(AlertLogBusyError, match="another process has held"),
    ):
        _tell(log, opened(1))


def test_what_cannot_be_computed_is_not_told(path: Path) -> None:
    """An error on the way to the news leaves the log as it was, and free for the next."""

    def broken(_told: Mapping[ClockKey, Alert]) -> Iterator[News]:
        yield opened(1)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        AlertLog(path).tell(broken, AS_OF)
    assert not path.exists()
    _tell(AlertLog(path), opened(1))
