"""What a page of Zendesk's records leaves as rows of the tables that are kept."""

from collections.abc import Iterable, Iterator, Mapping

from control_tower.raw.zendesk.records import (
    Row,
    event_rows,
    group_row,
    membership_row,
    metric_event_row,
    metric_set_row,
    policy_rows,
    ticket_row,
    user_row,
)
from control_tower.raw.zendesk.values import Record, records_in, take_key

__all__ = [
    "Rows",
    "once",
    "rows_of_events",
    "rows_of_groups",
    "rows_of_memberships",
    "rows_of_metric_events",
    "rows_of_policies",
    "rows_of_tickets",
    "rows_of_users",
]

Rows = Mapping[str, Iterable[Row]]
"""Rows by table."""


def rows_of_tickets(content: Record, where: str) -> Rows:
    """Return a page of tickets and their metric sets as rows of ticket and ticket_metric."""
    tickets = records_in(content, "tickets", where)
    sets = {
        take_key(found, "ticket_id", where): found
        for found in records_in(content, "metric_sets", where)
    }
    rows: list[Row] = []
    figures: list[Row] = []
    for number, record in enumerate(tickets, start=1):
        place = f"{where}, record {number}"
        row = ticket_row(record, place)
        rows.append(row)
        found = record.get("metric_set") or sets.get(row["id"])
        if isinstance(found, dict):
            figures.append(
                metric_set_row(found, row["id"], place)
                | {"generated_timestamp": row["generated_timestamp"]}
            )
    return {"ticket": rows, "ticket_metric": figures}


def rows_of_events(records: list[Record], where: str) -> tuple[Rows, list[int]]:
    """Return a page of updates as rows of the tables they tell of, and the updates' keys."""
    rows: dict[str, list[Row]] = {
        "ticket_field_history": [],
        "ticket_comment": [],
        "ticket_schedule": [],
        "ticket_merge": [],
    }
    for number, record in enumerate(records, start=1):
        for table, row in event_rows(record, f"{where}, record {number}"):
            rows[table].append(row)
    return rows, [take_key(record, "id", where) or 0 for record in records]


def rows_of_metric_events(records: list[Record], where: str) -> tuple[Rows, list[int]]:
    """Return a page of clock events as rows; they have no keys beside their own."""
    rows = [metric_event_row(record, f"{where}, record {n}") for n, record in _numbered(records)]
    return {"ticket_metric_event": rows}, []


def rows_of_users(records: list[Record], where: str) -> Rows:
    """Return users as rows, each once."""
    return {"user": [user_row(record, where) for record in once(records, where)]}


def rows_of_groups(records: list[Record], where: str) -> Rows:
    """Return groups as rows, each once."""
    return {"group": [group_row(record, where) for record in once(records, where)]}


def rows_of_memberships(records: list[Record], where: str) -> Rows:
    """Return who belongs to which group as rows."""
    return {"group_membership": [membership_row(record, where) for record in records]}


def rows_of_policies(records: list[Record], where: str) -> Rows:
    """Return SLA policies and their targets as rows, each policy once."""
    rows: dict[str, list[Row]] = {"sla_policy": [], "sla_policy_metric_history": []}
    for record in once(records, where):
        for table, row in policy_rows(record, where):
            rows[table].append(row)
    return rows


def once(records: list[Record], where: str) -> list[Record]:
    """Return records with each key once; pages repeat some, and the last is the newest."""
    return list({take_key(record, "id", where, needed=True): record for record in records}.values())


def _numbered(records: list[Record]) -> Iterator[tuple[int, Record]]:
    return enumerate(records, start=1)
