"""Event logs as a source: CSV, Parquet or XES, told apart by a mapping."""

from control_tower.raw.event_log.errors import EventLogError
from control_tower.raw.event_log.mapping import EventLogMapping
from control_tower.raw.event_log.mapping_file import load_mapping, shipped_mappings
from control_tower.raw.event_log.source import read_event_log
from control_tower.raw.event_log.starter import write_starter_mapping

__all__ = [
    "EventLogError",
    "EventLogMapping",
    "load_mapping",
    "read_event_log",
    "shipped_mappings",
    "write_starter_mapping",
]
