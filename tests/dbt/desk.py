"""Small desks to build the models on: rows in words of the contract, landed as any source lands."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from control_tower.marts.project import parsed
from control_tower.raw.contract import polars_schema
from control_tower.raw.landing import Landing, complete_tables, write_landed
from control_tower.settings import PROJECT_ROOT
from control_tower.warehouse import build_path

__all__ = ["PROJECT", "build", "frame", "land", "moment", "query", "run_dbt"]

PROJECT = PROJECT_ROOT / "control_tower_dbt"

Row = Mapping[str, Any]


def moment(text: str) -> datetime:
    """Return a UTC moment written as `2026-06-01 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def frame(table: str, rows: Iterable[Row]) -> pl.DataFrame:
    """Return rows as the contract's table; columns not given are null."""
    schema = polars_schema(table)
    return pl.DataFrame(
        [{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row"
    )


def land(data_dir: Path, as_of: datetime, **tables: Sequence[Row] | pl.DataFrame) -> None:
    """Land tables in a data directory; those not given are there without rows."""
    landing = Landing(
        source="event_log",
        described_as="a desk made for a test",
        fingerprint=str(data_dir),
        as_of=as_of,
        tables={
            name: rows if isinstance(rows, pl.DataFrame) else frame(name, rows)
            for name, rows in tables.items()
        },
    )
    write_landed(complete_tables(landing), data_dir, landing_id=landing.landing_id)


def build(data_dir: Path, *arguments: str) -> dbtRunnerResult:
    """Run `dbt build` on a landed data directory, everything dbt writes below that directory."""
    build_path(data_dir).parent.mkdir(parents=True, exist_ok=True)
    manifest = parsed(data_dir).manifest(data_dir)
    return run_dbt(data_dir, "build", *arguments, manifest=manifest)


def run_dbt(data_dir: Path, *arguments: str, manifest: Manifest | None = None) -> dbtRunnerResult:
    """Run a dbt command in this process."""
    environment = {
        "CONTROL_TOWER_DATA_DIR": str(data_dir),
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(data_dir / "build" / "dbt"),
        "DBT_LOG_PATH": str(data_dir / "build" / "dbt"),
    }
    with _environment(environment):
        try:
            return dbtRunner(manifest).invoke(["--quiet", *arguments])
        finally:
            # dbt keeps the database open for as long as the process lives.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def query(data_dir: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the build database."""
    with duckdb.connect(build_path(data_dir), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(sql).fetchall()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
