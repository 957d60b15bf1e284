"""What a run says at its end, read from a small snapshot."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from control_tower.findings import TopAction, find
from control_tower.warehouse import connect


def _snapshot(path: Path, actions: int) -> None:
    with connect(path) as connection:
        for schema in ("meta", "staging", "marts", "recommendations"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table meta.snapshot as select timestamptz '2026-06-01 00:00+00' as as_of, "
            "'s' as snapshot_id, 3 as checks_passed, 0 as checks_warned"
        )
        connection.execute("create table staging.stg_landing as select 'a desk' as described_as")
        connection.execute("create table staging.stg_ticket_events as select 1 as event_id")
        connection.execute(
            "create table marts.ticket_outcomes as select 2.0 as cycle_hours, true as is_breached"
        )
        connection.execute("create table marts.group_performance as select 1 as open_tickets")
        connection.execute(
            "create table marts.sla as select 'A' as group_name, 'low' as priority, "
            "'task' as ticket_type, 'breached' as sla_status, 'stopped' as clock_state"
        )
        connection.execute(
            "create table recommendations.actions as select n as rank, 'Do ' || n as title, "
            "100.0 - n as score_usd from range(1, ?) as numbers(n) order by n desc",
            [actions + 1],
        )


@pytest.mark.parametrize("actions", [0, 1, 5])
def test_the_first_three_actions_are_told(tmp_path: Path, actions: int) -> None:
    """In their order; on a healthy desk there are none."""
    path = tmp_path / "ops.duckdb"
    _snapshot(path, actions)
    with connect(path, read_only=True) as connection:
        found = find(connection)
    expected = [TopAction("Do 1", 99.0), TopAction("Do 2", 98.0), TopAction("Do 3", 97.0)]
    assert list(found.top_actions) == expected[:actions]
    assert found.as_of == datetime(2026, 6, 1, tzinfo=UTC)
    assert found.sla_attainment == 0


def test_a_database_that_is_no_snapshot_is_an_error(tmp_path: Path) -> None:
    """An empty one."""
    with connect(tmp_path / "ops.duckdb") as connection, pytest.raises(duckdb.CatalogException):
        find(connection)
