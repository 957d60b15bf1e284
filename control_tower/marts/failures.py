"""What went wrong in a dbt build, in one readable line with the rows that show it."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from control_tower.marts.dbt_build import NodeResult

__all__ = ["failing_rows", "sentence"]

_SAMPLE_ROWS = 3

Row = Mapping[str, Any]


def failing_rows(connection: duckdb.DuckDBPyConnection, node: NodeResult) -> Sequence[Row]:
    """Return up to three of the rows a failed test found, by column name.

    Empty where they cannot be read any more, such as after a table the test reads was not built.
    """
    if not (node.is_test and node.sql):
        return []
    # The statement is dbt's own compiled test; only its size is bounded here.
    query = f"select * from ({node.sql}) as found limit {_SAMPLE_ROWS}"  # noqa: S608
    try:
        cursor = connection.execute(query)
    except duckdb.Error:
        return []
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def sentence(node: NodeResult, rows: Sequence[Row]) -> str:
    """Return one line that names the failed node and shows the rows behind it."""
    if not node.is_test:
        return f"{node.name} could not be built: {node.message}"
    if node.status == "error":
        return f"check {node.name} could not be run: {node.message}"
    shown = "; ".join(
        ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)
        for row in rows
    )
    example = f", for example {shown}" if shown else ""
    verb = "warns of" if node.has_warned else "failed on"
    noun = "row" if node.failures == 1 else "rows"
    return f"check {node.name} {verb} {node.failures:,} {noun}{example}"
