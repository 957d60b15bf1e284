"""What was fetched from Zendesk, kept on disk between runs, and how far each stream was read.

One DuckDB file. A page's rows and the place to go on from are written in one transaction, so that
a run killed anywhere neither loses a page nor reads it into the tables twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from control_tower.raw.event_log.reading import ROW
from control_tower.raw.zendesk.errors import ZendeskError
from control_tower.raw.zendesk.files import ZendeskTables
from control_tower.raw.zendesk.layout import TABLES
from control_tower.raw.zendesk.records import Row
from control_tower.warehouse import DatabaseBusyError, connect, quoted

__all__ = ["Place", "ZendeskStore", "open_store"]

_MEMORY: Final = "160MB"
_MOMENT: Final = pl.Datetime("us", "UTC")
_SQL_TYPES: Final = {pl.Int64(): "bigint", _MOMENT: "timestamptz", pl.String(): "varchar"}


@dataclass(frozen=True)
class _Spool:
    """A table as it is kept: the column by which rows replace older ones, and what is added."""

    replaced_by: str
    extra: Mapping[str, pl.DataType]


_BY_EVENT: Final = _Spool("event_id", {"event_id": pl.Int64()})
_VERSIONED: Final = {"generated_timestamp": pl.Int64()}
_SPOOLS: Final[Mapping[str, _Spool]] = {
    "ticket": _Spool("id", _VERSIONED),
    "ticket_metric": _Spool("ticket_id", _VERSIONED),
    "ticket_field_history": _BY_EVENT,
    "ticket_comment": _BY_EVENT,
    "ticket_schedule": _BY_EVENT,
    "ticket_merge": _BY_EVENT,
    "ticket_metric_event": _Spool("id", {}),
    "satisfaction_rating": _Spool("id", {"is_survey": pl.Boolean()}),
    "user": _Spool("id", {}),
    "group": _Spool("id", {}),
    "group_membership": _Spool("user_id", {}),
    "sla_policy": _Spool("id", {}),
    "sla_policy_metric_history": _Spool("sla_policy_id", {}),
    "schedule": _Spool("id", {}),
    "schedule_holiday": _Spool("schedule_id", {}),
}

_PART: Final = 5_000
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
_OF_TICKETS: Final = {
    "ticket": "id",
    **dict.fromkeys(
        (
            "ticket_field_history",
            "ticket_comment",
            "ticket_schedule",
            "ticket_sla_policy",
            "satisfaction_rating",
            "ticket_metric",
            "ticket_metric_event",
        ),
        "ticket_id",
    ),
}
"""Tables that tell of tickets, and the column with a ticket's key."""

_ORDERS: Final = {
    "ticket": "id",
    "satisfaction_rating": "id",
    "user": "id",
    "ticket_field_history": "ticket_id, updated, event_id",
    "ticket_comment": "ticket_id, created, id",
}
_READ: Final[Mapping[str, str]] = {
    # Which tickets went into another is told by the update that merged them.
    "ticket": """
        with merges as (
            select ticket_id, string_agg(merged_ticket_ids, ',' order by event_id) as merged_tickets
            from ticket_merge
            group by ticket_id
        )
        select ticket.* replace (merges.merged_tickets as merged_ticket_ids)
        from ticket
        left join merges on merges.ticket_id = ticket.id
    """,
    # Zendesk shows a survey's answer as a rating of the older kind, too.
    "satisfaction_rating": """
        select rating.*
        from satisfaction_rating as rating
        where rating.is_survey or rating.ticket_id not in (
            select surveyed.ticket_id from satisfaction_rating as surveyed where surveyed.is_survey
        )
    """,
    # Who left the desk is no longer listed, but once held tickets.
    "user": """
        with holders as (
            select try_cast(value as bigint) as id
            from ticket_field_history
            where field_name = 'assignee_id'
            union
            select assignee_id as id from ticket
        )
        select * from "user"
        union all by name
        select id, 'agent' as role from holders
        where id > 0 and id not in (select id from "user")
    """,
}


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
                spool = _SPOOLS[name]
                arriving = self._unless_older(name, frame) if spool.extra == _VERSIONED else frame
                by_event = spool is _BY_EVENT
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

    def parts(self, tickets_each: int = _PART) -> Iterator[ZendeskTables]:
        """Yield all tables in the form in which files are read, so many tickets at a time.

        Parts follow each other in the order of the tickets' keys; within one each table has a fixed
        order. The tables of the desk itself are in every part.
        """
        firsts = [
            row[0]
            for row in self._connection.execute(
                "select id from (select id, row_number() over (order by id) as place from ticket) "
                "where (place - 1) % ? = 0 order by id",
                [tickets_each],
            ).fetchall()
        ]
        of_desk = {name: self._frame(name) for name in TABLES if name not in _OF_TICKETS}
        for first, after in pairwise([_LEAST, *firsts[1:], _MOST]):
            frames = of_desk | {name: self._frame(name, (first, after)) for name in _OF_TICKETS}
            total = sum(_digest(frame) for frame in frames.values())
            files = {name: f"Zendesk's {name}" for name in TABLES}
            numbered = {name: frame.with_row_index(ROW, offset=1) for name, frame in frames.items()}
            yield ZendeskTables(numbered, files, f"{total:x}")

    def _frame(self, name: str, between: tuple[int, int] | None = None) -> pl.DataFrame:
        layout = TABLES[name]
        columns = [*layout.keys, *layout.times, *layout.texts]
        shown = ", ".join(quoted(column) for column in columns)
        inner = _READ.get(name, f"select * from {quoted(name)}")  # noqa: S608
        within = f"where {_OF_TICKETS[name]} >= ? and {_OF_TICKETS[name]} < ?" if between else ""
        order = _ORDERS.get(name, "all")
        query = f"select {shown} from (select * from ({inner}) {within} order by {order})"  # noqa: S608
        frame: pl.DataFrame = self._connection.cursor().sql(query, params=list(between or ())).pl()
        return frame.with_columns(pl.col(c).dt.convert_time_zone("UTC") for c in layout.times)

    def _unless_older(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        key = _SPOOLS[name].replaced_by
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
        key = _SPOOLS[name].replaced_by
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


def _digest(frame: pl.DataFrame) -> int:
    return int(frame.hash_rows(seed=0).sum() or 0) + frame.height


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table if not exists place "
        "(stream varchar, cursor varchar, complete_until timestamptz)"
    )
    connection.execute("create table if not exists beginning (start bigint)")
    for name in {**TABLES, **_SPOOLS}:
        columns = ", ".join(
            f"{quoted(column)} {_SQL_TYPES.get(kind, 'boolean')}"
            for column, kind in _schema(name).items()
        )
        connection.execute(f"create table if not exists {quoted(name)} ({columns})")


def _schema(name: str) -> dict[str, pl.DataType]:
    if name == "ticket_merge":
        own: dict[str, pl.DataType] = {"ticket_id": pl.Int64(), "merged_ticket_ids": pl.String()}
    else:
        layout = TABLES[name]
        own = dict.fromkeys(layout.keys, pl.Int64())
        own |= dict.fromkeys(layout.times, _MOMENT) | dict.fromkeys(layout.texts, pl.String())
    return own | dict(_SPOOLS[name].extra if name in _SPOOLS else {})


def frame_of(name: str, rows: Iterable[Row]) -> pl.DataFrame:
    """Return rows as a frame with the columns and types in which their table is kept."""
    return pl.DataFrame(list(rows), schema=_schema(name), orient="row")
