"""What has to reach the disk before the next step may rely on it."""

import os
from pathlib import Path

__all__ = ["flush_to_disk"]


def flush_to_disk(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, have reached the disk.

    Raises:
        OSError: If there is no such file or folder, or it cannot be flushed.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
