"""What tests of the dashboard share: a published desk, and a reader of made-up tables."""

import os
from pathlib import Path

import pytest

from control_tower_dash.warehouse import Reader, Snapshot, Warehouse
from tests.dashboard.drawn_desk import publish_drawn_desk
from tests.dashboard.published_desk import publish_once


@pytest.fixture(scope="session")
def desk_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data directory of a published desk, the same for every worker; only to read."""
    root = tmp_path_factory.getbasetemp()
    return publish_once(root.parent if "PYTEST_XDIST_WORKER" in os.environ else root)


@pytest.fixture(scope="session")
def desk(desk_dir: Path) -> Snapshot:
    """Return the published desk, open for reading."""
    return Warehouse(desk_dir).current()


@pytest.fixture(scope="session")
def drawn_desk(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Return a desk of a few hundred tickets drawn at random; its clock stands at 13:37."""
    return publish_drawn_desk(tmp_path_factory.mktemp("drawn-desk"))
