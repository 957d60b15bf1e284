"""What was fetched from Zendesk and is kept, read back in the form in which files are read."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

import duckdb
import polars as pl

from control_tower.raw.event_log.reading import ROW
from control_tower.raw.zendesk.files import ZendeskTables
from control_tower.raw.zendesk.layout import TABLES
from control_tower.warehouse import quoted

__all__ = ["read_parts"]

_PART: Final = 5_000
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
_OF_TICKETS: Final = {
    "ticket": "id",
    **dict.fromkeys(
        (
            "ticket_field_history",
            "ticket_comment",
            "ticket_schedule",
            "ticket_sla_policy",
            "satisfaction_rating",
            "ticket_metric",
            "ticket_metric_event",
        ),
        "ticket_id",
    ),
}
"""Tables that tell of tickets, and the column with a ticket's key."""

_ORDERS: Final = {
    "ticket": "id",
    "satisfaction_rating": "id",
    "user": "id",
    "ticket_field_history": "ticket_id, updated, event_id",
    "ticket_comment": "ticket_id, created, id",
}
_READ: Final[Mapping[str, str]] = {
    # Which tickets went into another is told by the update that merged them.
    "ticket": """
        with merges as (
            select ticket_id, string_agg(merged_ticket_ids, ',' order by event_id) as merged_tickets
            from ticket_merge
            group by ticket_id
        )
        select ticket.* replace (merges.merged_tickets as merged_ticket_ids)
        from ticket
        left join merges on merges.ticket_id = ticket.id
    """,
    # Zendesk shows a survey's answer as a rating of the older kind, too.
    "satisfaction_rating": """
        select rating.*
        from satisfaction_rating as rating
        where rating.is_survey or rating.ticket_id not in (
            select surveyed.ticket_id from satisfaction_rating as surveyed where surveyed.is_survey
        )
    """,
    # Who left the desk is no longer listed, but once held tickets.
    "user": """
        with holders as (
            select try_cast(value as bigint) as id
            from ticket_field_history
            where field_name = 'assignee_id'
            union
            select assignee_id as id from ticket
        )
        select * from "user"
        union all by name
        select id, 'agent' as role from holders
        where id > 0 and id not in (select id from "user")
    """,
}


def read_parts(
    connection: duckdb.DuckDBPyConnection, tickets_each: int = _PART
) -> Iterator[ZendeskTables]:
    """Yield all tables in the form in which files are read, so many tickets at a time.

    Parts follow each other in the order of the tickets' keys; within one each table has a fixed
    order. The tables of the desk itself are in every part.
    """
    firsts = [
        row[0]
        for row in connection.execute(
            "select id from (select id, row_number() over (order by id) as place from ticket) "
            "where (place - 1) % ? = 0 order by id",
            [tickets_each],
        ).fetchall()
    ]
    of_desk = {name: _frame(connection, name) for name in TABLES if name not in _OF_TICKETS}
    for first, after in pairwise([_LEAST, *firsts[1:], _MOST]):
        frames = of_desk | {name: _frame(connection, name, (first, after)) for name in _OF_TICKETS}
        total = sum(_digest(frame) for frame in frames.values())
        files = {name: f"Zendesk's {name}" for name in TABLES}
        numbered = {name: frame.with_row_index(ROW, offset=1) for name, frame in frames.items()}
        yield ZendeskTables(numbered, files, f"{total:x}")


def _frame(
    connection: duckdb.DuckDBPyConnection, name: str, between: tuple[int, int] | None = None
) -> pl.DataFrame:
    layout = TABLES[name]
    columns = [*layout.keys, *layout.times, *layout.texts]
    shown = ", ".join(quoted(column) for column in columns)
    inner = _READ.get(name, f"select * from {quoted(name)}")  # noqa: S608
    within = f"where {_OF_TICKETS[name]} >= ? and {_OF_TICKETS[name]} < ?" if between else ""
    order = _ORDERS.get(name, "all")
    query = f"select {shown} from (select * from ({inner}) {within} order by {order})"  # noqa: S608
    frame: pl.DataFrame = connection.cursor().sql(query, params=list(between or ())).pl()
    return frame.with_columns(pl.col(c).dt.convert_time_zone("UTC") for c in layout.times)


def _digest(frame: pl.DataFrame) -> int:
    return int(frame.hash_rows(seed=0).sum() or 0) + frame.height
