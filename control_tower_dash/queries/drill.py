"""The way from a row to the tickets behind it: a piece of the tickets page's URL."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import polars as pl

__all__ = ["BEHIND", "with_tickets_behind"]

BEHIND: Final = "tickets_behind"


def with_tickets_behind(
    frame: pl.DataFrame, columns: Mapping[str, str], **fixed: str
) -> pl.DataFrame:
    """Add to each row the part of a URL's query that leads to its tickets.

    Args:
        frame: Few rows, such as a chart shows.
        columns: The URL's name of each column that narrows the tickets down; null leaves it out.
        fixed: What else the URL says, the same for every row.

    Returns:
        The frame with a column tickets_behind.
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
    return frame.with_columns(pl.Series(BEHIND, pieces, pl.String))
