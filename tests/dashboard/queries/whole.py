"""Views of the desk made for tests."""

from datetime import UTC, datetime

import polars as pl

from control_tower_dash.filters import Filters, Period
from control_tower_dash.queries.period import first_day
from control_tower_dash.warehouse import Reader

__all__ = ["MARCH", "counted", "everything", "within"]

MARCH = Period(datetime(2026, 3, 10, tzinfo=UTC).date(), datetime(2026, 3, 31, tzinfo=UTC).date())
"""Days in the midst of the desk's history."""


def everything(reader: Reader) -> Filters:
    """Return filters that let through all the desk ever did, the last day's part included."""
    return Filters().over(Period(first_day(reader), reader.as_of.date()))


def counted(reader: Reader) -> pl.DataFrame:
    """Return the outcomes of the tickets that are not deleted."""
    return reader.query("select * from marts.ticket_outcomes where not is_deleted")


def within(column: str, period: Period) -> pl.Expr:
    """Return whether a moment lies in a period."""
    return (pl.col(column) >= period.begins) & (pl.col(column) < period.ends)
