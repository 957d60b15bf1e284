"""What happened since the last build: the tickets whose rows have to be worked out anew.

A ticket's rows in the marts follow from what was landed of it, from the desk's rules and opening
hours, from the models themselves and, while one of its clocks runs, from the tower's clock. So each
ticket has a fingerprint of all that was landed of it, and a build takes up the tickets whose
fingerprint changed and those with a clock that had not stopped. Whenever anything else changed, or
the last build was not seen to its end, all tickets are taken up.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES, polars_schema
from control_tower.raw.landing import landed_path, read_landed

__all__ = ["Extent", "begin_build", "end_build"]

_OF_TICKETS: Final = tuple(
    name for name in (*RAW_TABLES, *REFERENCE_TABLES) if "ticket_id" in polars_schema(name)
)

_MOST_TOUCHED: Final = 0.3
"""Share of tickets above which all are built: little would be saved."""

# Rows are added up, so that the order in which they were landed is of no account.
_FINGERPRINTS: Final = """
create or replace table changes.found_tickets as
select ticket_id, sum(cast(hash_of_row as hugeint)) as fingerprint
from ({rows})
group by ticket_id
""".format(
    rows=" union all ".join(
        f"select row_.ticket_id, hash('{name}', row_) as hash_of_row from read_parquet(?) as row_"  # noqa: S608
        for name in _OF_TICKETS
    )
)

# Of the rules: the policies, the schedule clocks keep unless told otherwise, the metrics the desk
# applied targets of, the schedules that have hours. Hours to come may change; those gone by not.
_RULES: Final = """
select
    (select sum(cast(hash(row_) as hugeint)) from read_parquet(?) as row_),
    (select sum(cast(hash(row_) as hugeint)) from read_parquet(?) as row_),
    (select list(distinct metric order by metric) from read_parquet(?)),
    (select list(distinct schedule_id order by schedule_id) from read_parquet(?))
"""
_TABLES_OF_RULES: Final = ("sla_policies", "schedules", "sla_applications", "open_intervals")

_HOURS: Final = """
select sum(cast(hash(row_) as hugeint))
from read_parquet(?) as row_
where opens_at <= ?
"""

_TOUCHED: Final = """
create or replace table changes.touched_tickets as
select coalesce(found.ticket_id, built.ticket_id) as ticket_id
from changes.found_tickets as found
full join changes.built_tickets as built on found.ticket_id = built.ticket_id
where found.fingerprint is distinct from built.fingerprint
union
select ticket_id from intermediate.int_sla_clocks where ended_at is null
union
select ticket_id from intermediate.int_sla_clock_readings where is_running
"""


@dataclass(frozen=True)
class Extent:
    """How much a build has to work out.

    Attributes:
        tickets: Tickets landed.
        touched: Those of them, and those gone since, whose rows are worked out anew; None for all.
        why: Why all of them are; empty if they are not.
    """

    tickets: int
    touched: int | None
    why: str = ""

    @property
    def says(self) -> str:
        """Return it as a sentence."""
        if self.touched is None:
            return f"all {self.tickets:,} tickets are built anew: {self.why}"
        return f"{self.touched:,} of {self.tickets:,} tickets are built anew: those that changed"


def begin_build(
    connection: duckdb.DuckDBPyConnection,
    data_dir: Path,
    *,
    code: str,
    added_to: Collection[tuple[str, str]],
    is_whole: bool = False,
) -> Extent:
    """Note what was landed, and return how much of it has to be built.

    The tickets to build are left in the table `changes.touched_tickets`. That the build database
    is whole is forgotten until `end_build` says so again.

    Args:
        connection: The build database.
        data_dir: The data directory with the landed tables.
        code: Text that changes whenever what the models say does.
        added_to: Schema and name of every table that rows of touched tickets are added to.
        is_whole: Whether all tickets are to be built in any case.

    Raises:
        duckdb.Error: If a landed table cannot be read, or the database cannot be written.
        control_tower.raw.landing.LandedFileError: Likewise.
    """
    paths = [str(landed_path(data_dir, name)) for name in _OF_TICKETS]
    connection.begin()
    connection.execute("create schema if not exists changes")
    connection.execute(_FINGERPRINTS, paths)
    (tickets,) = _row(connection, "select count(*) from changes.found_tickets")
    why = (
        "a full refresh was asked for"
        if is_whole
        else _why_all(connection, data_dir, code, added_to)
    )
    touched = None
    if not why:
        connection.execute(_TOUCHED)
        (touched,) = _row(connection, "select count(*) from changes.touched_tickets")
        if touched > _MOST_TOUCHED * tickets:
            why = f"{touched:,} of them changed"
    connection.execute("drop table if exists changes.build")
    connection.commit()
    return Extent(tickets, None if why else touched, why)


def end_build(connection: duckdb.DuckDBPyConnection, data_dir: Path, *, code: str) -> None:
    """Note that every model was built from what was landed, so that the next build can add to it.

    Args:
        connection: The build database.
        data_dir: The data directory `begin_build` looked at.
        code: What it was given.

    Raises:
        duckdb.Error: If the database cannot be written.
        control_tower.raw.landing.LandedFileError: If a landed table cannot be read.
    """
    as_of = _as_of(data_dir)
    connection.begin()
    connection.execute("drop table if exists changes.built_tickets")
    connection.execute("alter table changes.found_tickets rename to built_tickets")
    connection.execute(
        "create or replace table changes.build as "
        "select ? as code, ? as rules, ? as hours, ?::timestamptz as as_of",
        [code, _rules(connection, data_dir), _hours(connection, data_dir, as_of), as_of],
    )
    connection.commit()


def _why_all(
    connection: duckdb.DuckDBPyConnection,
    data_dir: Path,
    code: str,
    added_to: Collection[tuple[str, str]],
) -> str:
    """Return why all tickets have to be built; empty if they have not."""
    there = set(
        connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    )
    if ("changes", "build") not in there:
        return "there is no whole build to add to"
    if not {*added_to, ("changes", "built_tickets")} <= there:
        return "a table is missing"
    built_code, rules, hours, as_of = _row(
        connection, "select code, rules, hours, as_of from changes.build"
    )
    reasons = {
        "the models or DuckDB changed": code != built_code,
        "the desk's policies or schedules changed": rules != _rules(connection, data_dir),
        "the tower's clock was set back": _as_of(data_dir) < as_of,
        "opening hours that had gone by changed": hours != _hours(connection, data_dir, as_of),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _rules(connection: duckdb.DuckDBPyConnection, data_dir: Path) -> str:
    paths = [str(landed_path(data_dir, name)) for name in _TABLES_OF_RULES]
    return str(_row(connection, _RULES, paths))


def _hours(connection: duckdb.DuckDBPyConnection, data_dir: Path, as_of: datetime) -> str:
    return str(_row(connection, _HOURS, [str(landed_path(data_dir, "open_intervals")), as_of]))


def _as_of(data_dir: Path) -> datetime:
    found: datetime = read_landed(data_dir, "landing")["as_of"].item()
    return found


def _row(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None
) -> tuple[Any, ...]:
    return tuple(connection.execute(sql, parameters or []).fetchall()[0])
