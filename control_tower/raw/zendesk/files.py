"""A folder of Zendesk tables read into typed frames, every value checked."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from control_tower.raw.event_log.errors import EventLogError
from control_tower.raw.event_log.reading import ROW, Log, read_table
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.event_log.times import ISO, parse_times
from control_tower.raw.zendesk.errors import ZendeskFilesError
from control_tower.raw.zendesk.layout import TABLES, Layout

__all__ = ["ZendeskTables", "read_tables", "refuse_value"]

_ENDINGS: Final = (".csv", ".csv.gz", ".parquet")
_DELETED: Final = "_fivetran_deleted"


@dataclass(frozen=True)
class ZendeskTables:
    """The tables of a desk.

    Attributes:
        frames: By table: keys as whole numbers, times in UTC, all else text; empty text is null.
            A table that is not there has no rows. `ROW` keeps where a row stands in its file.
        files: By table, the name of the file it was read from.
        content_hash: SHA-256 over the bytes of all files.
    """

    frames: Mapping[str, pl.DataFrame]
    files: Mapping[str, str]
    content_hash: str


def read_tables(directory: Path, repairs: RepairLog) -> ZendeskTables:
    """Read every table of the layout from a folder of CSV or Parquet files named after them.

    Rows that the loader marks as deleted are left out and counted; so is, as a note, each table
    that is not there and can be done without.

    Raises:
        ZendeskFilesError: If the folder, a table or a column is missing, a file is damaged or
            there twice, or a value is not what its column holds.
    """
    if not directory.is_dir():
        raise ZendeskFilesError(
            f"{directory} is no folder; give the one that holds ticket.csv or ticket.parquet"
        )
    frames: dict[str, pl.DataFrame] = {}
    files: dict[str, str] = {}
    digest = hashlib.sha256()
    for table, layout in TABLES.items():
        path = _file_of(directory, table)
        if path is None:
            frames[table] = _absent(directory, table, layout, repairs)
            continue
        try:
            log = read_table(path)
        except EventLogError as error:
            raise ZendeskFilesError(str(error)) from None
        digest.update(f"{table} {log.content_hash}\n".encode())
        files[table] = log.name
        frames[table] = _typed(_kept(log, table, repairs), layout, log.name)
    return ZendeskTables(frames, files, digest.hexdigest())


def refuse_value(file: str, row: int, column: str, value: str, remedy: str) -> ZendeskFilesError:
    """Return the error that names a value no column like that can hold."""
    return ZendeskFilesError(f"{file}, row {row}, column {column}: {value!r} {remedy}")


def _file_of(directory: Path, table: str) -> Path | None:
    found = [path for end in _ENDINGS if (path := directory / f"{table}{end}").exists()]
    if len(found) > 1:
        raise ZendeskFilesError(
            f"{directory} holds both {found[0].name} and {found[1].name}; remove one of them"
        )
    return found[0] if found else None


def _absent(directory: Path, table: str, layout: Layout, repairs: RepairLog) -> pl.DataFrame:
    if layout.without is None:
        raise ZendeskFilesError(
            f"{directory} holds no {table}.csv or {table}.parquet, which is needed; "
            "add the table or give another folder"
        )
    repairs.add(
        f"no_{table}",
        "noted",
        1,
        f"The folder holds no table {table}: {layout.without}.",
    )
    names = (*layout.keys, *layout.times, *layout.texts)
    return _typed(
        pl.DataFrame(schema={ROW: pl.UInt32, **dict.fromkeys(names, pl.String)}), layout, table
    )


def _kept(log: Log, table: str, repairs: RepairLog) -> pl.DataFrame:
    missing = [name for name in TABLES[table].needed if name not in log.columns]
    if missing:
        raise ZendeskFilesError(
            f"{log.name} has no column {missing[0]!r}; its columns are "
            f"{', '.join(log.columns[:12])}"
        )
    frame = log.frame.with_columns(pl.col(pl.String).str.strip_chars().replace("", None))
    if _DELETED not in frame.columns:
        return frame
    is_deleted = (pl.col(_DELETED).str.to_lowercase() == "true").fill_null(value=False)
    repairs.add(
        f"{table}_rows_deleted",
        "refused",
        frame.filter(is_deleted).height,
        f"Rows of {table} that the loader marks as deleted are left out.",
    )
    return frame.filter(~is_deleted)


def _typed(frame: pl.DataFrame, layout: Layout, file: str) -> pl.DataFrame:
    columns: list[pl.Series] = [frame[ROW]]
    for name in (*layout.keys, *layout.times, *layout.texts):
        if name not in frame.columns:
            columns.append(pl.Series(name, [None] * frame.height, dtype=pl.String))
            texts = columns.pop()
        else:
            texts = frame[name]
        if name in layout.keys:
            # Loaders write keys that may be missing as 12.0.
            typed = texts.str.replace(r"\.0$", "").cast(pl.Int64, strict=False)
            remedy = "is no whole number; correct it"
        elif name in layout.times:
            typed = parse_times(texts, [ISO], "UTC")["moment"].alias(name)
            remedy = "is no time; write it as 2026-03-01 09:00:00"
        else:
            typed, remedy = texts, ""
        _check(frame, texts, typed, name, file, remedy, is_needed=name in layout.needed)
        columns.append(typed)
    return pl.DataFrame(columns)


def _check(
    frame: pl.DataFrame,
    texts: pl.Series,
    typed: pl.Series,
    name: str,
    file: str,
    remedy: str,
    *,
    is_needed: bool,
) -> None:
    unread = frame[ROW].filter(texts.is_not_null() & typed.is_null())
    if unread.len():
        row = int(unread[0])
        value = frame.filter(pl.col(ROW) == row)[name][0]
        raise refuse_value(file, row, name, value, remedy)
    # A change may set a field to nothing; what is named otherwise must be there.
    may_be_empty = name in ("value", "user_id", "priority", "score")
    empty = frame[ROW].filter(typed.is_null())
    if is_needed and not may_be_empty and empty.len():
        raise ZendeskFilesError(f"{file}, row {int(empty[0])}, column {name}: empty; fill it in")
