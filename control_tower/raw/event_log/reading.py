"""An event log as a table of text, whatever kind of file it comes in."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from control_tower.raw.event_log.csv_file import read_csv
from control_tower.raw.event_log.errors import EventLogError
from control_tower.raw.event_log.unpacking import unpacked
from control_tower.raw.event_log.xes import read_xes

__all__ = ["ROW", "Log", "read_log", "read_table"]

ROW: Final = "row number in the file"
"""The column that keeps where in the file a row stands; a sentence, so that no log has it too."""

_SUFFIXES = (".csv", ".csv.gz", ".parquet", ".xes", ".xes.gz")
_CHUNK_BYTES = 1024**2


@dataclass(frozen=True)
class Log:
    """A file's rows, nothing interpreted yet.

    Attributes:
        name: The file's name.
        row_word: What the file's own users call a row: row or event.
        frame: Text columns in the file's order, and `ROW`: a CSV's rows are counted as a
            spreadsheet does, the header being row 1; others from 1.
        iso_columns: Columns the file keeps as times, here in ISO 8601 whatever the mapping says.
        content_hash: SHA-256 of the file's bytes.
    """

    name: str
    row_word: str
    frame: pl.DataFrame
    iso_columns: frozenset[str]
    content_hash: str

    @property
    def columns(self) -> list[str]:
        """The file's columns."""
        return [name for name in self.frame.columns if name != ROW]


def read_log(path: Path, *, delimiter: str | None = None, encoding: str = "utf-8") -> Log:
    """Read an event log from CSV, Parquet or XES (CSV and XES also packed with gzip).

    Args:
        path: The file; what it is its name's ending tells.
        delimiter: What parts the columns of a CSV; found out if None.
        encoding: Encoding of a CSV.

    Raises:
        EventLogError: If the file is missing, of another kind, empty, damaged or has no rows.
    """
    log = read_table(path, delimiter=delimiter, encoding=encoding)
    if log.frame.is_empty():
        raise EventLogError(f"{log.name} has no {log.row_word}s; give a log with at least one")
    return log


def read_table(path: Path, *, delimiter: str | None = None, encoding: str = "utf-8") -> Log:
    """Read a file as `read_log` does, but let one through that has columns and no rows."""
    name = path.name
    suffix = next((end for end in _SUFFIXES if name.lower().endswith(end)), None)
    if path.is_dir():
        raise EventLogError(f"{path} is a folder; give the log file in it")
    if not path.exists():
        raise EventLogError(f"{path} does not exist; check the path of the event log")
    if suffix is None:
        raise EventLogError(
            f"{name} is no kind of file that is read here; give one ending in "
            f"{', '.join(_SUFFIXES)}"
        )
    try:
        content_hash = _hash(path)
        if path.stat().st_size == 0:
            raise EventLogError(f"{name} is empty; give a file with events")
        iso_columns: frozenset[str] = frozenset()
        if suffix == ".parquet":
            frame, iso_columns = _read_parquet(path)
        elif suffix.startswith(".csv"):
            with unpacked(path) as stream:
                frame = read_csv(stream.read(), name, delimiter=delimiter, encoding=encoding)
        else:
            with unpacked(path) as stream:
                frame = read_xes(stream, name)
    except OSError as error:
        raise EventLogError(
            f"{path} cannot be read ({error.strerror or error}); correct its permissions or copy "
            "it again"
        ) from None
    word = "event" if suffix.startswith(".xes") else "row"
    first = 2 if suffix.startswith(".csv") else 1
    return Log(name, word, frame.with_row_index(ROW, offset=first), iso_columns, content_hash)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _read_parquet(path: Path) -> tuple[pl.DataFrame, frozenset[str]]:
    try:
        frame = pl.read_parquet(path, glob=False)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise EventLogError(
            f"{path.name} is not intact Parquet ({reason}); write or copy it again"
        ) from None
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    times = [n for n, kind in frame.schema.items() if isinstance(kind, pl.Datetime | pl.Date)]
    texts = [_text_of(name, kind) for name, kind in frame.schema.items() if name not in nested]
    return frame.select(texts), frozenset(times)


def _text_of(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        offset = "%:z" if kind.time_zone else ""
        return column.dt.to_string(f"%Y-%m-%dT%H:%M:%S%.6f{offset}")
    if kind == pl.Date:
        return column.dt.to_string("%Y-%m-%d")
    if kind.is_temporal():
        return column.cast(pl.String)
    if kind == pl.Binary:
        return column.cast(pl.String, strict=False)
    return column.cast(pl.String)
