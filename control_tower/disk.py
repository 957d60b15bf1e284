"""Files written so that a crash costs little: put in place whole, or a line longer."""

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["append_lines", "flush_to_disk", "write_whole"]


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


def write_whole(path: Path, content: bytes, *, is_lasting: bool = True) -> None:
    """Put a file in place whole, or leave the one that is there.

    Several processes may write the same file at once: each writes one of its own first.

    Args:
        path: The file.
        content: What it is to hold.
        is_lasting: Whether to wait until it has reached the disk; not for what can be made anew.

    Raises:
        OSError: If it cannot be written; nothing of it is left.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            if is_lasting:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Append lines to a file, made if need be, and wait until they have reached the disk.

    A last line cut short by a crash is ended first, so that it costs no more than itself. Whoever
    shares the file takes a lock around this.

    Raises:
        OSError: If they cannot be written.
    """
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            is_torn = file.read() != b"\n"
        else:
            is_torn = False
        file.write(("\n" * is_torn + "".join(f"{line}\n" for line in lines)).encode())
        file.flush()
        os.fsync(file.fileno())
