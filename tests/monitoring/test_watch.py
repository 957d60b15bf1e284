"""The daily run is late or failed: told once; and that it is well again: told once."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from control_tower.cli import app
from control_tower.failed_runs import FailedRun, record_failed_run
from control_tower.jobs import ALERTS_JOB, DAILY_JOB
from control_tower.monitoring.watch import Watched, troubles, watch
from tests.dashboard.tiny_desk import FIRST, publish_generation

_OLDEST = timedelta(hours=30)
_EARLY = FIRST + timedelta(hours=20)
_LATE = FIRST + timedelta(hours=40)


def _failed(run_id: str, at: datetime, job: str = DAILY_JOB) -> FailedRun:
    return FailedRun(at.isoformat(), run_id, job, "marts", "the disk is full")


def _look(data_dir: Path, now: datetime, *urls: str) -> Watched:
    return watch(data_dir, urls, _OLDEST, now)


def _keys(watched: Watched) -> list[str]:
    return [news.key.split(":")[0] for news in watched.told]


@pytest.mark.parametrize(
    ("age", "is_late"),
    [(timedelta(hours=30), False), (timedelta(hours=30, seconds=1), True), (-_OLDEST, False)],
)
def test_late_is_older_than_the_setting(age: timedelta, is_late: bool) -> None:
    """To the second; a clock that was set back makes nothing late."""
    assert bool(troubles("id", FIRST, [], FIRST + age, _OLDEST)) == is_late


def test_a_failure_counts_until_something_is_published_after_it() -> None:
    """And only of the daily run."""
    runs = [_failed("old", FIRST - timedelta(hours=1)), _failed("x", _EARLY, ALERTS_JOB)]
    assert troubles("id", FIRST, runs, _EARLY, _OLDEST) == []
    (found,) = troubles("id", FIRST, [*runs, _failed("new", _EARLY)], _EARLY, _OLDEST)
    assert found.key == "failed:new"
    assert "the disk is full" in found.says


def test_late_is_told_once_and_recovered_once(tmp_path: Path) -> None:
    """However often somebody asks, and whoever does."""
    publish_generation(tmp_path, 0)
    assert _look(tmp_path, _EARLY).troubles == []
    late = _look(tmp_path, _LATE)
    assert _keys(late) == ["late"]
    assert "published 2026-06-01 00:00 UTC" in late.told[0].says
    again = _look(tmp_path, _LATE + timedelta(hours=1))
    assert again.troubles
    assert not again.told
    publish_generation(tmp_path, 60 * 39)
    assert _keys(_look(tmp_path, _LATE)) == ["recovered"]
    assert _look(tmp_path, _LATE).told == []


def test_each_failed_run_is_news_of_its_own(tmp_path: Path) -> None:
    """A second one fails anew; a publish ends both."""
    publish_generation(tmp_path, 0)
    for run_id in ("a", "b"):
        record_failed_run(tmp_path, _failed(run_id, _EARLY))
        assert _keys(_look(tmp_path, _EARLY)) == ["failed"]
        assert _keys(_look(tmp_path, _EARLY)) == []
    publish_generation(tmp_path, 60 * 21)
    assert _keys(_look(tmp_path, _LATE)) == ["recovered"]


def test_nothing_published_and_an_unreadable_snapshot_are_late(tmp_path: Path) -> None:
    """Nobody has figures then either."""
    assert "nothing has been published" in _look(tmp_path, _EARLY).told[0].says
    publish_generation(tmp_path, 0).write_bytes(b"broken")
    assert "cannot be read" in _look(tmp_path, _EARLY).told[0].says


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    """What it said is told again, what stood before it is not."""
    _look(tmp_path, _EARLY)
    log = tmp_path / "watch.log"
    whole = log.read_text("utf-8")
    log.write_text(whole + whole[:30], encoding="utf-8")
    assert not _look(tmp_path, _EARLY).told
    record_failed_run(tmp_path, _failed("a", _EARLY))
    assert _keys(_look(tmp_path, _EARLY)) == ["failed"]
    assert not _look(tmp_path, _EARLY).told


def test_a_dead_channel_is_reported_and_tried_again(tmp_path: Path) -> None:
    """It fails nothing, and its address is not told."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = f"json://tower:hush-hush@127.0.0.1:{probe.getsockname()[1]}/"
    # What is a day old is no longer sent, so these moments are near the real one.
    now = datetime.now(UTC)
    first = _look(tmp_path, now, dead)
    assert [one.outcome for one in first.deliveries] == ["failed"]
    second = _look(tmp_path, now, dead)
    assert second.told == []
    assert [(one.outcome, one.news) for one in second.deliveries] == [("failed", 1)]
    assert "hush-hush" not in repr(second) + (tmp_path / "watch.log").read_text("utf-8")


def test_the_command_says_what_is_wrong_and_ends_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timer sees the exit code, a person the sentence; each time, not only when it is news."""
    publish_generation(tmp_path, 0)
    for hours, code, says in (("10", 1, "the daily run is late"), ("9999999", 0, "")):
        monkeypatch.setenv("CONTROL_TOWER_STALE_HOURS", hours)
        for _ in range(2):
            with pytest.raises(SystemExit) as ended:
                app(["watch", "--data-dir", str(tmp_path)])
            assert ended.value.code == code
            printed = capsys.readouterr().err
            assert says in printed
            assert bool(printed) == bool(says)
    assert len((tmp_path / "watch.log").read_text("utf-8").splitlines()) == 2
