"""The way from a row to the tickets behind it: a piece of the tickets page's URL."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import polars as pl

from control_tower_dash.filters import DIMENSIONS

__all__ = ["BEHIND", "UNFILTERED", "with_tickets_behind"]

BEHIND: Final = "tickets_behind"

UNFILTERED: Final[Mapping[str, str]] = {str(name): "" for name in DIMENSIONS}
"""What the URL says where a figure does not follow the page's filters, so its list must not."""


def with_tickets_behind(
    frame: pl.DataFrame, columns: Mapping[str, str], *, counted: str | None = None, **fixed: str
) -> pl.DataFrame:
    """Add to each row the part of a URL's query that leads to its tickets.

    Args:
        frame: Few rows, such as a chart shows.
        columns: The URL's name of each column that narrows the tickets down; null leaves it out.
        counted: Column that counts what is behind a row; where that is nothing, nothing leads on.
        fixed: What else the URL says, the same for every row.

    Returns:
        The frame with a column tickets_behind, null where nothing is behind.
    """
    pieces = [
        urlencode(
            {
                **fixed,
                **{
                    columns[name]: value.isoformat() if hasattr(value, "isoformat") else value
                    for name, value in row.items()
                    if value is not None
                },
            }
        )
        for row in frame.select(columns.keys()).iter_rows(named=True)
    ]
    linked = frame.with_columns(pl.Series(BEHIND, pieces, pl.String))
    if counted is None:
        return linked
    return linked.with_columns(pl.when(pl.col(counted) > 0).then(BEHIND).alias(BEHIND))
