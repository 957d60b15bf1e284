"""A data directory with a published snapshot, made once and copied for every test."""

import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests.bad_input.tower import run


@pytest.fixture(scope="session")
def published_once(shared_dir: Path) -> Path:
    """A data directory after an ordinary run; every test worker uses the same one."""
    folder = shared_dir / "published-once"
    with FileLock(shared_dir / "published-once.lock"):
        if not (folder / "ops.duckdb").exists():
            outcome = run(folder)
            assert outcome.code == 0, outcome.printed
    return folder


@pytest.fixture
def data_dir(published_once: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own, with a published snapshot."""
    return Path(shutil.copytree(published_once, tmp_path / "data", symlinks=True))
