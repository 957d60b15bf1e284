"""The published snapshot as the pages read it; the only module that imports duckdb."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import duckdb
import polars as pl
from polars import selectors

from control_tower.publishing.link import link_path, snapshot_id_in

__all__ = ["NoSnapshotError", "Parameter", "QueryError", "Reader", "Snapshot", "Warehouse"]

Parameter: TypeAlias = object

_KEPT_OPEN: Final = 3
_CACHED_FRAMES: Final = 512
_CACHED_BYTES: Final = 64 * 2**20
_MOST_BYTES_OF_ONE: Final = 8 * 2**20


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


class Snapshot:
    """One published snapshot, open for reading; results are kept, for it never changes."""

    def __init__(self, path: Path) -> None:
        """Open the snapshot.

        Raises:
            NoSnapshotError: If the file cannot be read as a snapshot.
        """
        self._lock = threading.Lock()
        self._frames: OrderedDict[tuple[str, tuple[Parameter, ...]], pl.DataFrame] = OrderedDict()
        self._bytes = 0
        self.snapshot_id = snapshot_id_in(path)
        try:
            self._connection = duckdb.connect(path, read_only=True, config={"threads": 2})
            self._connection.execute("set timezone = 'UTC'")
            self._tables = {
                f"{schema}.{table}"
                for schema, table in self._connection.execute(
                    "select schema_name, table_name from duckdb_tables()"
                ).fetchall()
            }
            self.info: Mapping[str, object] = self.query("select * from meta.snapshot").row(
                0, named=True
            )
        except (duckdb.Error, QueryError, pl.exceptions.OutOfBoundsError) as error:
            first_line = str(error).splitlines()[0]
            raise NoSnapshotError(
                f"the snapshot {path.name} cannot be read ({first_line}); run make pipeline again"
            ) from None
        as_of = self.info["as_of"]
        assert isinstance(as_of, datetime)  # noqa: S101 - the contract of meta.snapshot
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
                frame: pl.DataFrame = cursor.sql(sql, params=list(parameters)).pl()
        except duckdb.Error as error:
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


class Warehouse:
    """The snapshots of a data directory: always the newest, and those pages still show."""

    def __init__(self, data_dir: Path) -> None:
        """Take a data directory; nothing is opened before it is asked for."""
        self._data_dir = data_dir
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Snapshot] = OrderedDict()

    def newest_id(self) -> str | None:
        """Return the id of the newest snapshot without opening it, or None if there is none."""
        link = link_path(self._data_dir)
        # The link is read, not followed by name: DuckDB caches by path, and it may move any time.
        path = link.resolve()
        return snapshot_id_in(path) if path != link and path.is_file() else None

    def current(self) -> Snapshot:
        """Return the newest snapshot.

        Raises:
            NoSnapshotError: If nothing was published yet, or it cannot be read.
        """
        link = link_path(self._data_dir)
        for _ in range(_KEPT_OPEN):
            path = link.resolve()
            if path == link or not path.exists():
                continue
            try:
                return self._opened(path)
            except NoSnapshotError:
                # Removed between looking and opening, because three newer ones came.
                if path.exists():
                    raise
        raise NoSnapshotError(
            "nothing has been published yet; run make pipeline, then this page fills itself"
        )

    def at(self, snapshot_id: str | None) -> Snapshot:
        """Return a snapshot that is still open by its id, or else the newest.

        Raises:
            NoSnapshotError: As `current` does.
        """
        with self._lock:
            known = self._open.get(snapshot_id or "")
        return known or self.current()

    def _opened(self, path: Path) -> Snapshot:
        name = snapshot_id_in(path)
        with self._lock:
            known = self._open.get(name)
            if known is None:
                known = self._open[name] = Snapshot(path)
                while len(self._open) > _KEPT_OPEN:
                    # Whoever still reads it holds it; its connection closes with the last reader.
                    self._open.popitem(last=False)
            self._open.move_to_end(name)
            return known
