"""What a what-if needs to know of a desk, as tables that can be stored with the snapshot.

The dashboard reads it: their schemas, and the library these need, are declared elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import polars as pl

__all__ = ["HORIZON_DAYS", "RUN_OUT_DAYS", "DeskProfile"]

HORIZON_DAYS: Final = 30
"""Days ahead a profile is made for."""

RUN_OUT_DAYS: Final = 10
"""Days after the horizon in which its last tickets get done."""


@dataclass(frozen=True, eq=False)
class DeskProfile:
    """What a what-if needs to know of a desk; `profile_tables` has the tables' schemas.

    Attributes:
        groups, hours, demand, routes, spreads, backlog: The tables.
    """

    groups: pl.DataFrame
    hours: pl.DataFrame
    demand: pl.DataFrame
    routes: pl.DataFrame
    spreads: pl.DataFrame
    backlog: pl.DataFrame

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables by the name they are stored under."""
        return {f"desk_{table.name}": getattr(self, table.name) for table in fields(self)}

    @classmethod
    def of_tables(cls, tables: Mapping[str, pl.DataFrame]) -> "DeskProfile":
        """Return the profile stored in tables, given by the name they are stored under.

        Raises:
            KeyError: If a table is missing.
        """
        return cls(**{table.name: tables[f"desk_{table.name}"] for table in fields(cls)})

    @property
    def is_empty(self) -> bool:
        """Return whether nothing can be foretold, for want of people, effort or tickets."""
        return self.groups.is_empty() or self.demand.is_empty() or self.routes.is_empty()
