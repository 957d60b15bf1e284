"""The build database: where it is, how it opens, what is read from it and written to it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
from polars import selectors

__all__ = [
    "DatabaseBusyError",
    "build_path",
    "connect",
    "quoted",
    "quoted_list",
    "read_query",
    "read_table",
    "set_damaged_aside",
    "write_table",
]


class DatabaseBusyError(RuntimeError):
    """Another process has the database open."""


def build_path(data_dir: Path) -> Path:
    """Return where the build database lies."""
    return data_dir / "build" / "ops.duckdb"


@contextmanager
def connect(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB database with all times shown in UTC, and close it again.

    Raises:
        DatabaseBusyError: If another process has it open.
        duckdb.Error: If the file cannot be opened for another reason.
    """
    try:
        connection = duckdb.connect(path, read_only=read_only)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise DatabaseBusyError(
                f"{path} is open in another program; close it there and run again"
            ) from error
        raise
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()


def quoted(*names: str) -> str:
    """Return names as a quoted SQL identifier, dots between them."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def quoted_list(columns: Sequence[str]) -> str:
    """Return names of columns as quoted SQL, commas between them."""
    return ", ".join(quoted(column) for column in columns)


def read_table(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    columns: Sequence[str] | None = None,
    coded: Collection[str] = (),
) -> pl.DataFrame:
    """Return a table or view as a Polars frame, or the columns named of it; its times in UTC.

    Args:
        connection: The database.
        schema: The table's schema.
        table: Its name.
        columns: Which columns; all if None.
        coded: Those of the columns that hold few different texts, to be returned as categories:
            of many rows they take an eighth of the memory.

    Raises:
        duckdb.CatalogException: If there is no such table.
        duckdb.BinderException: If there is no such column.
    """
    of = quoted(schema, table)
    # What is temporary goes with the cursor.
    cursor = connection.cursor()
    as_codes: list[str] = []
    for column in coded:
        name, codes = quoted(column), quoted(f"codes_of_{column}")
        cursor.execute(
            f"create temp type {codes} as enum "  # noqa: S608
            f"(select distinct {name} from {of} where {name} is not null order by {name})"
        )
        as_codes.append(f"{name}::{codes} as {name}")
    replaced = f" replace ({', '.join(as_codes)})" if as_codes else ""
    chosen = "*" if columns is None else quoted_list(columns)
    query = f"select {chosen} from (select *{replaced} from {of})"  # noqa: S608
    return _in_utc(cursor.sql(query).pl())


def read_query(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    """Return what a query gives as a Polars frame, its times in UTC.

    Raises:
        duckdb.CatalogException: If it names a table there is not.
        duckdb.BinderException: If it names a column there is not.
    """
    return _in_utc(connection.cursor().sql(query).pl())


def _in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    # DuckDB names the zone Etc/UTC; the contract, and so every schema, calls it UTC.
    return frame.with_columns(selectors.datetime(time_zone="*").dt.convert_time_zone("UTC"))


def write_table(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, frame: pl.DataFrame
) -> None:
    """Put a frame into a table in one transaction, in place of what it held."""
    connection.execute(f"create schema if not exists {quoted(schema)}")
    connection.register("incoming_frame", frame.to_arrow())
    try:
        connection.execute(
            f"create or replace table {quoted(schema, table)} as "  # noqa: S608
            "select * from incoming_frame"
        )
    finally:
        connection.unregister("incoming_frame")


def set_damaged_aside(path: Path) -> Path | None:
    """Rename a database that cannot be opened, so that the next build starts from an empty one.

    Everything in the build database is derived, so nothing is lost by building it again.

    Returns:
        Where the damaged file lies now, or None if there was none or it opens.

    Raises:
        DatabaseBusyError: If another process has it open.
    """
    if not path.exists():
        return None
    try:
        with connect(path) as connection:
            connection.execute("select count(*) from duckdb_tables()").fetchall()
    except duckdb.Error:
        aside = path.with_suffix(".damaged")
        path.replace(aside)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        return aside
    return None
