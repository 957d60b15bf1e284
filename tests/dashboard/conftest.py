"""What tests of the dashboard share: a published desk, and a reader of made-up tables."""

import os
from pathlib import Path

import pytest

from control_tower_dash.warehouse import Snapshot, Warehouse
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
