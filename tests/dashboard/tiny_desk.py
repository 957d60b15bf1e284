"""Snapshots published in earnest, of tables that hold nothing but which generation they are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from control_tower.publishing.link import snapshot_id_of
from control_tower.publishing.snapshot import publish
from control_tower_dash.contract import COLUMNS, TABLES
from control_tower_dash.warehouse import Reader

__all__ = ["FIRST", "generations", "publish_generation"]

FIRST: Final = datetime(2026, 6, 1, tzinfo=UTC)

_ALL: Final = " union all ".join(
    f"select generation from {table}" for table in sorted(TABLES - {"meta.snapshot"})
)


def publish_generation(data_dir: Path, generation: int, without: str = "") -> Path:
    """Publish a snapshot whose every table holds a generation, and return its file."""
    build = data_dir / "build.duckdb"
    build.unlink(missing_ok=True)
    tables = sorted(TABLES - {"meta.snapshot", without})
    schemas = sorted({table.split(".")[0] for table in tables})
    with duckdb.connect(build) as connection:
        connection.begin()
        for schema in schemas:
            connection.execute(f"create schema {schema}")
        for table in tables:
            others = "".join(f", null as {name}" for name in sorted(COLUMNS.get(table, ())))
            connection.execute(f"create table {table} as select {generation} as generation{others}")
        connection.commit()
    published_at = FIRST + timedelta(minutes=generation)
    snapshot = pl.DataFrame(
        {
            "snapshot_id": snapshot_id_of(published_at, f"{generation:08}"),
            "as_of": published_at,
            "published_at": published_at,
            "checks_warned": generation,
        }
    )
    return publish(build, data_dir, snapshot, schemas)


def generations(reader: Reader) -> set[int]:
    """Return the generations a reader's tables, row of the snapshot and id tell of."""
    found = {int(value) for value in reader.query(_ALL)["generation"]}
    warned = reader.info["checks_warned"]
    assert isinstance(warned, int)
    return found | {warned, int(reader.snapshot_id.rsplit("-", 1)[1])}
