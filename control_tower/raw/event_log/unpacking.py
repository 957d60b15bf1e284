"""Files opened as streams; packed ones are unpacked piece by piece, up to a ceiling."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from control_tower.raw.event_log.errors import EventLogError

__all__ = ["MAX_RATIO", "MAX_UNPACKED_BYTES", "unpacked"]

MAX_UNPACKED_BYTES: Final = 8 * 1024**3
MAX_RATIO: Final = 250
"""Event logs pack 20 to 60 times smaller; what unpacks to far more was made to fill memory."""

_RATIO_COUNTS_FROM = 64 * 1024**2


class _Bounded(io.RawIOBase):
    """A gzip stream that refuses to yield more than the ceiling."""

    def __init__(self, path: Path, packed: BinaryIO, max_bytes: int) -> None:
        self._name = path.name
        self._stream = gzip.GzipFile(fileobj=packed)
        size = path.stat().st_size
        self._ceiling = min(max_bytes, max(_RATIO_COUNTS_FROM, MAX_RATIO * size))
        self._count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = self._ceiling + 1 - self._count if size < 0 else size
        try:
            chunk = self._stream.read(wanted)
        except EOFError:
            raise EventLogError(
                f"{self._name} ends before its packed content does; copy or download it again"
            ) from None
        except (gzip.BadGzipFile, zlib.error):
            raise EventLogError(
                f"{self._name} is not intact gzip data; copy or download it again"
            ) from None
        self._count += len(chunk)
        if self._count > self._ceiling:
            raise EventLogError(
                f"{self._name} unpacks to more than {self._ceiling // 1024**2:,} MiB, which no "
                "event log of its size does; unpack it yourself if you trust it"
            )
        return chunk


@contextmanager
def unpacked(path: Path, *, max_bytes: int = MAX_UNPACKED_BYTES) -> Iterator[BinaryIO]:
    """Open a file for reading, through gzip if its name ends in `.gz`.

    Args:
        path: The file.
        max_bytes: Most bytes a packed file may unpack to; 250 times its size is the other ceiling.

    Raises:
        EventLogError: While reading, if the packed data are damaged, end early or pass the ceiling.
        OSError: If the file cannot be opened.
    """
    with path.open("rb") as stream:
        yield _Bounded(path, stream, max_bytes) if path.suffix.lower() == ".gz" else stream  # type: ignore[misc]
