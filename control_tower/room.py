"""The shape all analysis rooms share: read from the build, compute, write, check, show.

A room says which columns it reads, which tables it makes and how; what Dagster wants to know about
each of them - columns, freshness, preview, checks, the landing it belongs to - follows from that.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import dataframely as dy
import duckdb
import polars as pl
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    AutomationCondition,
    DagsterInstance,
    Failure,
    MaterializeResult,
    MetadataValue,
    TableColumn,
    TableColumnConstraints,
    TableSchema,
    multi_asset,
)
from dagster._core.definitions.metadata import RawMetadataValue, TableMetadataSet

from control_tower.presentation import markdown_table
from control_tower.schema_rules import schema_violations
from control_tower.settings import Settings
from control_tower.warehouse import (
    DatabaseBusyError,
    build_path,
    connect,
    quoted,
    read_query,
    read_table,
    write_table,
)

__all__ = [
    "Frames",
    "Room",
    "TableCheck",
    "column_schema",
    "landing_of",
    "read_inputs",
    "room_assets",
    "work",
]

Frames: TypeAlias = Mapping[str, pl.DataFrame]
"""Frames by the name of their table; a room's inputs by schema and table, dot between them."""

_CONTRACT_CHECK = "keeps_the_contract"
_OWNER = "team:analytics"


@dataclass(frozen=True)
class TableCheck:
    """A promise about a table beyond its schema.

    Attributes:
        table: The table it guards, without the schema.
        name: The check's name, a sentence with underscores.
        description: What holds when it passes.
        problems: Given the room's inputs and its tables, the sentences that say what is wrong.
        is_blocking: Whether a problem keeps the snapshot from being published, or only warns.
    """

    table: str
    name: str
    description: str
    problems: Callable[[Frames, Frames], Sequence[str]]
    is_blocking: bool = True


@dataclass(frozen=True)
class Room:
    """What a room reads and makes.

    Attributes:
        name: Schema of its tables in the warehouse, and group of its assets.
        tables: Schemas by table name; the schema's docstring describes the table.
        inputs: Columns it reads, by `schema.table`.
        compute: Makes all its tables from its inputs.
        coded: Columns by input that hold few different texts, and are handed over as categories.
        queries: SQL by input, in place of all rows of it, where a large desk has more than the
            room makes use of; it gives the columns named, and may give more.
        checks: What is promised beyond the schemas.
        figures: Telling figures or plots of its tables, by table; shown with each materialization.
    """

    name: str
    tables: Mapping[str, type[dy.Schema]]
    inputs: Mapping[str, Sequence[str]]
    compute: Callable[[Frames, Settings], Frames]
    coded: Mapping[str, Sequence[str]] = field(default_factory=dict)
    queries: Mapping[str, str] = field(default_factory=dict)
    checks: Sequence[TableCheck] = ()
    figures: Callable[[Frames], Mapping[str, Mapping[str, RawMetadataValue]]] = field(
        default=lambda _tables: {}
    )

    def key(self, table: str) -> AssetKey:
        """Return the asset key of one of its tables."""
        return AssetKey([self.name, table])


def column_schema(schema: type[dy.Schema]) -> TableSchema:
    """Return a table's columns as Dagster shows them."""
    return TableSchema(
        columns=[
            TableColumn(
                name=name,
                type=str(column.dtype),
                description=column.description,
                constraints=TableColumnConstraints(nullable=column.nullable),
            )
            for name, column in schema.columns().items()
        ]
    )


def landing_of(instance: DagsterInstance, key: AssetKey) -> str | None:
    """Return which landing a table was last built from; None if it never was, or from several."""
    event = instance.get_latest_materialization_event(key)
    if not event or not event.asset_materialization:
        return None
    found = event.asset_materialization.metadata.get("landing_id")
    return str(found.value) if found else None


