"""The record of runs that failed: one JSON line each, append only."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from control_tower.disk import append_lines

__all__ = ["FailedRun", "read_failed_runs", "record_failed_run"]


@dataclass(frozen=True)
class FailedRun:
    """A run that failed: when (ISO 8601, UTC), which, where and why."""

    failed_at: str
    run_id: str
    job: str
    step: str
    reason: str


def record_failed_run(data_dir: Path, failed: FailedRun) -> None:
    """Append a failed run to `failed_runs.jsonl`; a run already there is not written twice.

    Raises:
        OSError: If the record cannot be written.
    """
    path = _path(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if any(known.run_id == failed.run_id for known in read_failed_runs(data_dir)):
            return
        append_lines(path, [json.dumps(asdict(failed))])


def read_failed_runs(data_dir: Path) -> list[FailedRun]:
    """Return the failed runs on record, oldest first; a line cut short by a crash is left out."""
    try:
        lines = _path(data_dir).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    runs: list[FailedRun] = []
    for line in lines:
        try:
            runs.append(FailedRun(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return runs


def _path(data_dir: Path) -> Path:
    return data_dir / "failed_runs.jsonl"
