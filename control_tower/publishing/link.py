"""The link that leads readers to the newest snapshot, and the names of what it leads to."""

from datetime import datetime
from pathlib import Path

__all__ = [
    "is_published_by",
    "link_path",
    "snapshot_id_in",
    "snapshot_id_of",
    "snapshot_path",
    "snapshots",
]

_PREFIX = "ops-"
_RUN_ID_LENGTH = 8


def link_path(data_dir: Path) -> Path:
    """Return the link readers open; it leads to the newest snapshot."""
    return data_dir / "ops.duckdb"


def snapshots(data_dir: Path) -> list[Path]:
    """Return the published snapshots, oldest first."""
    return sorted((data_dir / "published").glob(f"{_PREFIX}*.duckdb"))


def snapshot_id_of(published_at: datetime, run_id: str) -> str:
    """Return a snapshot's id: its moment to the microsecond, so that ids sort by time, and run."""
    return f"{published_at:%Y%m%dT%H%M%S%f}-{run_id[:_RUN_ID_LENGTH]}"


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
