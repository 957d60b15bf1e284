"""Killed at moments nobody chose, or short of memory: nothing is lost, and the next run succeeds.

Fifty moments by `make soak`; what became of them is printed. A moment chosen is in `make test`.
"""

import json
import os
import random
import shlex
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from control_tower.publishing.link import snapshots
from control_tower.publishing.snapshot import KEPT_SNAPSHOTS
from tests.bad_input.tower import command, ended, published, run, said, start
from tests.examples import examples

_KIB_A_GIB = 2**20
_KILLS_BEFORE_A_RUN = 10


def _size(data_dir: Path) -> int:
    """Return how many files there are apart from snapshots and Dagster's records."""
    apart = {data_dir / "dagster", data_dir / "published"}
    return sum(path.is_file() and apart.isdisjoint(path.parents) for path in data_dir.rglob("*"))


def _alert_lines(data_dir: Path) -> list[str]:
    path = data_dir / "alerts.log"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _seconds_of_a_run(data_dir: Path) -> float:
    started = time.monotonic()
    outcome = run(data_dir)
    assert outcome.code == 0, outcome.printed
    return time.monotonic() - started


@pytest.mark.soak
def test_killed_at_random_moments(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kills = examples(5)
    moments = random.Random(20261125)  # noqa: S311 - the same moments every time
    whole = _seconds_of_a_run(data_dir)
    files = _size(data_dir)
    before = published(data_dir)
    outcomes: Counter[str] = Counter()
    for number in range(1, kills + 1):
        process = start(command(data_dir, "--quiet"))
        time.sleep(moments.uniform(0.0, whole))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        after = published(data_dir)
        assert after.tickets == before.tickets
        is_new = after.target != before.target
        # The old one to the last byte, or a new one that says it is of another run.
        assert is_new == (after.digest != before.digest) == (after.run_id != before.run_id)
        outcomes["a new snapshot" if is_new else "the last snapshot"] += 1
        before = after
        if number % _KILLS_BEFORE_A_RUN == 0 or number == kills:
            _seconds_of_a_run(data_dir)
            before = published(data_dir)
            assert not list(data_dir.rglob("*.partial*"))
            assert _size(data_dir) <= files
            assert len(snapshots(data_dir)) <= KEPT_SNAPSHOTS
    lines = _alert_lines(data_dir)
    assert len({json.dumps(json.loads(line), sort_keys=True) for line in lines}) == len(lines)
    with capsys.disabled():
        print(f"\n{kills} kills at random moments of {whole:.0f} s left {dict(outcomes)}")


@pytest.mark.soak
@pytest.mark.parametrize("gib", [1, 2])
def test_short_of_memory(data_dir: Path, gib: int) -> None:
    """A run that may not have what it needs says so in one line; the next, that may, succeeds."""
    before = published(data_dir)
    line = shlex.join(command(data_dir, "--quiet"))
    process = start(["sh", "-c", f"ulimit -v {gib * _KIB_A_GIB}; exec {line}"])
    outcome = ended(process)
    said(outcome, 1, "the published snapshot is as it was")
    assert published(data_dir) == before
    _seconds_of_a_run(data_dir)
    assert published(data_dir).target != before.target
