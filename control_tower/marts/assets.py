"""The dbt project as assets: one per model and seed, its tests as asset checks."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    AssetObservation,
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
from dagster_dbt import DbtCliInvocation, DbtCliResource, DbtProject, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCliEventMessage

from control_tower.marts.description import TableDescription, describe
from control_tower.marts.failures import failed_nodes, failing_rows, sentence
from control_tower.marts.lineage import LineageBook
from control_tower.marts.translator import MartsTranslator
from control_tower.presentation import markdown_table
from control_tower.raw.landing import LandedFileError, landing_id_of
from control_tower.settings import Settings
from control_tower.warehouse import DatabaseBusyError, build_path, connect, set_damaged_aside

__all__ = ["marts_assets"]

MartsEvent = Output[None] | AssetCheckResult | AssetObservation


def marts_assets(project: DbtProject) -> AssetsDefinition:
    """Return every model and seed of the dbt project as one subsettable set of assets."""
    translator = MartsTranslator()

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        dagster_dbt_translator=translator,
        name="marts",
        required_resource_keys={"run_lock", "settings", "dbt"},
    )
    def marts(context: AssetExecutionContext) -> Iterator[MartsEvent]:
        """Build and test the models that were asked for, in one dbt invocation."""
        settings: Settings = context.resources.settings
        dbt: DbtCliResource = context.resources.dbt
        build = build_path(settings.data_dir)
        landing_id = _prepare(context, build, settings)
        # The models' own tests run in the project's test suite; here only the data is tested.
        invocation = dbt.cli(
            ["build", "--exclude-resource-type", "unit_test"],
            context=context,
            manifest=project.manifest_path,
            dagster_dbt_translator=translator,
            raise_on_error=False,
        )
        events: list[MartsEvent] = []
        for message in invocation.stream_raw_events():
            _tell_progress(context, message)
            events.extend(
                message.to_default_asset_events(  # type: ignore[arg-type]
                    invocation.manifest, translator, context, invocation.target_path, project
                )
            )
        reasons = _reasons(invocation, build)
        yield from _enriched(events, reasons, invocation, settings, landing_id)
        if reasons:
            raise Failure(description="; ".join(reasons.values()), allow_retries=False)
        if not invocation.is_successful():
            raise Failure(
                description=f"dbt could not build the marts: {_first_line(invocation)}",
                allow_retries=False,
            )

    return marts


def _prepare(context: AssetExecutionContext, build: Path, settings: Settings) -> str:
    """Make sure the build database can be written, and return the landing it is built from."""
    try:
        build.parent.mkdir(parents=True, exist_ok=True)
        aside = set_damaged_aside(build)
        landing_id = landing_id_of(settings.data_dir, "landing")
    except (DatabaseBusyError, LandedFileError) as error:
        raise Failure(description=str(error), allow_retries=False) from None
    if aside:
        context.log.warning(
            f"the build database could not be opened; it was set aside as {aside} "
            "and a new one is built"
        )
    return landing_id


def _tell_progress(context: AssetExecutionContext, message: DbtCliEventMessage) -> None:
    if message.is_result_event and "node_info" in message.raw_event["data"]:
        node = message.raw_event["data"]["node_info"]
        if node["resource_type"] in ("model", "seed"):
            relation = node["node_relation"]
            seconds = float(message.raw_event["data"].get("execution_time") or 0)
            context.log.info(f"built {relation['schema']}/{relation['alias']} in {seconds:.2f} s")


def _reasons(invocation: DbtCliInvocation, build: Path) -> dict[str, str]:
    """Return why nodes failed, by their unique id, one readable line each."""
    results = invocation.target_path / "run_results.json"
    if not results.exists():
        return {}
    failed = failed_nodes(invocation.get_artifact("run_results.json"), invocation.manifest)
    reasons: dict[str, str] = {}
    if failed:
        with connect(build, read_only=True) as connection:
            for node in failed:
                try:
                    rows = failing_rows(connection, node)
                except duckdb.Error:
                    rows = []
                reasons[node.unique_id] = sentence(node, rows)
    return reasons


def _first_line(invocation: DbtCliInvocation) -> str:
    """Return the last thing dbt said before it gave up, on one line."""
    log = invocation.target_path / "dbt.log"
    text = str(invocation.get_error() or "no reason given")
    parsed = text.rsplit("Errors parsed from dbt logs:", maxsplit=1)[-1]
    return f"{' '.join(parsed.split())[:600]} (all of it: {log})"


def _enriched(
    events: Sequence[MartsEvent],
    reasons: Mapping[str, str],
    invocation: DbtCliInvocation,
    settings: Settings,
    landing_id: str,
) -> Iterator[MartsEvent]:
    """Add what can be seen only once dbt has let go of the database."""
    nodes = {**invocation.manifest["nodes"], **invocation.manifest["sources"]}
    book = LineageBook(settings.data_dir / "build" / "lineage.json")
    with connect(build_path(settings.data_dir), read_only=True) as connection:
        known: dict[str, TableDescription] = {}
        for event in events:
            metadata = dict(event.metadata or {})
            unique_id = str(getattr(metadata.get("unique_id"), "text", ""))
            if isinstance(event, AssetCheckResult):
                reason = reasons.get(unique_id)
                yield event._replace(description=reason) if reason else event
                continue
            if isinstance(event, AssetObservation):
                yield event
                continue
            node = nodes[unique_id]
            description = _description(connection, node, known)
            added = _metadata(node, description, landing_id)
            origins = _lineage(connection, node, nodes, book, invocation.target_path, known)
            if origins.deps_by_column:
                added.update({**TableMetadataSet(column_lineage=origins)})
            yield event.with_metadata({**metadata, **added})
    book.save()


def _description(
    connection: duckdb.DuckDBPyConnection,
    node: Mapping[str, Any],
    known: dict[str, TableDescription],
) -> TableDescription:
    if node["unique_id"] not in known:
        known[node["unique_id"]] = describe(connection, node["schema"], node["alias"])
    return known[node["unique_id"]]


def _metadata(
    node: Mapping[str, Any], description: TableDescription, landing_id: str
) -> dict[str, RawMetadataValue]:
    documented = node.get("columns", {})
    schema = TableSchema(
        columns=[
            TableColumn(name, kind, documented.get(name, {}).get("description"))
            for name, kind in description.columns.items()
        ]
    )
    return {
        **TableMetadataSet(row_count=description.rows, column_schema=schema),
        "preview": MetadataValue.md(markdown_table(description.first_rows)),
        "landing_id": landing_id,
        **description.figures,
    }


def _lineage(
    connection: duckdb.DuckDBPyConnection,
    node: Mapping[str, Any],
    nodes: Mapping[str, Mapping[str, Any]],
    book: LineageBook,
    target_path: Path,
    known: dict[str, TableDescription],
) -> TableColumnLineage:
    compiled = target_path / "compiled" / node["package_name"] / node["original_file_path"]
    if node["resource_type"] != "model" or not compiled.exists():
        return TableColumnLineage({})
    sql = compiled.read_text(encoding="utf-8")
    tables: dict[tuple[str, str], Mapping[str, str]] = {}
    for parent in _tables_read(node, nodes):
        if parent["resource_type"] == "source":
            # A source is a file in the compiled statement; lineage wants its name.
            sql = sql.replace(parent["relation_name"], f"{parent['source_name']}.{parent['name']}")
            columns = {name: column["data_type"] for name, column in parent["columns"].items()}
            tables[parent["source_name"], parent["name"]] = columns
        else:
            key = (parent["schema"], parent["alias"])
            tables[key] = _description(connection, parent, known).columns
    return TableColumnLineage(
        {
            column: [TableColumnDep([schema, table], name) for schema, table, name in origins]
            for column, origins in book.lineage(sql, tables).items()
        }
    )


def _tables_read(
    node: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """Yield the tables and sources a model reads, looking through ephemeral models."""
    for unique_id in node["depends_on"]["nodes"]:
        parent = nodes[unique_id]
        if parent.get("config", {}).get("materialized") == "ephemeral":
            yield from _tables_read(parent, nodes)
        else:
            yield parent