def room_assets(room: Room) -> AssetsDefinition:
    """Return a room's tables as assets that are computed together, each with its checks."""
    inputs = [AssetKey(name.split(".")) for name in room.inputs]
    specs = [
        AssetSpec(
            key=room.key(table),
            deps=inputs,
            description=schema.__doc__,
            group_name=room.name,
            owners=[_OWNER],
            kinds={"polars", "duckdb"},
            automation_condition=AutomationCondition.eager(),
            metadata={**TableMetadataSet(column_schema=column_schema(schema))},
        )
        for table, schema in room.tables.items()
    ]
    check_specs = [
        *(
            AssetCheckSpec(
                _CONTRACT_CHECK,
                asset=room.key(table),
                blocking=True,
                description="Columns, types, keys and values are those the table is declared with",
            )
            for table in room.tables
        ),
        *(
            AssetCheckSpec(
                check.name,
                asset=room.key(check.table),
                blocking=check.is_blocking,
                description=check.description,
            )
            for check in room.checks
        ),
    ]

    @multi_asset(
        name=room.name,
        specs=specs,
        check_specs=check_specs,
        required_resource_keys={"run_lock", "settings"},
    )
    def assets(context: AssetExecutionContext) -> Iterator[MaterializeResult[None]]:
        settings: Settings = context.resources.settings
        started = time.perf_counter()
        try:
            with connect(build_path(settings.data_dir)) as connection:
                given, made = work(connection, room, settings)
        except (DatabaseBusyError, duckdb.CatalogException, duckdb.BinderException) as error:
            raise Failure(
                description=f"{room.name} could not be computed: {str(error).splitlines()[0]}; "
                "run the whole pipeline",
                allow_retries=False,
            ) from None
        shared: Mapping[str, RawMetadataValue] = {
            "landing_id": _common_landing(context.instance, inputs),
            "room_seconds": round(time.perf_counter() - started, 3),
        }
        figures = room.figures(made)
        for table in room.tables:
            yield MaterializeResult(
                asset_key=room.key(table),
                metadata={
                    "dagster/row_count": made[table].height,
                    "preview": MetadataValue.md(markdown_table(made[table])),
                    **shared,
                    **figures.get(table, {}),
                },
                check_results=list(_check_results(room, table, given, made)),
            )

    return assets


def work(
    connection: duckdb.DuckDBPyConnection, room: Room, settings: Settings
) -> tuple[Frames, Frames]:
    """Read a room's inputs, compute its tables, write them, and return both.

    Raises:
        duckdb.CatalogException, duckdb.BinderException: If a table or column it reads is missing;
            its tables are as they were.
    """
    given = read_inputs(connection, room)
    made = room.compute(given, settings)
    _write(connection, room, made)
    return given, made


def read_inputs(connection: duckdb.DuckDBPyConnection, room: Room) -> Frames:
    """Return what a room reads, by input.

    Raises:
        duckdb.CatalogException, duckdb.BinderException: If a table or column is missing.
    """
    frames: dict[str, pl.DataFrame] = {}
    for name, columns in room.inputs.items():
        if name in room.queries:
            frames[name] = read_query(connection, room.queries[name])
        else:
            schema, table = name.split(".")
            frames[name] = read_table(connection, schema, table, columns, room.coded.get(name, ()))
    return frames


def _write(connection: duckdb.DuckDBPyConnection, room: Room, made: Frames) -> None:
    """Put all tables in place at once, so that none is ever newer than the others."""
    connection.begin()
    try:
        for table in room.tables:
            write_table(connection, room.name, table, made[table])
        gone = connection.execute(
            "select table_name from duckdb_tables() where schema_name = ?", [room.name]
        ).fetchall()
        for (table,) in gone:
            if table not in room.tables:
                connection.execute(f"drop table {quoted(room.name, table)}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _common_landing(instance: DagsterInstance, keys: Sequence[AssetKey]) -> str:
    landings = {landing_of(instance, key) for key in keys}
    (only,) = landings if len(landings) == 1 else (None,)
    return only or "several landings"


def _check_results(
    room: Room, table: str, given: Frames, made: Frames
) -> Iterator[AssetCheckResult]:
    broken = list(schema_violations(table, room.tables[table], made[table]))
    yield _result(room.key(table), _CONTRACT_CHECK, broken)
    for check in room.checks:
        if check.table == table:
            yield _result(
                room.key(table),
                check.name,
                check.problems(given, made),
                AssetCheckSeverity.ERROR if check.is_blocking else AssetCheckSeverity.WARN,
            )


def _result(
    key: AssetKey,
    name: str,
    problems: Sequence[str],
    severity: AssetCheckSeverity = AssetCheckSeverity.ERROR,
) -> AssetCheckResult:
    return AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not problems,
        severity=severity,
        description=problems[0] if problems else None,
        metadata={"problems": len(problems)},
    )
