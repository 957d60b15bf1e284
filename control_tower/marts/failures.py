"""What went wrong in a dbt build, in one readable line with the rows that show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

__all__ = ["FailedNode", "failed_nodes", "failing_rows", "sentence"]

_SAMPLE_ROWS = 3


@dataclass(frozen=True)
class FailedNode:
    """A dbt node that failed: a test that found rows, or a model that could not be built."""

    unique_id: str
    name: str
    is_test: bool
    message: str
    failing_rows: int
    sql: str


def failed_nodes(run_results: Mapping[str, Any], manifest: Mapping[str, Any]) -> list[FailedNode]:
    """Return the failed nodes of a dbt invocation's `run_results.json`, in the order they ran."""
    return [
        FailedNode(
            unique_id=result["unique_id"],
            name=manifest["nodes"].get(result["unique_id"], {}).get("name", result["unique_id"]),
            is_test=result["status"] == "fail",
            message=" ".join((result.get("message") or "").split()),
            failing_rows=int(result.get("failures") or 0),
            sql=result.get("compiled_code") or "",
        )
        for result in run_results["results"]
        if result["status"] in ("fail", "error")
    ]


def failing_rows(connection: duckdb.DuckDBPyConnection, node: FailedNode) -> list[dict[str, Any]]:
    """Return up to three of the rows a failed test found, by column name."""
    if not node.is_test or not node.sql:
        return []
    # The statement is dbt's own compiled test; only its size is bounded here.
    cursor = connection.execute(f"select * from ({node.sql}) as found limit {_SAMPLE_ROWS}")  # noqa: S608
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def sentence(node: FailedNode, rows: list[dict[str, Any]]) -> str:
    """Return one line that names the failed node and shows the rows behind it."""
    if not node.is_test:
        return f"{node.name} could not be built: {node.message}"
    shown = "; ".join(
        ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)
        for row in rows
    )
    example = f", for example {shown}" if shown else ""
    return f"check {node.name} failed on {node.failing_rows:,} rows{example}"
