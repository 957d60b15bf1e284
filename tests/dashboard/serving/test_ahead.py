"""The process that works ahead: for each snapshot, and never longer than it is served."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from control_tower.publishing.link import link_path, snapshot_id_in, snapshot_path
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
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files of what the test starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def published(desk_dir: Path, tmp_path: Path) -> Path:
    """Return a data directory of the test's own with the published desk."""
    newest = link_path(desk_dir).resolve()
    data_dir = tmp_path / "data"
    own = snapshot_path(data_dir, snapshot_id_in(newest))
    own.parent.mkdir(parents=True)
    shutil.copy(newest, own)
    link_path(data_dir).symlink_to(own.relative_to(data_dir))
    return data_dir


def _publish_again(data_dir: Path) -> None:
    newest = link_path(data_dir).resolve()
    later = newest.with_name(newest.name.replace("ops-2", "ops-3", 1))
    shutil.copy(newest, later)
    link = data_dir / "next"
    link.symlink_to(later.relative_to(data_dir))
    link.replace(link_path(data_dir))


def test_each_snapshot_has_its_views_made_ready(published: Path, temporary: Path) -> None:
    with serving(published, views_ahead="true") as (_, process):
        _wait_until(lambda: sum(_views(temporary).values()) > 5)
        (first,) = _views(temporary)
        _publish_again(published)
        _wait_until(lambda: len(_views(temporary)) == 2)
        # What was begun for the snapshot before is given up.
        _wait_until(lambda: min(_views(temporary).values()) > 5)
        left = _views(temporary)[first]
        time.sleep(1)
        assert _views(temporary)[first] == left
        everybody = psutil.Process(process.pid).children(recursive=True)
        assert len([one for one in everybody if one.nice() == 19]) == 2
    _wait_until(lambda: not any(one.is_running() for one in everybody))
    assert not list(temporary.glob("control-tower-dashboard-*"))


def test_it_ends_where_the_dashboard_is_killed(published: Path, temporary: Path) -> None:
    with serving(published, views_ahead="true") as (_, process):
        _wait_until(lambda: _views(temporary))
        everybody = psutil.Process(process.pid).children(recursive=True)
        assert any(one.nice() == 19 for one in everybody)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        _wait_until(lambda: not any(one.is_running() for one in everybody))


def test_whoever_spares_the_processor_has_no_such_process(published: Path) -> None:
    with serving(published, views_ahead="false") as (_, process):
        everybody = psutil.Process(process.pid).children(recursive=True)
        assert all(one.nice() < 19 for one in everybody)
