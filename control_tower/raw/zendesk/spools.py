"""How the tables fetched from Zendesk are kept: their columns, and what replaces what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from control_tower.raw.zendesk.layout import TABLES
from control_tower.raw.zendesk.records import Row

__all__ = ["BY_EVENT", "MOMENT", "SPOOLS", "VERSIONED", "Spool", "frame_of", "schema_of"]

MOMENT: Final = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Spool:
    """A table as it is kept: the column by which rows replace older ones, and what is added."""

    replaced_by: str
    extra: Mapping[str, pl.DataType]


BY_EVENT: Final = Spool("event_id", {"event_id": pl.Int64()})
VERSIONED: Final = {"generated_timestamp": pl.Int64()}
SPOOLS: Final[Mapping[str, Spool]] = {
    "ticket": Spool("id", VERSIONED),
    "ticket_metric": Spool("ticket_id", VERSIONED),
    "ticket_field_history": BY_EVENT,
    "ticket_comment": BY_EVENT,
    "ticket_schedule": BY_EVENT,
    "ticket_merge": BY_EVENT,
    "ticket_metric_event": Spool("id", {}),
    "satisfaction_rating": Spool("id", {"is_survey": pl.Boolean()}),
    "user": Spool("id", {}),
    "group": Spool("id", {}),
    "group_membership": Spool("user_id", {}),
    "sla_policy": Spool("id", {}),
    "sla_policy_metric_history": Spool("sla_policy_id", {}),
    "schedule": Spool("id", {}),
    "schedule_holiday": Spool("schedule_id", {}),
}


def schema_of(name: str) -> dict[str, pl.DataType]:
    """Return the columns in which a table is kept, and their types."""
    if name == "ticket_merge":
        own: dict[str, pl.DataType] = {"ticket_id": pl.Int64(), "merged_ticket_ids": pl.String()}
    else:
        layout = TABLES[name]
        own = dict.fromkeys(layout.keys, pl.Int64())
        own |= dict.fromkeys(layout.times, MOMENT) | dict.fromkeys(layout.texts, pl.String())
    return own | dict(SPOOLS[name].extra if name in SPOOLS else {})


def frame_of(name: str, rows: Iterable[Row]) -> pl.DataFrame:
    """Return rows as a frame with the columns and types in which their table is kept."""
    return pl.DataFrame(list(rows), schema=schema_of(name), orient="row")
