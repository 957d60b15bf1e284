"""Files put in place whole, and what has to reach the disk before the next step may rely on it."""

import os
from pathlib import Path

__all__ = ["flush_to_disk", "write_whole"]


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


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place whole, or leave the one that is there.

    Several processes may write the same file at once: each writes one of its own first.

    Raises:
        OSError: If it cannot be written; nothing of it is left.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
