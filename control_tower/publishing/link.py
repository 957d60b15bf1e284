"""The link that leads readers to the newest snapshot, and the names of what it leads to."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

__all__ = [
    "is_published_by",
    "link_path",
    "next_snapshot_id",
    "snapshot_id_in",
    "snapshot_id_of",
    "snapshot_path",
    "snapshots",
]

_PREFIX = "ops-"
_RUN_ID_LENGTH = 8
_MOMENT = "%Y%m%dT%H%M%S%f"


def link_path(data_dir: Path) -> Path:
    """Return the link readers open; it leads to the newest snapshot."""
    return data_dir / "ops.duckdb"


def snapshots(data_dir: Path) -> list[Path]:
    """Return the published snapshots, oldest first."""
    return sorted((data_dir / "published").glob(f"{_PREFIX}*.duckdb"))


def snapshot_id_of(published_at: datetime, run_id: str) -> str:
    """Return a snapshot's id: its moment to the microsecond, so that ids sort by time, and run."""
    return f"{published_at.strftime(_MOMENT)}-{run_id[:_RUN_ID_LENGTH]}"


def next_snapshot_id(data_dir: Path, published_at: datetime, run_id: str) -> str:
    """Return the id of a snapshot about to be published, which sorts after all there are.

    A machine's clock may be set back. The id then goes on from the newest snapshot's, so that the
    new one is not taken for the oldest and cleared away.
    """
    moment = published_at
    for path in snapshots(data_dir):
        with suppress(ValueError):
            said = snapshot_id_in(path).split("-")[0]
            there = datetime.strptime(f"{said}+0000", f"{_MOMENT}%z")
            moment = max(moment, there + timedelta(microseconds=1))
    return snapshot_id_of(moment, run_id)


def snapshot_id_in(path: Path) -> str:
    """Return the id of the snapshot at a path, which may be the link."""
    return path.resolve().stem.removeprefix(_PREFIX)


def snapshot_path(data_dir: Path, snapshot_id: str) -> Path:
    """Return the file of a snapshot."""
    return data_dir / "published" / f"{_PREFIX}{snapshot_id}.duckdb"


def is_published_by(data_dir: Path, run_id: str) -> bool:
    """Return whether what readers see now is a given run's work."""
    try:
        return link_path(data_dir).readlink().stem.endswith(f"-{run_id[:_RUN_ID_LENGTH]}")
    except OSError:
        return False
