"""A desk of a few thousand tickets, published once and read by every test of the dashboard."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from filelock import FileLock

__all__ = ["AS_OF", "publish_once"]

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
