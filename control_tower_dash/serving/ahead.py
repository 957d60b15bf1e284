"""A process beside the workers that makes usual views ready whenever a snapshot is published.

What it needs for that it gives back: each snapshot has a process of its own, which ends with its
work. It has the lowest priority, so that readers go first.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from control_tower.publishing.link import link_path, snapshot_id_in
from control_tower_dash.settings import DashboardSettings

__all__ = ["LOWEST_PRIORITY", "working_ahead"]

LOWEST_PRIORITY: Final = 19
"""What a process that works ahead is nice by."""

_LOOKS_EVERY_S: Final = 1.0


@contextmanager
def working_ahead(
    settings: DashboardSettings, views: Path, listener: socket.socket
) -> Iterator[None]:
    """Work ahead until the block ends, or until the process that began it is gone.

    To be called before anything has threads, for it forks.

    Args:
        settings: Those of the dashboard.
        views: Folder the workers share their views in.
        listener: What the dashboard listens on, which must not stay open in another process.
    """
    if not settings.views_ahead:
        yield
        return
    own = os.getpid()
    child = os.fork()
    if not child:
        try:
            listener.close()
            _watch(settings, views, own)
        finally:
            os._exit(0)
    try:
        yield
    finally:
        # Workers, too, come by here when they end.
        if os.getpid() == own:
            _stop(child)


def _stop(child: int) -> None:
    with suppress(ProcessLookupError):
        try:
            os.killpg(child, signal.SIGTERM)
        except ProcessLookupError:
            # It has only just begun, and no group of its own yet.
            os.kill(child, signal.SIGTERM)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)


def _watch(settings: DashboardSettings, views: Path, parent: int) -> None:
    # Ctrl-C reaches the whole group of a terminal; this one is told by whom it works for.
    os.setsid()
    os.nice(LOWEST_PRIORITY)
    known: str | None = None
    work: BaseProcess | None = None
    while os.getppid() == parent:
        newest = _newest(settings.data_dir)
        if newest != known:
            _end(work)
            known, work = newest, None
            if newest is not None:
                work = get_context("fork").Process(target=_work, args=(settings, views))
                work.start()
        # Also takes leave of one that has ended.
        elif work is not None and not work.is_alive():
            work = None
        time.sleep(_LOOKS_EVERY_S)
    _end(work)


def _newest(data_dir: Path) -> str | None:
    link = link_path(data_dir)
    return snapshot_id_in(link) if link.exists() else None


def _end(work: BaseProcess | None) -> None:
    if work is not None:
        work.terminate()
        work.join()


def _work(settings: DashboardSettings, views: Path) -> None:
    # A figure that fails is told of by the worker that is asked for it.
    logging.disable()
    from control_tower_dash.pages import PAGES  # noqa: PLC0415 - seconds, and only here
    from control_tower_dash.services import Services  # noqa: PLC0415
    from control_tower_dash.usual_views import make_usual_views_ready  # noqa: PLC0415

    make_usual_views_ready(PAGES, Services.of(settings, views))
