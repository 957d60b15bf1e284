"""A desk drawn at random, built, mined, judged and published as any run does it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from control_tower.alerts.assets import ALERTS
from control_tower.process_mining.assets import PROCESS_MINING
from control_tower.publishing.snapshot import publish
from control_tower.settings import Settings
from control_tower.warehouse import build_path, connect, read_table, write_table
from control_tower_dash.contract import TABLES
from tests.dbt.desk import build, land
from tests.dbt.random_desk import random_desk

__all__ = ["publish_drawn_desk"]

_TICKETS = 300
_SCHEMAS = (
    *("staging", "intermediate", "marts", "seeds"),
    *("process_mining", "forecasting", "alerts", "recommendations", "meta"),
)


def _recommendations(tickets: pl.Series) -> Mapping[str, pl.DataFrame]:
    """Return two actions, one resting on a few tickets and one on none."""
    named = ["cut_deviation:escalated"] * 3 + ["staff_bottleneck:Billing"]
    return {
        "actions": pl.DataFrame(
            {
                "rank": [1, 2],
                "action_id": ["cut_deviation:escalated", "staff_bottleneck:Billing"],
                "title": ["Cut 'escalated'", "Staff Billing"],
            }
        ),
        "evidence": pl.DataFrame(
            {"action_id": named, "row_number": [1, 2, 3, 1], "ticket_id": [*tickets[:3], None]}
        ),
    }


def _make_the_rest(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables a snapshot must have and no test of this desk reads."""
    there = {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
    }
    for table in sorted(TABLES - there - {"meta.snapshot"}):
        schema, name = table.split(".")
        write_table(connection, schema, name, pl.DataFrame({"unused": [0]}))


def publish_drawn_desk(data_dir: Path) -> None:
    """Publish a desk of a few hundred tickets; its clock stands at 13:37."""
    drawn = random_desk(11, tickets=_TICKETS)
    drawn.tables["tickets"] = [
        {
            **ticket,
            "channel": ("email", "chat", "phone")[ticket["ticket_id"] % 3],
            "churned_within_90_days": ticket["ticket_id"] % 11 == 0,
        }
        for ticket in drawn.tables["tickets"]
    ]
    land(data_dir, drawn.as_of, **drawn.tables)
    assert build(data_dir, "--exclude-resource-type", "unit_test").success
    settings = Settings(data_dir=data_dir)
    with connect(build_path(data_dir)) as connection:
        for room in (PROCESS_MINING, ALERTS):
            given = {
                name: read_table(connection, schema, table, columns)
                for name, columns in room.inputs.items()
                for schema, table in (name.split("."),)
            }
            for name, made in room.compute(given, settings).items():
                write_table(connection, room.name, name, made)
        tickets: Any = read_table(connection, "marts", "ticket_outcomes", ["ticket_id"])
        for name, made in _recommendations(tickets["ticket_id"].sort()).items():
            write_table(connection, "recommendations", name, made)
        _make_the_rest(connection)
    snapshot = pl.DataFrame(
        {
            "snapshot_id": ["20260417T133700Z"],
            "as_of": [drawn.as_of],
            "published_at": [drawn.as_of],
            "checks_warned": [0],
        }
    )
    publish(build_path(data_dir), data_dir, snapshot, _SCHEMAS)
