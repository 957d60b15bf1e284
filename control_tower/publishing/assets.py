"""The gate as an asset: what was built becomes the published snapshot, or stays unpublished."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import duckdb
import polars as pl
from dagster import (
    AssetCheckKey,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AutomationCondition,
    DagsterInstance,
    Failure,
    MaterializeResult,
    MetadataValue,
    asset,
)

from control_tower import columns
from control_tower.presentation import markdown_table
from control_tower.publishing.briefing import NoBriefingError, read_briefing, write_briefing
from control_tower.publishing.checks import outcomes_of
from control_tower.publishing.gate import CheckOutcome, judge
from control_tower.publishing.link import link_path, next_snapshot_id
from control_tower.publishing.snapshot import publish
from control_tower.publishing.tables import Checks, Snapshot, Tables
from control_tower.raw.landing import LandedFileError, landing_id_of, read_landed
from control_tower.room import landing_of
from control_tower.settings import Settings
from control_tower.warehouse import DatabaseBusyError, build_path

__all__ = ["briefing_asset", "snapshot_asset"]

_SNAPSHOT = AssetKey(["meta", "snapshot"])
_OWNERS = ("team:support-operations",)

_BUILT_BY_DBT = ("staging", "intermediate", "seeds", "marts")


def snapshot_asset(
    tables: Mapping[AssetKey, str], check_keys: Iterable[AssetCheckKey], rooms: Sequence[str]
) -> AssetsDefinition:
    """Return the asset that publishes, once every one of the given checks lets it.

    Args:
        tables: Tables that must belong to one landing, and what each holds.
        check_keys: Checks of those tables.
        rooms: Schemas of the tables that the analysis rooms made.
    """
    checks = sorted(check_keys, key=lambda key: key.to_user_string())

    @asset(
        key=_SNAPSHOT,
        group_name="publishing",
        deps=list(tables),
        description=(
            "The snapshot the readers see: one row that says which run built it, from which "
            "source, as of when, and how its checks stood."
        ),
        owners=_OWNERS,
        kinds={"duckdb"},
        automation_condition=AutomationCondition.eager(),
        required_resource_keys={"run_lock", "settings"},
    )
    def snapshot(context: AssetExecutionContext) -> MaterializeResult[None]:
        settings: Settings = context.resources.settings
        outcomes = outcomes_of(context.instance, checks, context.run_id)
        verdict = judge(outcomes)
        objection = verdict.objection or _mixture(context, settings, list(tables))
        if objection:
            raise Failure(
                description=f"nothing was published, the last good snapshot stays: {objection}",
                allow_retries=False,
            )
        published_at = datetime.now(UTC)
        record = context.instance.get_run_record_by_id(context.run_id)
        started = record.start_time if record and record.start_time else published_at.timestamp()
        landed = read_landed(settings.data_dir, "landing").row(0, named=True)
        row = pl.DataFrame(
            {
                "snapshot_id": next_snapshot_id(settings.data_dir, published_at, context.run_id),
                "run_id": context.run_id,
                "source": landed["source"],
                "as_of": landed["as_of"],
                "published_at": published_at,
                "checks_passed": verdict.checks_passed,
                "checks_warned": verdict.checks_warned,
                "duration_seconds": round(published_at.timestamp() - started, 3),
            },
            schema=columns.polars_schema_of(Snapshot),
        )
        try:
            path = publish(
                build_path(settings.data_dir),
                settings.data_dir,
                row,
                (*_BUILT_BY_DBT, *rooms),
                {
                    "checks": _checks_frame(checks, outcomes),
                    "tables": _tables_frame(context.instance, tables),
                },
            )
        except (OSError, duckdb.Error, DatabaseBusyError) as error:
            raise Failure(
                description=f"the snapshot could not be written, the last good one stays: {error}",
                allow_retries=False,
            ) from None
        return MaterializeResult(
            metadata={
                "dagster/row_count": 1,
                "preview": MetadataValue.md(markdown_table(row)),
                "file": MetadataValue.path(str(path)),
                "link": MetadataValue.path(str(link_path(settings.data_dir))),
                "file_bytes": path.stat().st_size,
                "checks_passed": verdict.checks_passed,
                "checks_warned": verdict.checks_warned,
            }
        )

    return snapshot


def briefing_asset() -> AssetsDefinition:
    """Return the asset that puts the published snapshot's briefing beside it, as files."""

    @asset(
        key=AssetKey(["meta", "briefing"]),
        group_name="publishing",
        deps=[_SNAPSHOT],
        description=(
            "The Monday briefing as files to forward, briefing.md and briefing.html in the data "
            "directory: the five questions answered, and what to do about it."
        ),
        owners=_OWNERS,
        kinds={"markdown", "html"},
        automation_condition=AutomationCondition.eager(),
        required_resource_keys={"settings"},
    )
    def briefing(context: AssetExecutionContext) -> MaterializeResult[None]:
        settings: Settings = context.resources.settings
        try:
            page = read_briefing(settings.data_dir)
            paths = write_briefing(page, settings.data_dir)
        except (OSError, DatabaseBusyError, NoBriefingError) as error:
            raise Failure(
                description=f"the briefing could not be written: {error}", allow_retries=False
            ) from None
        return MaterializeResult(
            metadata={
                "preview": MetadataValue.md(page.markdown),
                "title": page.title,
                "as_of": page.as_of.isoformat(),
                **{path.name: MetadataValue.path(str(path)) for path in paths},
            }
        )

    return briefing


def _checks_frame(keys: Sequence[AssetCheckKey], outcomes: Sequence[CheckOutcome]) -> pl.DataFrame:
    """Return table_name, check_name, outcome and what it said, a row a check."""
    return pl.DataFrame(
        [
            (_table_name(key.asset_key), key.name, found.outcome, found.says)
            for key, found in zip(keys, outcomes, strict=True)
        ],
        schema=columns.polars_schema_of(Checks),
        orient="row",
    )


def _tables_frame(instance: DagsterInstance, tables: Mapping[AssetKey, str]) -> pl.DataFrame:
    """Return table_name, description and built_at, a row a table."""
    built = {
        record.asset_entry.asset_key: record.asset_entry.last_materialization
        for record in instance.get_asset_records(list(tables))
    }
    return pl.DataFrame(
        [
            (
                _table_name(key),
                description,
                datetime.fromtimestamp(entry.timestamp, UTC) if (entry := built.get(key)) else None,
            )
            for key, description in tables.items()
        ],
        schema=columns.polars_schema_of(Tables),
        orient="row",
    )


def _table_name(key: AssetKey) -> str:
    return ".".join(key.path)


def _mixture(
    context: AssetExecutionContext, settings: Settings, deps: Sequence[AssetKey]
) -> str | None:
    """Return what is wrong if some tables were built from another landing than the files."""
    try:
        expected = landing_id_of(settings.data_dir, "landing")
    except LandedFileError as error:
        return str(error)
    for key in deps:
        if landing_of(context.instance, key) != expected:
            name = key.to_user_string()
            return f"{name} was built from another landing than the files; run the whole pipeline"
    return None
