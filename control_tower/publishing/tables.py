"""The tables a snapshot says about itself, defined once."""

from collections.abc import Mapping
from typing import Final

import dataframely as dy

from control_tower import columns

__all__ = ["META_TABLES", "Checks", "Snapshot", "Tables"]


class Snapshot(dy.Schema):
    """The snapshot itself, one row: which run built it, from what, and how its checks stood."""

    snapshot_id = columns.text("Moment of publishing and run; sorts by time", key=True)
    run_id = columns.text("Dagster's identifier of the run")
    source = columns.text("Source that landed the tables")
    as_of = columns.moment("The tower's clock")
    published_at = columns.moment("When it was published")
    checks_passed = columns.count("Checks that passed")
    checks_warned = columns.count("Checks that warned, which does not keep it from being published")
    duration_seconds = columns.amount("From the run's start to publishing, seconds", lowest=0)


class Checks(dy.Schema):
    """Every check of the tables in the snapshot: one row per table and check."""

    table_name = columns.text("Table it guards, with its schema", key=True)
    check_name = columns.text("Name of the check", key=True)
    outcome = columns.one_of(
        ("passed", "warned", "failed", "not_run"),
        "How it stood; of a published snapshot passed or warned",
    )
    says = dy.String(nullable=False, description="What it said; empty where there was nothing")


class Tables(dy.Schema):
    """Every table of the graph: one row per table, with what it holds and when it was built."""

    table_name = columns.text("Table with its schema", key=True)
    description = columns.text("What it holds")
    built_at = columns.moment("When it was built last", nullable=True)


META_TABLES: Final[Mapping[str, type[dy.Schema]]] = {
    "snapshot": Snapshot,
    "checks": Checks,
    "tables": Tables,
}
"""The tables of the schema `meta`."""
