"""What pages were filled with, kept in files that all workers of a dashboard share."""

import hashlib
import os
import shutil
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from filelock import FileLock

from control_tower.disk import write_whole
from control_tower_dash.filters import Filters
from control_tower_dash.packed import Packed

__all__ = ["Views"]

_MOST_OF_A_SNAPSHOT: Final = 2048
_SNAPSHOTS: Final = 3
_LOOKS_EVERY_S: Final = 0.005
_WAITS_S: Final = 60


class Views:
    """The views of the newest snapshots; a snapshot never changes, so none goes stale.

    Who asks for a view that somebody works out already, in whichever process, waits for it: when
    a snapshot is published, all open pages ask for the same at once.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Take the folder the workers share; without one, have one of one's own, removed again."""
        if folder is None:
            folder = Path(mkdtemp(prefix="control-tower-views-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._folder = folder

    def of(
        self, snapshot_id: str, page: str, filters: Filters, work_out: Callable[[], Packed]
    ) -> Packed:
        """Return a view, worked out if it is not known; one of which a part failed is not kept.

        Args:
            snapshot_id: The snapshot it is of.
            page: Name of the page.
            filters: What was asked for.
            work_out: Fills the page.
        """
        path = self._path(snapshot_id, page, filters)
        known = _read(path)
        if known is not None:
            return known
        lock = FileLock(path.with_suffix(".lock"), _WAITS_S, poll_interval=_LOOKS_EVERY_S)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except OSError:
            # Whoever cannot lock, or waited too long, fills the page all the same.
            return work_out()
        try:
            return _read(path) or self._worked_out(path, work_out)
        finally:
            lock.release()

    def make_ready(
        self, snapshot_id: str, page: str, filters: Filters, work_out: Callable[[], Packed]
    ) -> None:
        """Work a view out as `of` does, if it is not known yet, but let nobody wait for it.

        Who is in no hurry must not hold up who is: a reader who asks meanwhile works it out, too.
        """
        path = self._path(snapshot_id, page, filters)
        if not path.exists():
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
            self._worked_out(path, work_out)

    def _path(self, snapshot_id: str, page: str, filters: Filters) -> Path:
        name = hashlib.sha256(repr((page, filters)).encode()).hexdigest()
        return self._folder / hashlib.sha256(snapshot_id.encode()).hexdigest()[:16] / name

    def _worked_out(self, path: Path, work_out: Callable[[], Packed]) -> Packed:
        found = work_out()
        if found.is_whole:
            # Without room for it, it is made anew the next time.
            with suppress(OSError):
                write_whole(path, found.packed, is_lasting=False)
                _keep_the_newest(path.parent, _MOST_OF_A_SNAPSHOT)
                _keep_the_newest(self._folder, _SNAPSHOTS)
        return found


def _read(path: Path) -> Packed | None:
    try:
        return Packed(path.read_bytes(), is_whole=True)
    except OSError:
        return None


def _keep_the_newest(folder: Path, most: int) -> None:
    """Remove the oldest of what is in a folder, with their locks: at worst one is made twice."""
    held = [one for one in os.scandir(folder) if not one.name.endswith(".lock")]
    if len(held) <= most:
        return
    for one in sorted(held, key=_age, reverse=True)[most:]:
        path = Path(one.path)
        if one.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
            path.with_suffix(".lock").unlink(missing_ok=True)


def _age(one: os.DirEntry[str]) -> float:
    try:
        return one.stat().st_mtime
    except OSError:
        return 0.0
