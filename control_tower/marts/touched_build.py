"""One build of the marts: of what changed since the last one where that is known, else of all."""

from collections.abc import Callable, Collection
from pathlib import Path

import duckdb

from control_tower.marts.changes import Extent, begin_build, end_build
from control_tower.marts.dbt_build import DbtBuild, OnBuilt, build
from control_tower.marts.parsed_project import ParsedProject
from control_tower.warehouse import build_path, connect

__all__ = ["build_touched"]


def build_touched(
    data_dir: Path,
    project_dir: Path,
    target_path: Path,
    read: ParsedProject,
    *,
    names: Collection[str] | None = None,
    is_whole: bool = False,
    on_begun: Callable[[Extent], None] | None = None,
    on_built: OnBuilt | None = None,
) -> DbtBuild:
    """Build every model and seed, rows of only the touched tickets where that is enough.

    Args:
        data_dir: The data directory with the landed tables and the build database.
        project_dir: The dbt project.
        target_path: Where dbt keeps what it writes.
        read: The project as it was parsed.
        names: Names of what is built and tested, all models and seeds among them; everything if
            None.
        is_whole: Whether all tickets are built in any case.
        on_begun: Told how much is built, before anything is.
        on_built: Told of every model and seed as it is built.

    Returns:
        How it went; failing nodes do not raise.

    Raises:
        duckdb.Error: If a landed table cannot be read, or the build database cannot be written.
        control_tower.raw.landing.LandedFileError: If a landed table is missing or damaged.
        control_tower.warehouse.DatabaseBusyError: If another process has the build database open.
    """
    manifest = read.manifest(data_dir)
    code = f"{read.folder.name}, DuckDB {duckdb.__version__}"
    with connect(build_path(data_dir)) as connection:
        extent = begin_build(
            connection,
            data_dir,
            code=code,
            added_to={
                (node.schema, node.name)
                for node in manifest.nodes.values()
                if node.config.materialized == "incremental"
            },
            is_whole=is_whole,
        )
    if on_begun:
        on_begun(extent)
    outcome = build(
        project_dir,
        target_path,
        manifest=manifest,
        names=names,
        touched_only=extent.touched is not None,
        on_built=on_built,
    )
    if not outcome.error and not any(result.is_bad for result in outcome.results):
        with connect(build_path(data_dir)) as connection:
            end_build(connection, data_dir, code=code)
    return outcome
