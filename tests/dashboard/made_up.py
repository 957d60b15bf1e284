"""A reader of made-up tables, for queries whose answers are worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import duckdb
import polars as pl
from polars import selectors

__all__ = ["MadeUp", "outcomes"]

_OUTCOMES: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "ticket_id": pl.Int64,
    "created_at": pl.Datetime(time_zone="UTC"),
    "solved_at": pl.Datetime(time_zone="UTC"),
    "ticket_type": pl.String,
    "priority": pl.String,
    "channel": pl.String,
    "customer_tier": pl.String,
    "group_name": pl.String,
    "escalations": pl.Int64,
    "reopens": pl.Int64,
    "cycle_hours": pl.Float64,
    "first_reply_minutes": pl.Float64,
    "csat_score": pl.Int64,
    "is_deleted": pl.Boolean,
    "is_breached": pl.Boolean,
    "churned_within_90_days": pl.Boolean,
}


class MadeUp:
    """Tables in memory, read as a snapshot is.

    Attributes:
        asked: The queries asked so far.
    """

    def __init__(self, tables: Mapping[str, pl.DataFrame], as_of: datetime) -> None:
        """Take tables by schema and name, and the tower's clock."""
        self.snapshot_id = "made-up"
        self.asked: list[str] = []
        self.as_of = as_of
        self.info: Mapping[str, object] = {"as_of": as_of}
        self._tables = set(tables)
        self._connection = duckdb.connect()
        self._connection.execute("set timezone = 'UTC'")
        for name, frame in tables.items():
            schema = name.split(".", maxsplit=1)[0]
            self._connection.execute(f"create schema if not exists {schema}")
            self._connection.register("given", frame)
            self._connection.execute(f"create table {name} as select * from given")
            self._connection.unregister("given")

    def has(self, table: str) -> bool:
        """Return whether there is such a table."""
        return table in self._tables

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        """Return what a query finds; its times in UTC."""
        self.asked.append(sql)
        frame: pl.DataFrame = self._connection.cursor().sql(sql, params=list(parameters)).pl()
        return frame.with_columns(selectors.datetime(time_zone="*").dt.convert_time_zone("UTC"))


def outcomes(*rows: Mapping[str, object]) -> pl.DataFrame:
    """Return a table marts.ticket_outcomes, its tickets numbered from 1, quiet where not said."""
    quiet = {
        "created_at": datetime(2026, 3, 1, tzinfo=UTC),
        "solved_at": datetime(2026, 3, 2, tzinfo=UTC),
        "ticket_type": "question",
        "priority": "normal",
        "channel": "email",
        "customer_tier": "starter",
        "group_name": "Tier 1 Support",
        "escalations": 0,
        "reopens": 0,
        "cycle_hours": 24.0,
        "first_reply_minutes": 60.0,
        "is_deleted": False,
        "is_breached": False,
    }
    return pl.DataFrame(
        [{**quiet, "ticket_id": number, **row} for number, row in enumerate(rows, start=1)],
        schema=dict(_OUTCOMES),
    )
