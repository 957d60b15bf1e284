"""What a built model looks like, and where each of its columns comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from control_tower.marts.dbt_build import NodeResult
from control_tower.marts.description import TableDescription, describe
from control_tower.marts.lineage import LineageBook, Origins
from control_tower.warehouse import connect

__all__ = ["Described", "Describer"]

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Described:
    """A built model: the table, what its columns mean, and which columns they come from."""

    table: TableDescription
    documented: Mapping[str, str]
    origins: Origins


class Describer:
    """Looks at the build database once dbt has let go of it; use it as a context."""

    def __init__(
        self, database: Path, manifest: Mapping[str, Any], lineage_book: LineageBook
    ) -> None:
        self._nodes: dict[str, Node] = {**manifest["nodes"], **manifest["sources"]}
        self._book = lineage_book
        self._known: dict[str, TableDescription] = {}
        self._connecting = connect(database, read_only=True)

    def __enter__(self) -> Self:
        self._connection = self._connecting.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connecting.__exit__(kind, error, trace)
        if error is None:
            self._book.save()

    def describe(self, result: NodeResult) -> Described:
        """Look at a model or seed that was built."""
        node = self._nodes[result.unique_id]
        return Described(
            table=self._description(node),
            documented={name: column["description"] for name, column in node["columns"].items()},
            origins=self._origins(node, result.sql) if result.sql else {},
        )

    def _description(self, node: Node) -> TableDescription:
        key = node["unique_id"]
        if key not in self._known:
            self._known[key] = describe(self._connection, node["schema"], node["alias"])
        return self._known[key]

    def _origins(self, node: Node, sql: str) -> Origins:
        tables: dict[tuple[str, str], Mapping[str, str]] = {}
        for parent in self._tables_read(node):
            if parent["resource_type"] == "source":
                # A source is a file in the compiled statement; lineage wants its name.
                name = f"{parent['source_name']}.{parent['name']}"
                sql = sql.replace(parent["relation_name"], name)
                columns = {name: column["data_type"] for name, column in parent["columns"].items()}
                tables[parent["source_name"], parent["name"]] = columns
            else:
                key = (parent["schema"], parent["alias"])
                tables[key] = self._description(parent).columns
        return self._book.lineage(sql, tables)

    def _tables_read(self, node: Node) -> Iterator[Node]:
        """Yield the tables and sources a model reads, looking through ephemeral models."""
        for unique_id in node["depends_on"]["nodes"]:
            parent = self._nodes[unique_id]
            if parent.get("config", {}).get("materialized") == "ephemeral":
                yield from self._tables_read(parent)
            else:
                yield parent
