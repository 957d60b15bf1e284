"""Every table of the tower, as the code declares it: what it holds, its grain, its columns."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import dataframely as dy
import polars as pl
import yaml

from control_tower.publishing.tables import META_TABLES
from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES
from control_tower.rooms import ROOMS
from control_tower.settings import PROJECT_ROOT
from tower_reference.units import unit_of

__all__ = ["Column", "Table", "all_tables"]

_DBT: Final = PROJECT_ROOT / "control_tower_dbt"
_LAYERS: Final = ("staging", "intermediate", "marts")


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in DuckDB, its unit, whether it may be empty, what it means."""

    name: str
    type: str
    unit: str
    is_key: bool
    description: str
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        schema: The schema in the warehouse, or the folder of a file.
        name: The table's name in it.
        description: What it holds.
        key: Columns that together tell its rows apart; none for a table of one row.
        columns: Its columns, in order.
        reads: The tables it is made from, as `schema.name`.
        is_stored: Whether it can be read, or is only a part of other models.
    """

    schema: str
    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    reads: tuple[str, ...] = ()
    is_stored: bool = True

    @property
    def full_name(self) -> str:
        """Return the name SQL uses, or for a landed table the one the asset graph uses."""
        return f"{self.schema}.{self.name}"


@cache
def all_tables() -> tuple[Table, ...]:
    """Return every table, landed files first and then in the order of the flow."""
    return (
        *_declared("raw", RAW_TABLES),
        *_declared("reference", REFERENCE_TABLES),
        *_seeds(),
        *_models(),
        *(
            table
            for room in ROOMS
            for table in _declared(room.name, room.tables, tuple(sorted(room.inputs)))
        ),
        *_declared("meta", META_TABLES),
    )


def _declared(
    schema: str, tables: Mapping[str, type[dy.Schema]], reads: tuple[str, ...] = ()
) -> Iterator[Table]:
    for name, declared in tables.items():
        columns = declared.columns()
        yield Table(
            schema=schema,
            name=name,
            description=" ".join((declared.__doc__ or "").split()),
            key=tuple(declared.primary_key()),
            columns=tuple(
                Column(
                    name=column_name,
                    type=(kind := _duckdb_type(column.dtype)),
                    unit=unit_of(column_name, kind, column.description or "", column),
                    is_key=column.primary_key,
                    description=column.description or "",
                    allowed=tuple((column.metadata or {}).get("allowed", ())),
                )
                for column_name, column in columns.items()
            ),
            reads=reads,
        )


def _duckdb_type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.DataType):
        return f"{_duckdb_type(dtype.inner)}[]"
    if isinstance(dtype, pl.Datetime):
        return "timestamp with time zone" if dtype.time_zone else "timestamp"
    names = {
        pl.Int64: "bigint",
        pl.Float64: "double",
        pl.String: "varchar",
        pl.Boolean: "boolean",
        pl.Date: "date",
    }
    return names[type(dtype)]


def _models() -> Iterator[Table]:
    for layer in _LAYERS:
        for path in sorted((_DBT / "models" / layer).glob("*.yml")):
            for node in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
                sql = path.with_name(f"{node['name']}.sql").read_text(encoding="utf-8")
                yield _of_dbt(
                    node,
                    layer,
                    reads=tuple(_read_by(sql)),
                    is_stored="materialized='ephemeral'" not in sql,
                )


def _seeds() -> Iterator[Table]:
    path = _DBT / "seeds" / "seeds.yml"
    for node in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]:
        yield _of_dbt(node, "seeds", types=node["config"]["column_types"])


def _read_by(sql: str) -> Iterator[str]:
    found = [
        *(f"{schema}.{name}" for schema, name in re.findall(r"source\('(\w+)', '(\w+)'\)", sql)),
        *(f"{_folders()[name]}.{name}" for name in re.findall(r"ref\('(\w+)'\)", sql)),
    ]
    yield from dict.fromkeys(found)


@cache
def _folders() -> Mapping[str, str]:
    """Return the schema of every model and seed, by its name."""
    models = {path.stem: path.parent.name for path in (_DBT / "models").rglob("*.sql")}
    return models | {path.stem: "seeds" for path in (_DBT / "seeds").glob("*.csv")}


def _of_dbt(
    node: Mapping[str, Any],
    schema: str,
    *,
    types: Mapping[str, str] | None = None,
    reads: tuple[str, ...] = (),
    is_stored: bool = True,
) -> Table:
    key = _key_tested(node)
    columns = []
    for column in node["columns"]:
        name, description = column["name"], column["description"]
        kind = types[name] if types else column["data_type"]
        columns.append(
            Column(name, kind, unit_of(name, kind, description), name in key, description)
        )
    return Table(
        schema=schema,
        name=node["name"],
        description=node["description"],
        key=key,
        columns=tuple(columns),
        reads=reads,
        is_stored=is_stored,
    )


def _key_tested(node: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns whose uniqueness dbt tests on every build."""
    for test in node.get("data_tests", []):
        if isinstance(test, Mapping) and "unique_combination" in test:
            return tuple(test["unique_combination"]["arguments"]["columns"])
    return next(
        ((column["name"],) for column in node["columns"] if "unique" in _names_of(column)), ()
    )


def _names_of(column: Mapping[str, Any]) -> Iterable[str]:
    tests: Sequence[str | Mapping[str, Any]] = column.get("data_tests", [])
    return (test if isinstance(test, str) else next(iter(test)) for test in tests)
