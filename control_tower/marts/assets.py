"""The dbt project as assets: one per model and seed, its tests as asset checks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from dagster import (
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    Failure,
    MetadataValue,
    Output,
    TableColumn,
    TableColumnDep,
    TableColumnLineage,
    TableSchema,
)
from dagster._core.definitions.metadata import RawMetadataValue, TableMetadataSet
from dagster_dbt import DbtProject, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from control_tower.marts.dbt_build import DbtBuild, NodeResult, build
from control_tower.marts.describer import Described, Describer
from control_tower.marts.failures import failing_rows, sentence
from control_tower.marts.lineage import LineageBook
from control_tower.marts.parsed_project import ParsedProject
from control_tower.marts.project import parsed
from control_tower.marts.touched_build import build_touched
from control_tower.marts.translator import MartsTranslator
from control_tower.presentation import markdown_table
from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES
from control_tower.raw.landing import LandedFileError, landing_id_of
from control_tower.settings import Settings
from control_tower.warehouse import DatabaseBusyError, build_path, connect, set_damaged_aside

__all__ = ["marts_assets"]

_LANDED_TABLES = (*RAW_TABLES, *REFERENCE_TABLES)

MartsEvent = Output[None] | AssetCheckResult


def marts_assets(project: DbtProject) -> AssetsDefinition:
    """Return every model and seed of the dbt project as one subsettable set of assets."""
    translator = MartsTranslator()
    manifest: dict[str, Any] = json.loads(project.manifest_path.read_text(encoding="utf-8"))
    check_keys = {
        unique_id: get_asset_check_key_for_test(manifest, translator, unique_id, project)
        for unique_id in manifest["nodes"]
        if unique_id.startswith("test.")
    }
    asset_keys = {
        unique_id: translator.get_asset_key(node)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
        and node["config"]["materialized"] != "ephemeral"
    }

    @dbt_assets(
        manifest=manifest,
        project=project,
        dagster_dbt_translator=translator,
        name="marts",
        required_resource_keys={"run_lock", "settings"},
    )
    def marts(context: AssetExecutionContext) -> Iterator[MartsEvent]:
        """Build and test the models that were asked for, in one dbt invocation."""
        settings: Settings = context.resources.settings
        path = build_path(settings.data_dir)
        landing_id = _prepare(context, path, settings)
        read = parsed(settings.data_dir)
        names = _names(context, manifest, asset_keys, check_keys)
        try:
            outcome = _built(context, project, settings, read, names)
        except (duckdb.Error, DatabaseBusyError, LandedFileError) as error:
            raise Failure(
                description=f"what changed since the last build cannot be told: {error}",
                allow_retries=False,
            ) from None
        if outcome.error:
            raise Failure(
                description=f"dbt could not build the marts: {outcome.error[:600]}",
                allow_retries=False,
            )
        reasons = _reasons(outcome.results, path)
        book = LineageBook(
            settings.data_dir / "build" / "lineage.json", read.folder / "lineage.json"
        )
        describer = Describer(path, manifest, book)
        with describer:
            for result in outcome.results:
                key = asset_keys.get(result.unique_id)
                if key and result.status == "success":
                    metadata = _metadata(describer.describe(result), result, landing_id)
                    yield Output(None, key.to_python_identifier(), metadata=metadata)
                check = check_keys.get(result.unique_id)
                was_run = result.status != "skipped"
                if check and check in context.selected_asset_check_keys and was_run:
                    yield _check_result(check, result, reasons)
        failed = [reasons[result.unique_id] for result in outcome.results if result.is_bad]
        if failed:
            raise Failure(description="; ".join(failed), allow_retries=False)

    return marts


def _names(
    context: AssetExecutionContext,
    manifest: Mapping[str, Any],
    asset_keys: Mapping[str, AssetKey],
    check_keys: Mapping[str, AssetCheckKey | None],
) -> set[str] | None:
    """Return the names of the nodes that were asked for; None if all of them were."""
    wanted = {
        *(i for i, key in asset_keys.items() if key in context.selected_asset_keys),
        *(i for i, key in check_keys.items() if key in context.selected_asset_check_keys),
    }
    if len(wanted) == len(asset_keys) + len(check_keys):
        return None
    return {manifest["nodes"][unique_id]["name"] for unique_id in wanted}


def _prepare(context: AssetExecutionContext, path: Path, settings: Settings) -> str:
    """Make sure the build database can be written, and return the landing it is built from."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = set_damaged_aside(path)
        # dbt would name a damaged file too, but in its database's words and without a remedy.
        ids = {table: landing_id_of(settings.data_dir, table) for table in _LANDED_TABLES}
    except (DatabaseBusyError, LandedFileError) as error:
        raise Failure(description=str(error), allow_retries=False) from None
    if aside:
        context.log.warning(
            f"the build database could not be opened; it was set aside as {aside} "
            "and a new one is built"
        )
    return ids["landing"]


def _built(
    context: AssetExecutionContext,
    project: DbtProject,
    settings: Settings,
    read: ParsedProject,
    names: set[str] | None,
) -> DbtBuild:
    """Build what was asked for; of a part, nobody could say what the rest was built from."""

    def on_built(schema: str, table: str, seconds: float) -> None:
        context.log.info(f"built {schema}/{table} in {seconds:.2f} s")

    if names is not None:
        return build(
            project.project_dir,
            project.target_path,
            manifest=read.manifest(settings.data_dir),
            names=names,
            on_built=on_built,
        )
    return build_touched(
        settings.data_dir,
        project.project_dir,
        project.target_path,
        read,
        is_whole=settings.full_refresh,
        on_begun=lambda extent: context.log.info(extent.says),
        on_built=on_built,
    )


def _reasons(results: Sequence[NodeResult], path: Path) -> dict[str, str]:
    """Return why nodes failed or warned, by their unique id, one readable line each."""
    notable = [result for result in results if result.is_bad or result.has_warned]
    if not notable:
        return {}
    with connect(path, read_only=True) as connection:
        return {
            result.unique_id: sentence(result, failing_rows(connection, result))
            for result in notable
        }


def _metadata(
    described: Described, result: NodeResult, landing_id: str
) -> dict[str, RawMetadataValue]:
    columns = [
        TableColumn(name, kind, described.documented.get(name))
        for name, kind in described.table.columns.items()
    ]
    lineage = {
        column: [TableColumnDep([schema, table], name) for schema, table, name in found]
        for column, found in described.origins.items()
    }
    return {
        **TableMetadataSet(
            row_count=described.table.rows,
            column_schema=TableSchema(columns=columns),
            column_lineage=TableColumnLineage(lineage) if lineage else None,
        ),
        "preview": MetadataValue.md(markdown_table(described.table.first_rows)),
        "landing_id": landing_id,
        "seconds": round(result.seconds, 3),
        **described.table.figures,
    }


def _check_result(
    key: AssetCheckKey, result: NodeResult, reasons: Mapping[str, str]
) -> AssetCheckResult:
    warned = result.has_warned
    return AssetCheckResult(
        passed=result.status == "pass",
        asset_key=key.asset_key,
        check_name=key.name,
        severity=AssetCheckSeverity.WARN if warned else AssetCheckSeverity.ERROR,
        description=reasons.get(result.unique_id),
        metadata={"failing_rows": result.failures, "seconds": round(result.seconds, 3)},
    )
