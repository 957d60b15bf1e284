"""What was fetched from Zendesk, kept on disk between runs, and how far each stream was read.

One DuckDB file. A page's rows and the place to go on from are written in one transaction, so that
a run killed anywhere neither loses a page nor reads it into the tables twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from control_tower.raw.zendesk.errors import ZendeskError
from control_tower.raw.zendesk.files import ZendeskTables
from control_tower.raw.zendesk.layout import TABLES
from control_tower.raw.zendesk.records import Row
from control_tower.raw.zendesk.spools import (
    BY_EVENT,
    MOMENT,
    SPOOLS,
    VERSIONED,
    frame_of,
    schema_of,
)
from control_tower.raw.zendesk.stored_tables import read_parts
from control_tower.warehouse import DatabaseBusyError, connect, quoted

__all__ = ["Place", "ZendeskStore", "open_store"]

_MEMORY: Final = "160MB"
_SQL_TYPES: Final = {pl.Int64(): "bigint", MOMENT: "timestamptz", pl.String(): "varchar"}


@dataclass(frozen=True)
class Place:
    """Where to go on reading a stream.

    Attributes:
        cursor: Zendesk's cursor, or the second to start from; None if nothing was read yet.
        complete_until: The moment up to which everything was read; None if the end was not
            reached yet.
    """

    cursor: str | None = None
    complete_until: datetime | None = None


class ZendeskStore:
    """The tables fetched so far. Open one with `open_store`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def place(self, stream: str) -> Place:
        """Return where to go on reading a stream."""
        found = self._connection.execute(
            "select cursor, complete_until from place where stream = ?", [stream]
        ).fetchall()
        return Place(*found[0]) if found else Place()

    def add(
        self, stream: str, rows: Mapping[str, Iterable[Row]], place: Place, keys: Iterable[int] = ()
    ) -> int:
        """Put a page's rows in place of what they replace, and note where to go on: all or nothing.

        Args:
            stream: Which stream the page is of.
            rows: By table. A ticket older than the one that is kept is passed over.
            place: Where to go on after this page.
            keys: Updates the page holds, whether they left rows or not.

        Returns:
            How many rows were written.
        """
        frames = {name: frame_of(name, part) for name, part in rows.items()}
        updates = pl.Series("key", list(keys), dtype=pl.Int64)
        written = 0
        with self._transaction():
            for name, frame in frames.items():
                spool = SPOOLS[name]
                arriving = self._unless_older(name, frame) if spool.extra == VERSIONED else frame
                by_event = spool is BY_EVENT
                self._replace(name, arriving, updates if by_event else arriving[spool.replaced_by])
                written += arriving.height
            self._note(stream, place)
        return written

    def put(self, stream: str, rows: Mapping[str, Iterable[Row]], place: Place) -> int:
        """Let rows be all there is in their tables, in one transaction with the place."""
        written = 0
        with self._transaction():
            for name, part in rows.items():
                self._connection.execute(f"delete from {quoted(name)}")  # noqa: S608
                written += self._insert(name, frame_of(name, part))
            self._note(stream, place)
        return written

    def begin_from(self, start: int) -> None:
        """Read all streams anew if their history is to begin earlier than it did."""
        (begun,) = self._connection.execute("select min(start) from beginning").fetchall()[0]
        if begun is None or start < begun:
            with self._transaction():
                self._connection.execute("delete from place")
                self._connection.execute("delete from beginning")
                self._connection.execute("insert into beginning values (?)", [start])

    def tickets(self) -> int:
        """Return how many tickets were fetched."""
        (count,) = self._connection.execute("select count(*) from ticket").fetchall()[0]
        return int(count)

    def parts(self) -> Iterator[ZendeskTables]:
        """Yield all tables in the form in which files are read, some thousand tickets at a time."""
        return read_parts(self._connection)

    def _unless_older(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        key = SPOOLS[name].replaced_by
        newest = frame.sort("generated_timestamp", maintain_order=True).unique(
            key, keep="last", maintain_order=True
        )
        with self._registered(newest):
            kept = self._connection.execute(
                f"select kept.{key} from {quoted(name)} as kept "  # noqa: S608
                f"join arriving on arriving.{key} = kept.{key} "
                "where kept.generated_timestamp > arriving.generated_timestamp"
            ).fetchall()
        return newest.filter(~pl.col(key).is_in([row[0] for row in kept]))

    def _replace(self, name: str, frame: pl.DataFrame, keys: pl.Series) -> None:
        key = SPOOLS[name].replaced_by
        if keys.len():
            with self._registered(pl.DataFrame({"key": keys.unique()})):
                self._connection.execute(
                    f"delete from {quoted(name)} "  # noqa: S608
                    f"where {key} in (select key from arriving)"
                )
        self._insert(name, frame)

    def _insert(self, name: str, frame: pl.DataFrame) -> int:
        if frame.height:
            with self._registered(frame):
                self._connection.execute(
                    f"insert into {quoted(name)} by name select * from arriving"  # noqa: S608
                )
        return frame.height

    def _note(self, stream: str, place: Place) -> None:
        self._connection.execute("delete from place where stream = ?", [stream])
        self._connection.execute(
            "insert into place values (?, ?, ?)", [stream, place.cursor, place.complete_until]
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("begin")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    @contextmanager
    def _registered(self, frame: pl.DataFrame) -> Iterator[None]:
        self._connection.register("arriving", frame.to_arrow())
        try:
            yield
        finally:
            self._connection.unregister("arriving")


@contextmanager
def open_store(path: Path) -> Iterator[ZendeskStore]:
    """Open the store, made if it is not there, for one run at a time.

    Raises:
        ZendeskError: If another run has it open, or it is damaged, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with connect(path) as connection:
            connection.execute(f"set memory_limit = '{_MEMORY}'")
            connection.execute("set threads = 2")
            connection.execute("set preserve_insertion_order = false")
            _prepare(connection)
            yield ZendeskStore(connection)
    except DatabaseBusyError:
        raise ZendeskError(
            f"{path} is open in another program; wait for the other run or close it there"
        ) from None
    except OSError as error:
        raise ZendeskError(
            f"{path} cannot be written ({error.strerror or error}); free some space or correct "
            "the permissions"
        ) from None
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ZendeskError(
            f"{path} cannot be used ({reason}); free some space, or remove the file to fetch "
            "everything again"
        ) from error


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table if not exists place "
        "(stream varchar, cursor varchar, complete_until timestamptz)"
    )
    connection.execute("create table if not exists beginning (start bigint)")
    for name in {**TABLES, **SPOOLS}:
        columns = ", ".join(
            f"{quoted(column)} {_SQL_TYPES.get(kind, 'boolean')}"
            for column, kind in schema_of(name).items()
        )
        connection.execute(f"create table if not exists {quoted(name)} ({columns})")
