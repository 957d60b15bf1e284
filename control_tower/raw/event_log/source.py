"""The event-log source: a file and its mapping in, a landing out."""

import hashlib
from datetime import datetime
from pathlib import Path

from control_tower.raw.event_log.cleaning import clean
from control_tower.raw.event_log.mapping import EventLogMapping
from control_tower.raw.event_log.reading import read_log
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.event_log.states import with_states
from control_tower.raw.event_log.tables import build_tables
from control_tower.raw.landing import Landing

__all__ = ["read_event_log"]


def read_event_log(
    path: Path, mapping: EventLogMapping, *, as_of: datetime | None = None
) -> Landing:
    """Read an event log into the tables of the landing contract.

    Every row of the file becomes one event or is refused under a stated rule: the landing's
    `repairs` add up. Tickets are numbered in order of their first event.

    Args:
        path: The log: .csv, .csv.gz, .parquet, .xes or .xes.gz.
        mapping: What its columns mean.
        as_of: The tower's clock (UTC); the newest event if None. Later events are refused.

    Returns:
        The tickets, events, agents and what else the log tells, with the repairs made.

    Raises:
        EventLogError: If the file cannot be read, does not fit the mapping, or has no usable row.
    """
    log = read_log(path, delimiter=mapping.file.delimiter, encoding=mapping.file.encoding)
    repairs = RepairLog()
    cleaned = clean(log, mapping, repairs, as_of=as_of)
    events = with_states(cleaned.events, mapping, repairs)
    tables = build_tables(events, mapping, cleaned.as_of, repairs)
    fingerprint = hashlib.sha256(f"{log.content_hash}|{mapping.model_dump_json()}".encode())
    return Landing(
        source="event_log",
        described_as=f"{path.name} ({tables['tickets'].height:,} tickets)",
        fingerprint=fingerprint.hexdigest(),
        as_of=cleaned.as_of,
        tables=tables,
        repairs=repairs.frame(),
    )
