"""A desk of a few thousand tickets, published once and read by every test of the dashboard."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
from filelock import FileLock

from control_tower.publishing.link import link_path, snapshot_id_of, snapshot_path

__all__ = ["AS_OF", "publish_copy", "publish_once"]

AS_OF: Final = "2026-06-01"
_TICKETS: Final = "2500"


def publish_once(root: Path) -> Path:
    """Return the data directory of a published desk below a folder, made by whoever comes first.

    CONTROL_TOWER_TEST_DESK names one published before, which saves a minute to who writes tests.
    """
    ready = os.environ.get("CONTROL_TOWER_TEST_DESK")
    if ready:
        return Path(ready)
    folder = root / "published-desk"
    with FileLock(root / "published-desk.lock"):
        if not (folder / "ops.duckdb").exists():
            outcome = subprocess.run(
                [sys.executable, "-m", "control_tower", "run", "--quiet"],
                env={
                    **os.environ,
                    "CONTROL_TOWER_DATA_DIR": str(folder),
                    "CONTROL_TOWER_TICKETS": _TICKETS,
                    "CONTROL_TOWER_AS_OF": AS_OF,
                    "CONTROL_TOWER_SEED": "7",
                },
                capture_output=True,
                text=True,
                check=False,
            )
            assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return folder


def publish_copy(data_dir: Path, file: Path, run_id: str, change: str = "") -> None:
    """Publish a copy of a snapshot into a data directory as a newer one.

    Args:
        data_dir: Where.
        file: The snapshot.
        run_id: What its id is to say of the run.
        change: A statement that changes the copy.
    """
    snapshot_id = snapshot_id_of(datetime.now(UTC), f"{run_id:0<8}")
    target = snapshot_path(data_dir, snapshot_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, target)
    with duckdb.connect(target) as connection:
        connection.execute("update meta.snapshot set snapshot_id = ?", [snapshot_id])
        if change:
            connection.execute(change)
    link = data_dir / ".new"
    link.symlink_to(target)
    link.replace(link_path(data_dir))
