"""Which columns each column of a model comes from, read from its compiled SQL."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

from control_tower.disk import write_whole

__all__ = ["LineageBook", "column_lineage"]

_DIALECT = "duckdb"

Origins = dict[str, list[tuple[str, str, str]]]
"""Per column: the (schema, table, column) it comes from."""


def column_lineage(sql: str, tables: Mapping[tuple[str, str], Mapping[str, str]]) -> Origins:
    """Return where each column a statement selects comes from.

    Args:
        sql: A select statement in DuckDB's dialect.
        tables: Column types of every table it reads, by (schema, table).

    Returns:
        For each selected column the columns of those tables it is computed from, in order of
        name; none where it is a constant. Empty if the statement cannot be followed.
    """
    schema = MappingSchema(dialect=_DIALECT)
    for (table_schema, table), columns in tables.items():
        schema.add_table(exp.table_(table, db=table_schema), dict(columns), dialect=_DIALECT)
    try:
        statement = parse_one(sql, dialect=_DIALECT)
        for reference in statement.find_all(exp.Table):
            reference.set("catalog", None)
        qualified = qualify(
            statement, schema=schema, dialect=_DIALECT, validate_qualify_columns=False
        )
        scope = build_scope(qualified)
        if scope is None or not isinstance(qualified, exp.Query):
            return {}
        return {
            column: _origins(column, qualified, schema, scope) for column in qualified.named_selects
        }
    except (SqlglotError, ValueError):
        # A column that cannot be followed, as through a union by name, is a ValueError to it.
        return {}


def _origins(
    column: str, qualified: exp.Expr, schema: MappingSchema, scope: object
) -> list[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    for node in lineage(column, qualified, schema=schema, dialect=_DIALECT, scope=scope).walk():
        table = node.expression.find(exp.Table) if not node.downstream else None
        if table is not None and table.db:
            found.add((table.db, table.name, exp.to_column(node.name).name))
    return sorted(found)


class LineageBook:
    """Lineages already worked out, kept in files by the statement they belong to.

    Following a wide model's columns takes seconds, and its SQL seldom changes.
    """

    def __init__(self, path: Path, shared: Path | None = None) -> None:
        """Open the book.

        Args:
            path: Where it is kept.
            shared: Where others with the same statements look, too; it need not be writable.
        """
        self._path = path
        self._shared = shared
        self._told = _read(shared) if shared else {}
        self._known = {**self._told, **_read(path)}
        self._used: dict[str, Origins] = {}

    def lineage(self, sql: str, tables: Mapping[tuple[str, str], Mapping[str, str]]) -> Origins:
        """Return the lineage of a statement, worked out at most once."""
        described = json.dumps([sql, sorted((*key, *columns) for key, columns in tables.items())])
        key = hashlib.sha256(described.encode()).hexdigest()
        if key not in self._known:
            self._known[key] = column_lineage(sql, tables)
        self._used[key] = self._known[key]
        return self._used[key]

    def save(self) -> None:
        """Keep what was asked for since the book was opened, and what was known before."""
        known = {**self._known, **self._used}
        _write(self._path, known)
        is_news = not self._used.keys() <= self._told.keys()
        if self._shared and is_news and os.access(self._shared.parent, os.W_OK):
            _write(self._shared, {**self._told, **self._used})


def _write(path: Path, known: Mapping[str, Origins]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(known).encode())


def _read(path: Path) -> dict[str, Origins]:
    """Return the lineages a book keeps; none where it is missing or damaged."""
    try:
        return {
            statement: {
                column: [(schema, table, name) for schema, table, name in origins]
                for column, origins in columns.items()
            }
            for statement, columns in json.loads(path.read_text(encoding="utf-8")).items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
