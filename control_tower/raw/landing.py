"""What a source hands over, and how it reaches the disk: validated whole, then written whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from control_tower.raw.contract import polars_schema

__all__ = ["Landing", "empty_table"]


def empty_table(table: str) -> pl.DataFrame:
    """Return the contract's table of that name without rows."""
    return pl.DataFrame(schema=polars_schema(table))


@dataclass(frozen=True)
class Landing:
    """One source's tickets, ready to be validated and written.

    Attributes:
        source: Name of the source: simulator, event_log, zendesk or zendesk_files.
        described_as: The source in words, such as the file's name or the simulator's seed.
        fingerprint: Text that changes exactly when the source, its input or its settings do.
        as_of: The tower's clock (UTC).
        tables: The six raw tables, and of the reference tables schedules, holidays,
            ticket_schedules, sla_applications where the source has them, by name.
        repairs: Rows of the contract's `repairs` table: what was mended or refused, and how often.
    """

    source: str
    described_as: str
    fingerprint: str
    as_of: datetime
    tables: Mapping[str, pl.DataFrame]
    repairs: pl.DataFrame = field(default_factory=lambda: empty_table("repairs"))
