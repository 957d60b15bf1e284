"""The folder the processes of one dashboard share, gone when it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp
from typing import Final

from filelock import FileLock, Timeout

__all__ = ["shared_folder"]

_NAME: Final = "control-tower-dashboard-"
_LOCK: Final = "in-use.lock"


@contextmanager
def shared_folder() -> Iterator[Path]:
    """Yield a new folder that only this user reads, and remove it at the end.

    What a dashboard that was killed left behind is removed, too: nobody holds its lock any more.
    """
    _remove_leftovers()
    folder, own = Path(mkdtemp(prefix=_NAME)), os.getpid()
    lock = FileLock(folder / _LOCK)
    lock.acquire()
    try:
        yield folder
    finally:
        # Workers, too, come by here when they end.
        if os.getpid() == own:
            lock.release()
            rmtree(folder, ignore_errors=True)


def _remove_leftovers() -> None:
    for folder in Path(gettempdir()).glob(f"{_NAME}*"):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            # Without a lock it is just being made.
            if not (folder / _LOCK).exists():
                continue
            with FileLock(folder / _LOCK, timeout=0):
                rmtree(folder, ignore_errors=True)
        except (Timeout, OSError):
            continue
