"""A failed check or model becomes one line that a person can act on."""

from pathlib import Path

import duckdb
import pytest

from control_tower.marts.dbt_build import NodeResult
from control_tower.marts.failures import failing_rows, sentence


def _node(
    kind: str, status: str, sql: str = "", message: str = "", failures: int = 0
) -> NodeResult:
    return NodeResult(f"{kind}.control_tower.x", "x", status, message, failures, 0.1, sql)


@pytest.fixture
def connection(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A database in which five of ten tickets are odd."""
    connection = duckdb.connect(tmp_path / "db.duckdb")
    connection.execute("create table t as select range as ticket_id from range(10)")
    return connection


def test_a_failed_check_shows_up_to_three_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Count, and rows by column name."""
    node = _node("test", "fail", "select ticket_id from t where ticket_id % 2 = 1", failures=5)
    rows = failing_rows(connection, node)
    assert sentence(node, rows) == (
        "check x failed on 5 rows, for example ticket_id 1; ticket_id 3; ticket_id 5"
    )


def test_a_warning_shows_its_rows_too(connection: duckdb.DuckDBPyConnection) -> None:
    """It says that it only warns."""
    node = _node("test", "warn", "select ticket_id from t where ticket_id = 7", failures=1)
    assert sentence(node, failing_rows(connection, node)) == (
        "check x warns of 1 row, for example ticket_id 7"
    )


def test_a_check_whose_table_is_gone_still_has_a_line(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """The rows cannot be shown; the name can."""
    node = _node("test", "fail", "select * from nothing", failures=1)
    assert sentence(node, failing_rows(connection, node)) == "check x failed on 1 row"


def test_a_model_that_cannot_be_built_says_why() -> None:
    """What the database said follows the name."""
    assert sentence(_node("model", "error", message="no such column"), []) == (
        "x could not be built: no such column"
    )
