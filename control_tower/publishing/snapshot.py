"""One consistent DuckDB file for the readers, put in place whole or not at all."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from control_tower.disk import flush_to_disk
from control_tower.publishing.link import link_path, snapshot_path, snapshots
from control_tower.warehouse import connect, quoted, write_table

__all__ = ["KEPT_SNAPSHOTS", "publish"]

KEPT_SNAPSHOTS = 3
_CATALOG = "ops"


def publish(
    build: Path,
    data_dir: Path,
    snapshot: pl.DataFrame,
    schemas: Sequence[str],
    about: Mapping[str, pl.DataFrame] | None = None,
) -> Path:
    """Copy the built tables into a new snapshot and let the link lead to it.

    The copy is made under a temporary name and reaches the disk before it is renamed; the link
    is replaced in one step. A reader sees the old snapshot or the new one. A failure at any point
    leaves the old one in place.

    Args:
        build: The build database.
        data_dir: The data directory.
        snapshot: The one row of `meta.snapshot`, with its `snapshot_id`.
        schemas: Schemas whose tables and views are copied, views as tables.
        about: Further tables of the schema `meta`, by name.

    Returns:
        The snapshot's file.

    Raises:
        OSError, duckdb.Error: If the copy cannot be made or put in place.
    """
    target = snapshot_path(data_dir, snapshot["snapshot_id"][0])
    folder = target.parent
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(".*.partial*"):
        leftover.unlink()
    partial = folder / f".{target.name}.partial"
    try:
        _copy(build, partial, {**(about or {}), "snapshot": snapshot}, schemas)
        flush_to_disk(partial)
        partial.replace(target)
        _point_link(link_path(data_dir), target)
        flush_to_disk(folder)
    finally:
        partial.unlink(missing_ok=True)
        partial.with_name(partial.name + ".wal").unlink(missing_ok=True)
    for old in snapshots(data_dir)[:-KEPT_SNAPSHOTS]:
        # Whatever its name says of its age, what readers are led to stays.
        if old != target:
            old.unlink()
    return target


def _copy(
    build: Path, target: Path, meta: Mapping[str, pl.DataFrame], schemas: Sequence[str]
) -> None:
    with connect(target) as connection:
        # Views name the catalog they were built in, so the build is attached under that name.
        source = str(build).replace("'", "''")
        connection.execute(f"attach '{source}' as {_CATALOG} (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = ? "
            "union all select schema_name, view_name from duckdb_views() "
            "where database_name = ? and not internal order by all",
            [_CATALOG, _CATALOG],
        ).fetchall()
        for schema in schemas:
            connection.execute(f"create schema if not exists {quoted(schema)}")
        for schema, table in tables:
            if schema in schemas:
                connection.execute(
                    f"create table {quoted(schema, table)} as "  # noqa: S608
                    f"select * from {quoted(_CATALOG, schema, table)}"
                )
        for name, frame in meta.items():
            write_table(connection, "meta", name, frame)
        connection.execute(f"detach {_CATALOG}")
        connection.execute("checkpoint")


def _point_link(link: Path, target: Path) -> None:
    temporary = link.with_name(f".{link.name}.{os.getpid()}.partial")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target.relative_to(link.parent))
    temporary.replace(link)
