"""What a measured process says of itself. Peers import it: the standard library alone."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["peak_gib", "tell", "timed"]


def peak_gib() -> float:
    """Return the most memory this process had, in GiB.

    What getrusage tells includes the parent's peak, from before this program was loaded.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 2**20


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Put the seconds of a block under a name."""
    began = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - began


def tell(**found: Any) -> None:
    """Print what was found as the last line the measuring process reads, peak memory with it."""
    print(json.dumps({"peak_gib": peak_gib(), **found}))
