"""One run at a time may touch the landed files and the build database."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["RunLockTimeoutError", "run_lock"]


class RunLockTimeoutError(TimeoutError):
    """Another run did not finish within the time this one was willing to wait."""


@contextmanager
def run_lock(
    data_dir: Path, *, run_id: str, wait_minutes: float, tell: Callable[[str], None]
) -> Iterator[None]:
    """Hold the data directory's lock, waiting for another run to finish if need be.

    The operating system releases the lock when its process ends, however it ends.

    Args:
        data_dir: The data directory to lock.
        run_id: Who holds it, told to whoever waits.
        wait_minutes: How long to wait before giving up.
        tell: Called once with a sentence if there is somebody to wait for.

    Raises:
        RunLockTimeoutError: If the other run did not finish in time.
        OSError: If the data directory cannot be written.
    """
    folder = data_dir / "build"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "run.lock")
    holder = folder / "run.lock.holder"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        other = _read_holder(holder)
        tell(f"run {other} is at work in {data_dir}; waiting up to {wait_minutes:g} minutes for it")
        try:
            lock.acquire(timeout=wait_minutes * 60)
        except Timeout:
            raise RunLockTimeoutError(
                f"run {_read_holder(holder)} was still at work in {data_dir} after "
                f"{wait_minutes:g} minutes; this run gave up and changed nothing"
            ) from None
    try:
        holder.write_text(json.dumps({"run_id": run_id}), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _read_holder(holder: Path) -> str:
    try:
        return str(json.loads(holder.read_text(encoding="utf-8"))["run_id"])
    except (OSError, ValueError, KeyError):
        return "another"
