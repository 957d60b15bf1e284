"""The process that works ahead: for each snapshot, and never longer than it is served."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from control_tower.publishing.link import link_path
from control_tower_dash.serving.ahead import LOWEST_PRIORITY
from tests.dashboard.published_desk import publish_copy
from tests.dashboard.serving.tower import serving

_SECONDS = 60


def _wait_until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def _views(folder: Path) -> dict[str, int]:
    """Return how many views of each snapshot lie in a folder for temporary files."""
    found = folder.glob("control-tower-dashboard-*/views/*")
    return {
        one.name: len([path for path in one.iterdir() if not path.name.startswith(".")])
        for one in found
    }


@pytest.fixture
def published(desk_dir: Path, tmp_path: Path) -> Path:
    """Return a data directory of the test's own with the published desk."""
    data_dir = tmp_path / "data"
    publish_copy(data_dir, link_path(desk_dir).resolve(), "first")
    return data_dir


def test_each_snapshot_has_its_views_made_ready(published: Path, temporary: Path) -> None:
    with serving(published, views_ahead="true") as (_, process):
        _wait_until(lambda: sum(_views(temporary).values()) > 5)
        (first,) = _views(temporary)
        publish_copy(published, link_path(published).resolve(), "second")
        _wait_until(lambda: len(_views(temporary)) == 2)
        # What was begun for the snapshot before is given up.
        _wait_until(lambda: min(_views(temporary).values()) > 5)
        left = _views(temporary)[first]
        time.sleep(1)
        assert _views(temporary)[first] == left
        everybody = psutil.Process(process.pid).children(recursive=True)
        assert len([one for one in everybody if one.nice() == LOWEST_PRIORITY]) == 2
    _wait_until(lambda: not any(one.is_running() for one in everybody))
    assert not list(temporary.glob("control-tower-dashboard-*"))


def test_it_ends_where_the_dashboard_is_killed(published: Path, temporary: Path) -> None:
    with serving(published, views_ahead="true") as (_, process):
        _wait_until(lambda: _views(temporary))
        everybody = psutil.Process(process.pid).children(recursive=True)
        assert any(one.nice() == LOWEST_PRIORITY for one in everybody)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        _wait_until(lambda: not any(one.is_running() for one in everybody))


def test_whoever_spares_the_processor_has_no_such_process(published: Path) -> None:
    with serving(published, views_ahead="false") as (_, process):
        everybody = psutil.Process(process.pid).children(recursive=True)
        assert all(one.nice() < LOWEST_PRIORITY for one in everybody)
