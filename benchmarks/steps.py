"""Run a step in a process of its own, within a bound of time and one of memory."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psutil

from control_tower.settings import PROJECT_ROOT

__all__ = ["BOUNDS", "DONE", "Bounds", "Ended", "module", "run"]

DONE: Final = "done"
_LOOK_EVERY_SECONDS: Final = 0.2
_SHOWN_OF_AN_ERROR: Final = 300


@dataclass(frozen=True)
class Bounds:
    """What a step may take at most."""

    seconds: float = 600.0
    gib: float = 8.0


BOUNDS: Final = Bounds()


@dataclass(frozen=True)
class Ended:
    """How a step went.

    Attributes:
        how: `done`, or why it was not.
        said: The object in the last line it printed; empty if it was not done or printed none.
        seconds: From its start to its end.
        processor_seconds: Of it and the processes it waited for.
        tree_gib: The most memory that it and the processes below it were seen to have together.
        others: Share of the machine's processors that all other work had meanwhile.
    """

    how: str
    said: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    processor_seconds: float = 0.0
    tree_gib: float = 0.0
    others: float = 0.0


def module(name: str, *arguments: object, python: str = sys.executable) -> list[str]:
    """Return the command that runs a module of this project, with any Python."""
    return [python, "-m", name, *map(str, arguments)]


def run(
    command: Sequence[str],
    bounds: Bounds = BOUNDS,
    *,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command to its end or its bound; one that fails is told of, not raised."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT), **(environment or {})}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        busy, began = _busy(), time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        watch = _Watch(process.pid, bounds)
        # wait4 tells of this child alone, where getrusage would give the largest so far.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
        out.seek(0)
        err.seek(0)
        printed, complained = out.read(), err.read()
    own = usage.ru_utime + usage.ru_stime
    # Rounding of the machine's counters must not make a share below nothing.
    others = max(0.0, _busy() - busy - own) / (seconds * (os.cpu_count() or 1))
    how, said = DONE, {}
    if watch.stopped:
        how = watch.stopped
    elif process.returncode:
        lines = (complained.strip() or printed.strip()).splitlines() or ["it said nothing"]
        how = f"failed: {lines[-1][-_SHOWN_OF_AN_ERROR:]}"
    elif printed.rstrip().endswith("}"):
        said = json.loads(printed.splitlines()[-1])
    return Ended(how, said, seconds, own, watch.peak / 2**30, others)


class _Watch:
    """Looks at a process and those below it, and ends them when they pass a bound."""

    def __init__(self, pid: int, bounds: Bounds) -> None:
        self.peak = 0
        self.stopped = ""
        self._process = psutil.Process(pid)
        self._bounds = bounds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        ends = time.monotonic() + self._bounds.seconds
        while not self._is_over.wait(_LOOK_EVERY_SECONDS):
            try:
                tree = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self.peak = max(self.peak, sum(map(_resident, tree)))
            if time.monotonic() > ends:
                self.stopped = f"stopped at {self._bounds.seconds:g} s"
            elif self.peak > self._bounds.gib * 2**30:
                self.stopped = f"stopped at {self._bounds.gib:g} GiB"
            if self.stopped:
                for one in reversed(tree):
                    _end(one)
                return


def _resident(process: psutil.Process) -> int:
    try:
        resident: int = process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0
    return resident


def _end(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)
