"""Two who run the pipeline and readers of the dashboard, on one data directory, for minutes.

A minute here, ten by `make soak`.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from control_tower.publishing.link import snapshots
from control_tower.publishing.snapshot import KEPT_SNAPSHOTS
from tests.bad_input.tower import Ended, published, run
from tests.dashboard.serving.tower import ask, serving
from tests.examples import examples

_SECONDS: Final = 60
_RUNNERS: Final = 2


class _Runner(threading.Thread):
    """Somebody who starts one run after the other, each of another desk."""

    def __init__(self, data_dir: Path, seeds: Iterator[int], end: float) -> None:
        super().__init__()
        self._data_dir, self._seeds, self._end = data_dir, seeds, end
        self.ended: list[Ended] = []

    def run(self) -> None:
        while time.monotonic() < self._end:
            self.ended.append(run(self._data_dir, "--seed", str(next(self._seeds)), "--quiet"))


class _Reader(threading.Thread):
    """A browser that asks for a page again and again."""

    def __init__(self, address: str, stop: threading.Event) -> None:
        super().__init__()
        self._address, self._stop_asking = address, stop
        self.answers: dict[str, set[str]] = defaultdict(set)
        self.refused: list[str] = []
        self.asked = 0

    def run(self) -> None:
        while not self._stop_asking.wait(0.2):
            self.asked += 1
            try:
                answer = ask(self._address)
            except OSError as error:
                self.refused.append(str(error))
                continue
            if answer.status == 200:
                said = json.loads(answer.body)
                self.answers[said["shown"]].add(_figures(said))
            else:
                self.refused.append(f"status {answer.status}")


def _figures(said: dict[str, object]) -> str:
    """Return what an answer says, but for how old the snapshot is by now."""
    figures = {name: held for name, held in said.items() if name != "freshness"}
    return json.dumps(figures, sort_keys=True)


@pytest.mark.soak
def test_two_runs_and_a_dashboard_side_by_side(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = examples(_SECONDS)
    seeds = count(100)
    with serving(data_dir, "--workers", "2") as (address, _):
        stop = threading.Event()
        readers = [_Reader(f"{address}/answer/", stop) for _ in range(3)]
        end = time.monotonic() + seconds
        runners = [_Runner(data_dir, seeds, end) for _ in range(_RUNNERS)]
        for thread in (*readers, *runners):
            thread.start()
        for runner in runners:
            runner.join()
        stop.set()
        for reader in readers:
            reader.join()
    outcomes = [outcome for runner in runners for outcome in runner.ended]
    assert [outcome.printed for outcome in outcomes if outcome.code] == []
    assert [refused for reader in readers for refused in reader.refused] == []
    seen: dict[str, set[str]] = defaultdict(set)
    for reader in readers:
        for snapshot_id, said in reader.answers.items():
            seen[snapshot_id] |= said
    # One snapshot, one answer, whichever process gave it; and other desks have other figures.
    assert {snapshot_id: len(said) for snapshot_id, said in seen.items() if len(said) > 1} == {}
    assert len({next(iter(said)) for said in seen.values()}) == len(seen) > 1
    assert published(data_dir).tickets > 0
    assert len(snapshots(data_dir)) <= KEPT_SNAPSHOTS
    assert not list(data_dir.rglob("*.partial*"))
    with capsys.disabled():
        asked = sum(reader.asked for reader in readers)
        print(
            f"\n{len(outcomes)} runs and {asked} answers of {len(seen)} snapshots side by side "
            f"in {seconds} s"
        )
