"""What the allocators beneath Python keep of memory that is free again: as little as they can."""

import ctypes
import os
from collections.abc import Mapping
from typing import Final

__all__ = ["keep_little_memory"]

# Left alone, each thread has a heap of its own, and what one frees no other uses.
_READ_WHEN_LOADED: Final[Mapping[str, str]] = {
    # Polars' own jemalloc.
    "_RJEM_MALLOC_CONF": "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0",
}
_GLIBC: Final[Mapping[str, tuple[int, int]]] = {
    "MALLOC_TRIM_THRESHOLD_": (-1, 2**20),
    # Fixed: left alone it grows with what is freed, and long results then stay in the heap.
    "MALLOC_MMAP_THRESHOLD_": (-3, 2**18),
    "MALLOC_ARENA_MAX": (-8, 2),
}
"""Names in the environment, with the numbers and values `mallopt` takes."""


def keep_little_memory() -> None:
    """Tell the allocators of this process and its children; the environment has the last word.

    Polars listens only as it is loaded. Elsewhere than on glibc it alone is told.
    """
    for name, value in _READ_WHEN_LOADED.items():
        os.environ.setdefault(name, value)
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    for name, (number, limit) in _GLIBC.items():
        if name not in os.environ:
            mallopt(number, limit)
