"""The published snapshot as the pages read it; the only module that imports duckdb."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import duckdb
import polars as pl
from polars import selectors

from control_tower.publishing.link import link_path, snapshot_id_in, snapshots
from control_tower_dash.arrow_stream import frame_of_stream
from control_tower_dash.contract import COLUMNS, TABLES

__all__ = [
    "Limits",
    "NoSnapshotError",
    "Parameter",
    "QueryError",
    "Reader",
    "Snapshot",
    "Warehouse",
]

Parameter: TypeAlias = object
_Identity: TypeAlias = tuple[int, int, int, int]

_KEPT_OPEN: Final = 3
_SECONDS_UNUSED: Final = 600
_SECONDS_TO_RETRY: Final = 15
_LOOKS: Final = 10
_CACHED_FRAMES: Final = 128
_CACHED_BYTES: Final = 8 * 2**20
_MOST_BYTES_OF_ONE: Final = 2**20


class NoSnapshotError(RuntimeError):
    """There is no snapshot that can be read; the message says what to do."""


class QueryError(RuntimeError):
    """A query could not be run on this snapshot."""


class Reader(Protocol):
    """What a query reads from: one snapshot, the same for every query of a page."""

    @property
    def snapshot_id(self) -> str:
        """Return the id of the snapshot."""
        ...

    @property
    def as_of(self) -> datetime:
        """Return the tower's clock in that snapshot, UTC."""
        ...

    @property
    def info(self) -> Mapping[str, object]:
        """Return the row of `meta.snapshot`."""
        ...

    def query(self, sql: str, parameters: Sequence[Parameter] = ()) -> pl.DataFrame:
        """Return what a query with bound parameters finds; its times in UTC."""
        ...

    def has(self, table: str) -> bool:
        """Return whether there is such a table, named as schema.table."""
        ...


@dataclass(frozen=True)
class Limits:
    """What the queries of one open snapshot may use in this process."""

    memory: str = "1GB"
    threads: int = 2

    def configuration(self) -> dict[str, str | bool | int | float | list[str]]:
        """Return how DuckDB is told."""
        return {
            "memory_limit": self.memory,
            "threads": self.threads,
            # It would be made beside the snapshot, where only the pipeline writes.
            "temp_directory": "",
            # Otherwise memory that is free again is given back only where a query comes by.
            "allocator_background_threads": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }


