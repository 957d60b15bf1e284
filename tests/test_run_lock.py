"""Two runs never work at once; the second waits, or says that it gave up."""

import multiprocessing
import os
import signal
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from control_tower.run_lock import RunLockTimeoutError, run_lock


def _hold(data_dir: Path, holding: Event, release: Event) -> None:
    with run_lock(data_dir, run_id="first", wait_minutes=0, tell=print):
        holding.set()
        release.wait(30)


@pytest.fixture
def held(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A data directory locked by another process, which lets go when the event is set."""
    context = multiprocessing.get_context("spawn")
    holding, release = context.Event(), context.Event()
    worker = context.Process(target=_hold, args=(tmp_path, holding, release))
    worker.start()
    assert holding.wait(30)
    yield tmp_path, release, worker
    # Setting an event waits for those who wait for it, and a killed process never answers.
    if worker.is_alive():
        release.set()
    worker.join(30)


def test_second_run_says_whom_it_waits_for_and_gives_up(held) -> None:  # type: ignore[no-untyped-def]
    data_dir, _, _ = held
    said: list[str] = []
    with (
        pytest.raises(RunLockTimeoutError, match=r"run first was still at work.*changed nothing"),
        run_lock(data_dir, run_id="second", wait_minutes=0.005, tell=said.append),
    ):
        pytest.fail("two runs held the lock at once")
    assert len(said) == 1
    assert "run first is at work" in said[0]


def test_second_run_goes_on_once_the_first_has_finished(held) -> None:  # type: ignore[no-untyped-def]
    data_dir, release, _ = held
    said: list[str] = []

    def tell(sentence: str) -> None:
        said.append(sentence)
        release.set()

    with run_lock(data_dir, run_id="second", wait_minutes=0.5, tell=tell):
        assert said


def test_killed_run_lets_go(held) -> None:  # type: ignore[no-untyped-def]
    data_dir, _, worker = held
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(10)
    started = time.monotonic()
    with run_lock(data_dir, run_id="second", wait_minutes=0.5, tell=pytest.fail):
        assert time.monotonic() - started < 5
