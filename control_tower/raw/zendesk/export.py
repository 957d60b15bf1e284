"""Zendesk's own full export: one JSON object a line, for tickets, users and organizations.

Each ticket comes as it stands, with its comments and metric set, but without its history: what
changed in between is not told, only when the ticket was assigned and solved.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Final

import orjson
import polars as pl

from control_tower.raw.event_log.reading import ROW
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.zendesk.errors import ZendeskError, ZendeskFilesError
from control_tower.raw.zendesk.files import ZendeskTables
from control_tower.raw.zendesk.layout import TABLES
from control_tower.raw.zendesk.records import (
    Row,
    group_row,
    metric_set_row,
    rating_row,
    ticket_row,
    user_row,
)
from control_tower.raw.zendesk.spools import frame_of
from control_tower.raw.zendesk.values import Record, as_record, records_in, take_key, take_moment

__all__ = ["export_files", "read_export"]

_ENDINGS: Final = (".json", ".jsonl", ".ndjson")
_CHUNK: Final = 20_000
_TOLD_BY_EXPORT: Final = ("ticket", "ticket_comment", "user", "group", "ticket_metric")
_SETTLED: Final = ("solved", "closed")
_HISTORY: Final = "ticket_field_history"


def export_files(directory: Path) -> list[Path]:
    """Return the files of an export in a folder, in the order of their names."""
    if not directory.is_dir():
        return []
    return sorted(
        path
        for path in directory.iterdir()
        if path.name.lower().removesuffix(".gz").endswith(_ENDINGS) and path.is_file()
    )


def read_export(files: list[Path], repairs: RepairLog) -> ZendeskTables:
    """Read the files of an export, plain or packed with gzip, whatever their names.

    What a line holds is told by its fields: tickets have a status, users a role; others, such as
    organizations, are passed over. Of a ticket or user met twice the last is kept.

    Raises:
        ZendeskFilesError: If a file is damaged or a line is no JSON object, or holds what its field
            cannot.
    """
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in TABLES}
    waiting: dict[str, list[Row]] = {name: [] for name in TABLES}
    digest = hashlib.sha256()
    for path in files:
        for number, line in enumerate(_lines(path), start=1):
            digest.update(line)
            if line.strip():
                _take(_parsed(line, path, number), f"{path.name}, line {number}", waiting)
            for name, rows in waiting.items():
                if len(rows) >= _CHUNK:
                    parts[name].append(frame_of(name, rows))
                    rows.clear()
    for name, rows in waiting.items():
        parts[name].append(frame_of(name, rows))
    frames = {name: _joined(name, found) for name, found in parts.items()}
    frames["user"] = _with_holders(frames["user"], frames["ticket"], repairs)
    repairs.add(
        "no_history",
        "noted",
        frames["ticket"].height,
        "Zendesk's export tells how tickets stand, not what changed in between; when they were "
        "assigned and solved comes from their metric sets.",
    )
    for name, layout in TABLES.items():
        if name not in (*_TOLD_BY_EXPORT, _HISTORY) and layout.without and not frames[name].height:
            repairs.add(f"no_{name}", "noted", 1, f"The export holds no {name}: {layout.without}.")
    return ZendeskTables(frames, dict.fromkeys(TABLES, files[0].name), digest.hexdigest())


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with _opened(path) as stream:
            yield from stream
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ZendeskFilesError(
            f"{path.name} cannot be read ({reason}); copy it or export it again"
        ) from None


def _opened(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


def _parsed(line: bytes, path: Path, number: int) -> Record:
    try:
        return as_record(orjson.loads(line), f"{path.name}, line {number}")
    except orjson.JSONDecodeError as error:
        raise ZendeskFilesError(
            f"{path.name}, line {number} is no JSON ({error.msg}); an export has one object a "
            "line: copy it or export it again"
        ) from None
    except ZendeskError as error:
        raise ZendeskFilesError(str(error)) from None


def _take(record: Record, where: str, rows: Mapping[str, list[Row]]) -> None:
    try:
        if "status" in record and "created_at" in record:
            _take_ticket(record, where, rows)
        elif "role" in record:
            rows["user"].append(user_row(record, where))
    except ZendeskError as error:
        raise ZendeskFilesError(str(error)) from None


def _take_ticket(record: Record, where: str, rows: Mapping[str, list[Row]]) -> None:
    ticket = ticket_row(record, where)
    rows["ticket"].append(ticket)
    own = {"ticket_id": ticket["id"]}
    for name in ("requester", "submitter", "assignee"):
        person = record.get(name)
        if isinstance(person, dict) and person.get("id") is not None and person.get("role"):
            rows["user"].append(user_row(person, f"{where}, {name}"))
    group = record.get("group")
    if isinstance(group, dict) and group.get("id") is not None:
        rows["group"].append(group_row(group, f"{where}, group"))
    for comment in records_in(record, "comments", where):
        place = f"{where}, comments"
        rows["ticket_comment"].append(
            own
            | {
                "id": take_key(comment, "id", place, needed=True),
                "created": take_moment(comment, "created_at", place, needed=True),
                "public": "true" if comment.get("public") is True else "false",
                "user_id": take_key(comment, "author_id", place),
            }
        )
    figures = record.get("metric_set") or record.get("metrics")
    known = as_record(figures, f"{where}, metric_set") if figures else {}
    if known:
        rows["ticket_metric"].append(metric_set_row(known, ticket["id"], where))
    rating = record.get("satisfaction_rating")
    if isinstance(rating, dict) and rating.get("id") is not None:
        given = {"created_at": record.get("updated_at") or record["created_at"]} | rating
        rows["satisfaction_rating"].append(rating_row({**given, **own}, where))
    rows[_HISTORY] += _known_changes(ticket, known, where)


def _known_changes(ticket: Row, figures: Record, where: str) -> Iterator[Row]:
    """Yield what is known of when the ticket's fields became what they are."""
    created_at = ticket["created_at"]
    place = f"{where}, metric_set"

    def at(name: str) -> object:
        moment = take_moment(figures, name, place)
        return None if moment is None else max(moment, created_at)

    changed_at = at("status_updated_at") or max(ticket["updated_at"] or created_at, created_at)
    solved_at = at("solved_at")
    moments: list[tuple[str, object, object]] = [
        ("priority", ticket["priority"], created_at),
        ("group_id", ticket["group_id"], created_at),
        ("assignee_id", ticket["assignee_id"], at("assigned_at") or created_at),
    ]
    if ticket["status"] in _SETTLED:
        moments.append(("status", "solved", solved_at or changed_at))
    if ticket["status"] not in ("new", "solved"):
        moments.append(("status", ticket["status"], changed_at))
    for name, value, moment in moments:
        if value is not None:
            yield {
                "ticket_id": ticket["id"],
                "field_name": name,
                "updated": moment,
                "value": str(value),
                "user_id": None,
            }


def _with_holders(users: pl.DataFrame, tickets: pl.DataFrame, repairs: RepairLog) -> pl.DataFrame:
    """Return users with those who hold tickets and were not exported, who must be agents."""
    holders = (
        tickets.select(id=pl.col("assignee_id").drop_nulls().unique().sort())
        .join(users, on="id", how="anti", maintain_order="left")
        .with_columns(role=pl.lit("agent"))
    )
    repairs.add(
        "agents_not_exported",
        "repaired",
        holders.height,
        "Who holds tickets and is not among the users exported is taken for an agent; replies of "
        "others who are missing count as a customer's: export the users, too.",
    )
    known = pl.concat([users.drop(ROW), holders], how="diagonal")
    return known.with_row_index(ROW, offset=1)


def _joined(name: str, parts: list[pl.DataFrame]) -> pl.DataFrame:
    layout = TABLES[name]
    frame = pl.concat(parts).select(*layout.keys, *layout.times, *layout.texts)
    if name in ("ticket", "user", "group", "ticket_comment"):
        frame = frame.unique("id", keep="last", maintain_order=True)
    return frame.with_row_index(ROW, offset=1)
