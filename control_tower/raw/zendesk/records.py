"""Zendesk's JSON records laid out as rows of the tables of `layout`.

The live interface and Zendesk's own export give the same objects; both are read here. Texts of
comments, subjects and customers' names are never taken: no figure needs them.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from control_tower.raw.zendesk.layout import DURATIONS, HOURS
from control_tower.raw.zendesk.values import (
    Record,
    as_record,
    records_in,
    take_key,
    take_moment,
    take_text,
)

__all__ = [
    "STAFF",
    "Row",
    "event_rows",
    "group_row",
    "holiday_row",
    "membership_row",
    "metric_event_row",
    "metric_set_row",
    "policy_rows",
    "rating_row",
    "schedule_rows",
    "survey_row",
    "ticket_row",
    "user_row",
]

Row = dict[str, Any]

STAFF: Final = ("agent", "admin")
_STATE: Final = ("status", "priority", "group_id", "assignee_id")
_CHANGES: Final = ("create", "change")
_GOOD: Final = 5
_LEAST_GOOD_OF_FIVE: Final = 4


def ticket_row(record: Record, where: str) -> Row:
    """Return a row of `ticket`; users and groups may be given by key or as nested objects."""
    via = record.get("via")
    return {
        "id": take_key(record, "id", where, needed=True),
        "created_at": take_moment(record, "created_at", where, needed=True),
        "updated_at": take_moment(record, "updated_at", where),
        "status": take_text(record, "status", where, needed=True),
        "priority": take_text(record, "priority", where),
        "type": take_text(record, "type", where),
        "group_id": _key_of(record, "group", where),
        "assignee_id": _key_of(record, "assignee", where),
        "submitter_id": _key_of(record, "submitter", where),
        "via_channel": take_text(via, "channel", where) if isinstance(via, dict) else None,
        "generated_timestamp": take_key(record, "generated_timestamp", where) or 0,
    }


def _key_of(record: Record, name: str, where: str) -> int | None:
    nested = record.get(name)
    if record.get(f"{name}_id") is None and isinstance(nested, dict):
        return take_key(nested, "id", f"{where}, {name}")
    return take_key(record, f"{name}_id", where)


def metric_set_row(record: Record, ticket_id: int | None, where: str) -> Row:
    """Return a row of `ticket_metric` of a side-loaded metric set."""
    row: Row = {
        "ticket_id": ticket_id or take_key(record, "ticket_id", where, needed=True),
        "replies": take_key(record, "replies", where),
        "reopens": take_key(record, "reopens", where),
    }
    for name in DURATIONS:
        minutes = record.get(f"{name}_in_minutes") or {}
        pair = as_record(minutes, f"{where}, {name}_in_minutes")
        for hours in HOURS:
            row[f"{name}_in_minutes_{hours}"] = take_key(pair, hours, f"{where}, {name}_in_minutes")
    return row


def event_rows(record: Record, where: str) -> Iterator[tuple[str, Row]]:
    """Yield table and row of everything one update of a ticket changed or said.

    Each row carries `event_id`, the update's key, by which an update met again takes the place of
    what it was.
    """
    event_id = take_key(record, "id", where, needed=True)
    ticket_id = take_key(record, "ticket_id", where, needed=True)
    seconds = "created_at" if record.get("created_at") else "timestamp"
    at = take_moment(record, seconds, where, needed=True)
    user_id = take_key(record, "updater_id", where)
    by = user_id if user_id is not None and user_id > 0 else None
    own: Row = {"event_id": event_id, "ticket_id": ticket_id}
    for child in (record, *records_in(record, "child_events", where)):
        merged = _merged_tickets(child, where)
        if merged:
            yield "ticket_merge", own | {"merged_ticket_ids": merged}
        if child is record:
            continue
        kind = (
            take_text(child, "event_type", where) or take_text(child, "type", where) or ""
        ).lower()
        if kind == "comment":
            yield (
                "ticket_comment",
                own
                | {
                    "id": take_key(child, "id", where, needed=True),
                    "created": take_moment(child, "created_at", where) or at,
                    "public": take_text(child, "public", where) or "false",
                    "user_id": take_key(child, "author_id", where) or by,
                },
            )
        elif kind == "scheduleassignment":
            schedule_id = take_key(child, "new_schedule_id", where)
            if schedule_id is not None:
                yield "ticket_schedule", own | {"schedule_id": schedule_id, "created_at": at}
        elif kind in _CHANGES:
            for name, value in _changes(child, where):
                yield (
                    "ticket_field_history",
                    own | {"field_name": name, "updated": at, "value": value, "user_id": by},
                )


def _changes(child: Record, where: str) -> Iterator[tuple[str, str | None]]:
    # The stream names a field by the key that holds its value; audits name it in field_name.
    named = child.get("field_name")
    if named in _STATE:
        yield named, take_text(child, "value", where)
        return
    for name in _STATE:
        if name in child:
            yield name, take_text(child, name, where)


def _merged_tickets(child: Record, where: str) -> str | None:
    via = child.get("via")
    source = via.get("source") if isinstance(via, dict) else None
    origin = source.get("from") if isinstance(source, dict) else None
    if not isinstance(source, dict) or source.get("rel") != "merge" or not isinstance(origin, dict):
        return None
    keys = origin.get("ticket_ids") or []
    if not isinstance(keys, list):
        return None
    read = (take_key({"ticket_id": key}, "ticket_id", where) for key in keys)
    return ",".join(str(key) for key in read if key is not None) or None


def metric_event_row(record: Record, where: str) -> Row:
    """Return a row of `ticket_metric_event`."""
    sla = as_record(record.get("sla") or record.get("group_sla") or {}, f"{where}, sla")
    policy = as_record(sla.get("policy") or {}, f"{where}, policy")
    status = as_record(record.get("status") or {}, f"{where}, status")
    seconds = take_key(sla, "target_in_seconds", where)
    target = take_key(sla, "target", where)
    policy_id = policy.get("id")
    return {
        "id": take_key(record, "id", where, needed=True),
        "ticket_id": take_key(record, "ticket_id", where, needed=True),
        "instance_id": take_key(record, "instance_id", where, needed=True),
        "metric": take_text(record, "metric", where, needed=True),
        "type": take_text(record, "type", where, needed=True),
        "time": take_moment(record, "time", where, needed=True),
        "sla_target": round(seconds / 60) if target is None and seconds else target,
        # Policies of groups have keys of letters.
        "sla_policy_id": policy_id if isinstance(policy_id, int) else None,
        "sla_policy_title": take_text(policy, "title", where),
        "sla_business_hours": take_text(sla, "business_hours", where),
        "status_calendar": take_key(status, "calendar", where),
        "status_business": take_key(status, "business", where),
        "deleted": take_text(record, "deleted", where),
    }


def user_row(record: Record, where: str) -> Row:
    """Return a row of `user`; only people of the desk keep their names."""
    role = take_text(record, "role", where) or "end-user"
    is_staff = role in STAFF
    zone = take_text(record, "iana_time_zone", where) or take_text(record, "time_zone", where)
    return {
        "id": take_key(record, "id", where, needed=True),
        "role": role,
        "name": take_text(record, "name", where) if is_staff else None,
        "time_zone": zone if is_staff else None,
    }


def group_row(record: Record, where: str) -> Row:
    """Return a row of `group`."""
    key = take_key(record, "id", where, needed=True)
    return {"id": key, "name": take_text(record, "name", where) or f"Group {key}"}


def membership_row(record: Record, where: str) -> Row:
    """Return a row of `group_membership`."""
    return {
        "user_id": take_key(record, "user_id", where, needed=True),
        "group_id": take_key(record, "group_id", where, needed=True),
        "default": take_text(record, "default", where),
    }


def policy_rows(record: Record, where: str) -> Iterator[tuple[str, Row]]:
    """Yield a row of `sla_policy` and those of its targets."""
    key = take_key(record, "id", where, needed=True)
    title = take_text(record, "title", where) or f"Policy {key}"
    position = take_key(record, "position", where)
    yield "sla_policy", {"id": key, "title": title, "position": position}
    for metric in records_in(record, "policy_metrics", where):
        yield (
            "sla_policy_metric_history",
            {
                "sla_policy_id": key,
                "metric": take_text(metric, "metric", where, needed=True),
                "priority": take_text(metric, "priority", where),
                "target": take_text(metric, "target", where, needed=True),
                "business_hours": take_text(metric, "business_hours", where) or "false",
                "sla_policy_updated_at": None,
            },
        )


def schedule_rows(record: Record, where: str) -> Iterator[Row]:
    """Yield the rows of `schedule`, one for each weekly interval."""
    for interval in records_in(record, "intervals", where):
        yield {
            "id": take_key(record, "id", where, needed=True),
            "name": take_text(record, "name", where),
            "time_zone": take_text(record, "time_zone", where, needed=True),
            "created_at": take_moment(record, "created_at", where),
            "updated_at": take_moment(record, "updated_at", where),
            "start_time": take_key(interval, "start_time", where, needed=True),
            "end_time": take_key(interval, "end_time", where, needed=True),
        }


def holiday_row(record: Record, schedule_id: int, where: str) -> Row:
    """Return a row of `schedule_holiday`."""
    return {
        "schedule_id": schedule_id,
        "start_date": take_text(record, "start_date", where, needed=True),
        "end_date": take_text(record, "end_date", where, needed=True),
    }


def rating_row(record: Record, where: str) -> Row:
    """Return a row of `satisfaction_rating` of the older good-or-bad kind."""
    answered = "updated_at" if record.get("updated_at") else "created_at"
    return {
        "id": take_key(record, "id", where, needed=True),
        "ticket_id": take_key(record, "ticket_id", where, needed=True),
        "score": take_text(record, "score", where),
        "created_at": take_moment(record, answered, where, needed=True),
        "is_survey": False,
    }


def survey_row(record: Record, where: str) -> Row | None:
    """Return a row of `satisfaction_rating` of a survey's response; None if it rates no ticket.

    A response does not say how many steps its scale has. On five steps Zendesk calls the upper two
    good, so a good answer below the fourth step is the best of a shorter scale.
    """
    ticket_id = _surveyed_ticket(record, where)
    answers = records_in(record, "answers", where)
    rated = [answer for answer in answers if answer.get("type") == "rating_scale"]
    if ticket_id is None or not rated:
        return None
    rating = take_key(rated[0], "rating", where, needed=True) or 0
    is_good = take_text(rated[0], "rating_category", where) == "good"
    name = "updated_at" if rated[0].get("updated_at") else "created_at"
    key = hashlib.sha256((take_text(record, "id", where, needed=True) or "").encode()).digest()
    return {
        # Keys of responses are text; the contract's are numbers.
        "id": int.from_bytes(key[:8]) >> 1 or 1,
        "ticket_id": ticket_id,
        "score": str(_GOOD if is_good and rating < _LEAST_GOOD_OF_FIVE else rating),
        "created_at": take_moment(rated[0], name, where, needed=True),
        "is_survey": True,
    }


def _surveyed_ticket(record: Record, where: str) -> int | None:
    for subject in records_in(record, "subjects", where):
        if subject.get("type") == "ticket":
            return take_key(subject, "id", where)
    names = record.get("subject_zrns") or []
    for name in names if isinstance(names, list) else []:
        _, _, key = str(name).rpartition("ticket:")
        if key.isdecimal() and "ticket:" in str(name):
            return take_key({"ticket_id": key}, "ticket_id", where)
    return None
