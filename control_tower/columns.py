"""How the columns of tables are declared: one builder a kind, so that tables read alike.

Every table of the tower has one schema, declared with these; see `control_tower.raw.contract` for
what lands and each room's `tables` for what it computes.
"""

import dataframely as dy
import polars as pl

__all__ = [
    "amount",
    "count",
    "day",
    "flag",
    "hours",
    "identifier",
    "moment",
    "one_of",
    "polars_schema_of",
    "share",
    "text",
    "texts",
]


def identifier(description: str, *, key: bool = False, nullable: bool = False) -> dy.Int64:
    """Return a column of keys, 1 and up."""
    return dy.Int64(primary_key=key, nullable=nullable, min=1, description=description)


def moment(description: str, *, key: bool = False, nullable: bool = False) -> dy.Datetime:
    """Return a column of moments in UTC, to the microsecond."""
    return dy.Datetime(
        time_zone="UTC",
        time_unit="us",
        primary_key=key,
        nullable=nullable,
        description=description,
    )


def day(description: str, *, key: bool = False, nullable: bool = False) -> dy.Date:
    """Return a column of calendar days."""
    return dy.Date(primary_key=key, nullable=nullable, description=description)


def text(description: str, *, key: bool = False, nullable: bool = False) -> dy.String:
    """Return a column of texts that are not empty."""
    return dy.String(primary_key=key, nullable=nullable, min_length=1, description=description)


def texts(description: str) -> dy.List:
    """Return a column of lists of texts."""
    return dy.List(dy.String(nullable=False), nullable=False, description=description)


def one_of(
    values: tuple[str, ...], description: str, *, key: bool = False, nullable: bool = False
) -> dy.String:
    """Return a column that holds one of a few values."""
    return dy.String(
        primary_key=key,
        nullable=nullable,
        check={"allowed": lambda column: column.is_in(values)},
        metadata={"allowed": values},
        description=description,
    )


def flag(description: str, *, nullable: bool = False) -> dy.Bool:
    """Return a column that is true or false."""
    return dy.Bool(nullable=nullable, description=description)


def count(description: str, *, nullable: bool = False) -> dy.Int64:
    """Return a column of counts, 0 and up."""
    return dy.Int64(nullable=nullable, min=0, description=description)


def share(description: str, *, nullable: bool = False) -> dy.Float64:
    """Return a column of fractions of one."""
    return dy.Float64(nullable=nullable, min=0, max=1, description=description)


def hours(description: str, *, nullable: bool = False) -> dy.Float64:
    """Return a column of durations in hours, none of them negative."""
    return dy.Float64(nullable=nullable, min=0, description=description)


def amount(description: str, *, nullable: bool = False, lowest: float | None = None) -> dy.Float64:
    """Return a column of numbers, from `lowest` up if that is given."""
    return dy.Float64(nullable=nullable, min=lowest, description=description)


def polars_schema_of(schema: type[dy.Schema]) -> pl.Schema:
    """Return a schema's column names and Polars types."""
    return pl.Schema({name: column.dtype for name, column in schema.columns().items()})
