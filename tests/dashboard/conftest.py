"""What tests of the dashboard share: a published desk, and a reader of made-up tables."""

from pathlib import Path

import pytest
from filelock import FileLock

from control_tower_dash.warehouse import Reader, Snapshot, Warehouse
from tests.dashboard.drawn_desk import publish_drawn_desk
from tests.dashboard.published_desk import publish_once


@pytest.fixture(scope="session")
def desk_dir(shared_dir: Path) -> Path:
    """Return the data directory of a published desk, the same for every worker; only to read."""
    return publish_once(shared_dir)


@pytest.fixture(scope="session")
def desk(desk_dir: Path) -> Snapshot:
    """Return the published desk, open for reading."""
    return Warehouse(desk_dir).current()


@pytest.fixture(scope="session")
def drawn_desk(shared_dir: Path) -> Reader:
    """Return a desk of a few hundred tickets drawn at random; its clock stands at 13:37."""
    folder = shared_dir / "drawn-desk"
    with FileLock(shared_dir / "drawn-desk.lock"):
        if not (folder / "ops.duckdb").exists():
            publish_drawn_desk(folder)
    return Warehouse(folder).current()