class Snapshot:
    """One published snapshot, open for reading; results are kept, for it never changes."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        """Open the snapshot.

        Raises:
            NoSnapshotError: If the file cannot be read as a snapshot.
        """
        self._lock = threading.Lock()
        self._frames: OrderedDict[tuple[str, tuple[Parameter, ...]], pl.DataFrame] = OrderedDict()
        self._bytes = 0
        self.snapshot_id = snapshot_id_in(path)
        try:
            self._connection = duckdb.connect(
                path, read_only=True, config=(limits or Limits()).configuration()
            )
            # Queries read the snapshot; no file beside it, whatever a query should ever say.
            self._connection.execute("set enable_external_access = false")
            self._connection.execute("set timezone = 'UTC'")
            columns = self._connection.execute(
                "select schema_name || '.' || table_name, column_name from duckdb_columns()"
            ).fetchall()
            self.info: Mapping[str, object] = self.query("select * from meta.snapshot").row(
                0, named=True
            )
            as_of = self.info["as_of"]
        except (duckdb.Error, QueryError, KeyError, pl.exceptions.OutOfBoundsError) as error:
            first_line = next(iter(str(error).splitlines()), "no reason given")
            raise NoSnapshotError(
                f"the snapshot {path.name} cannot be read ({first_line}); run make pipeline again"
            ) from None
        self._tables = {table for table, _ in columns}
        lacks = _lacks({(table, column) for table, column in columns})
        if lacks or not isinstance(as_of, datetime):
            raise NoSnapshotError(
                f"the snapshot {path.name} has no {lacks or 'clock'}: another version of the tower "
                "published it; run make pipeline again"
            )
        self.as_of: datetime = as_of

    def has(self, table: str) -> bool:
        """Return whether there is such a table, named as schema.table."""
        return table in self._tables

    def query(self, sql: str, parameters: Sequence[Parameter] = ()) -> pl.DataFrame:
        """Return what a query finds; its times in UTC.

        Args:
            sql: A select with `?` for each parameter.
            parameters: What is bound to them.

        Raises:
            QueryError: If the query cannot be run.
        """
        key = (sql, tuple(tuple(p) if isinstance(p, list) else p for p in parameters))
        with self._lock:
            known = self._frames.get(key)
            if known is not None:
                self._frames.move_to_end(key)
                return known
        try:
            with self._connection.cursor() as cursor:
                frame = frame_of_stream(cursor.sql(sql, params=list(parameters)))
        except (duckdb.Error, pl.exceptions.PolarsError) as error:
            raise QueryError(str(error)) from error
        frame = frame.with_columns(selectors.datetime(time_zone="*").dt.convert_time_zone("UTC"))
        self._keep(key, frame)
        return frame

    def _keep(self, key: tuple[str, tuple[Parameter, ...]], frame: pl.DataFrame) -> None:
        size = int(frame.estimated_size())
        if size > _MOST_BYTES_OF_ONE:
            return
        with self._lock:
            if key in self._frames:
                return
            self._frames[key] = frame
            self._bytes += size
            while len(self._frames) > _CACHED_FRAMES or self._bytes > _CACHED_BYTES:
                _, dropped = self._frames.popitem(last=False)
                self._bytes -= int(dropped.estimated_size())


def _lacks(columns: set[tuple[str, str]]) -> str | None:
    """Return what is missing for the pages, or None."""
    missing = sorted(TABLES - {table for table, _ in columns})
    if missing:
        return f"table {missing[0]}"
    wanted = {(table, column) for table, names in COLUMNS.items() for column in names}
    return next((f"column {table}.{name}" for table, name in sorted(wanted - columns)), None)


@dataclass(frozen=True)
class _Unreadable:
    """A file found unreadable: which it was, why, and until when that is taken for granted."""

    identity: _Identity
    reason: str
    until: float


class Warehouse:
    """The snapshots of a data directory: always the newest, and those pages still show."""

    def __init__(self, data_dir: Path, limits: Limits | None = None) -> None:
        """Take a data directory; nothing is opened before it is asked for."""
        self._data_dir = data_dir
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._open: OrderedDict[str, tuple[Snapshot, float]] = OrderedDict()
        self._unreadable: dict[Path, _Unreadable] = {}

    def current(self) -> Snapshot:
        """Return the newest snapshot that can be read.

        Raises:
            NoSnapshotError: If nothing was published yet, or none of it can be read.
        """
        says = "nothing has been published yet; run make pipeline, then this page fills itself"
        for _ in range(_LOOKS):
            first_trouble = None
            for path in self._published():
                try:
                    return self._opened(path)
                except NoSnapshotError as error:
                    first_trouble = first_trouble or str(error)
            if first_trouble is None:
                break
            says = first_trouble
            if self._newest() in self._unreadable:
                break
            # It was removed between looking and opening, because newer ones came: look again.
        raise NoSnapshotError(says)

    def at(self, snapshot_id: str | None) -> Snapshot:
        """Return a snapshot that is still open by its id, or else the newest.

        Raises:
            NoSnapshotError: As `current` does.
        """
        with self._lock:
            known = self._known(snapshot_id or "")
        return known or self.current()

    def problem(self) -> str | None:
        """Return why an older snapshot than the newest is read, or None if that is not so."""
        newest = self._newest()
        if newest is None:
            return None
        try:
            shown = self.current().snapshot_id
        except NoSnapshotError:
            return None
        if shown >= snapshot_id_in(newest):
            return None
        with self._lock:
            known = self._unreadable.get(newest)
        reason = known.reason if known else f"the snapshot {newest.name} is missing"
        return f"{reason}; until then the figures are those of the snapshot before"

    def _newest(self) -> Path | None:
        """Return where the link leads, itself no link: DuckDB caches by path."""
        link = link_path(self._data_dir)
        try:
            return (link.parent / link.readlink()).resolve()
        except OSError:
            return None

    def _published(self) -> Iterator[Path]:
        newest = self._newest()
        if newest is None:
            return
        yield newest
        for path in reversed(snapshots(self._data_dir)):
            if path.name < newest.name:
                yield path.resolve()

    def _opened(self, path: Path) -> Snapshot:
        name = snapshot_id_in(path)
        with self._lock:
            known = self._known(name)
            if known is None:
                known = self._read(path)
                self._open[name] = (known, time.monotonic())
            self._close_unused(name)
            return known

    def _known(self, name: str) -> Snapshot | None:
        if name not in self._open:
            return None
        known, _ = self._open[name]
        self._open[name] = (known, time.monotonic())
        self._open.move_to_end(name)
        return known

    def _close_unused(self, newest: str) -> None:
        """Let go of old snapshots; a connection closes with the last reader that holds it."""
        long_ago = time.monotonic() - _SECONDS_UNUSED
        for name, (_, used) in list(self._open.items()):
            if name != newest and (len(self._open) > _KEPT_OPEN or used < long_ago):
                del self._open[name]

    def _read(self, path: Path) -> Snapshot:
        """Open a snapshot, unless it is known that it cannot be read and still the same file."""
        identity = _identity(path)
        known = self._unreadable.get(path)
        if known and known.identity == identity and time.monotonic() < known.until:
            raise NoSnapshotError(known.reason)
        try:
            snapshot = Snapshot(path, self._limits)
        except NoSnapshotError as error:
            if identity is not None and identity == _identity(path):
                self._unreadable = {
                    other: seen for other, seen in self._unreadable.items() if other.exists()
                }
                until = time.monotonic() + _SECONDS_TO_RETRY
                self._unreadable[path] = _Unreadable(identity, str(error), until)
            raise
        self._unreadable.pop(path, None)
        return snapshot


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
