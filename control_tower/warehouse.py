"""The build database: where it is, how it opens, what is read from it and written to it."""

from collections.abc import Iterator, Sequence
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


def read_table(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    columns: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Return a table or view as a Polars frame, or the columns named of it; its times in UTC.

    Raises:
        duckdb.CatalogException: If there is no such table.
        duckdb.BinderException: If there is no such column.
    """
    chosen = "*" if columns is None else ", ".join(quoted(column) for column in columns)
    frame: pl.DataFrame = (
        connection.cursor().sql(f"select {chosen} from {quoted(schema, table)}").pl()  # noqa: S608
    )
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
