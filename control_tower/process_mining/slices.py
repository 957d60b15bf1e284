"""Counting tickets apart by group, priority, type or month: one way for every table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["DIMENSIONS", "Slices", "slices_of"]

DIMENSIONS: Final = ("group_name", "priority", "ticket_type", "month")
"""What tickets can be counted apart by."""


@dataclass(frozen=True)
class Slices:
    """Which slice each ticket is in, and what the slices are.

    Attributes:
        of_ticket: Number of each ticket's slice.
        values: The dimensions' values by slice, one row a slice, beside its number `slice`.
        dimensions: The columns of `values` but for the number.
    """

    of_ticket: npt.NDArray[np.int64]
    values: pl.DataFrame
    dimensions: tuple[str, ...]

    def named(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table with the slices' values in front, in place of their numbers."""
        if not self.dimensions:
            return table.drop("slice")
        named = self.values.join(table, on="slice", how="inner", maintain_order="right")
        others = [name for name in table.columns if name != "slice"]
        return named.select(*self.dimensions, *others)


def slices_of(tickets: pl.DataFrame, by: Sequence[str]) -> Slices:
    """Return the slices of tickets by any of the dimensions; by none, all are in one.

    Raises:
        ValueError: If there is no such dimension.
    """
    for name in by:
        if name not in DIMENSIONS:
            raise ValueError(
                f"tickets cannot be counted by {name!r}; use any of {', '.join(DIMENSIONS)}"
            )
    dimensions = tuple(dict.fromkeys(by))
    if not dimensions:
        values = pl.DataFrame({"slice": [0]}, schema={"slice": pl.Int64})
        return Slices(np.zeros(tickets.height, dtype=np.int64), values, ())
    columns: dict[str, Any] = {
        "month": pl.col("created_at").dt.convert_time_zone("UTC").dt.date().dt.truncate("1mo")
    }
    keyed = tickets.select(columns.get(name, pl.col(name)).alias(name) for name in dimensions)
    values = (
        keyed.unique()
        .sort(dimensions, nulls_last=True)
        .with_row_index("slice")
        .with_columns(pl.col("slice").cast(pl.Int64))
    )
    numbers = keyed.join(values, on=dimensions, how="left", nulls_equal=True, maintain_order="left")
    return Slices(numbers["slice"].to_numpy(), values, dimensions)
