"""A few tickets with all that belongs to them, as CSV files small enough to look at."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from control_tower.raw.contract import RAW_TABLES

__all__ = ["sample_of", "write_sample"]


def sample_of(tables: Mapping[str, pl.DataFrame], *, tickets: int = 100) -> dict[str, pl.DataFrame]:
    """Return the six raw tables with the first tickets only, in order of their keys.

    Agents and policies are kept whole; events, costs and ratings are those of the tickets kept.
    """
    kept = tables["tickets"].sort("ticket_id").head(tickets)
    sampled: dict[str, pl.DataFrame] = {}
    for name in RAW_TABLES:
        table = tables[name]
        if "ticket_id" in table.columns:
            table = table.filter(pl.col("ticket_id").is_in(kept["ticket_id"].implode()))
        sampled[name] = table.sort(table.columns[0])
    return sampled


def write_sample(tables: Mapping[str, pl.DataFrame], folder: Path) -> None:
    """Write each table as `<name>.csv`, times in ISO 8601.

    Raises:
        OSError: If a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_csv(folder / f"{name}.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
