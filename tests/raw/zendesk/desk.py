"""A small desk in Zendesk's tables, written as CSV for a test to read."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["TABLES", "Rows", "write"]

Rows = Sequence[Mapping[str, Any]]


def _change(ticket_id: int, at: str, field: str, value: str, user_id: str = "") -> dict[str, Any]:
    return {
        "field_name": field,
        "ticket_id": ticket_id,
        "updated": at,
        "user_id": user_id,
        "value": value,
    }


TABLES: dict[str, Rows] = {
    "ticket": [
        {
            "id": 1,
            "created_at": "2026-06-01 08:00:00",
            "updated_at": "2026-06-03 10:00:00",
            "status": "closed",
            "priority": "high",
            "type": "incident",
            "group_id": 32,
            "assignee_id": 51,
            "submitter_id": 71,
            "via_channel": "web",
            "merged_ticket_ids": "[2]",
        },
        {
            "id": 2,
            "created_at": "2026-06-01 09:00:00",
            "updated_at": "2026-06-01 09:30:00",
            "status": "closed",
            "priority": "",
            "type": "",
            "group_id": "",
            "assignee_id": 99,
            "submitter_id": 51,
            "via_channel": "email",
            "merged_ticket_ids": "[]",
        },
    ],
    "ticket_field_history": [
        _change(1, "2026-06-01 08:00:00", "status", "new"),
        _change(1, "2026-06-01 08:00:00", "priority", "low"),
        _change(1, "2026-06-01 08:00:00", "group_id", "31.0"),
        _change(1, "2026-06-01 08:00:00", "sla_policy", "Gold"),
        _change(
            1,
            "2026-06-01 08:00:00",
            "first_reply_time",
            '{"minutes": 60, "in_business_hours": true}',
        ),
        _change(1, "2026-06-01 08:05:00", "assignee_id", "51", "51"),
        _change(1, "2026-06-01 08:10:00", "priority", "high", "51"),
        _change(1, "2026-06-01 08:10:00", "sla_policy", "Gold plus"),
        _change(
            1,
            "2026-06-01 08:10:00",
            "first_reply_time",
            '{"minutes": 30, "in_business_hours": false}',
        ),
        _change(1, "2026-06-01 09:00:00", "first_reply_time", ""),
        _change(1, "2026-06-01 09:00:00", "status", "pending", "51"),
        _change(1, "2026-06-01 10:00:00", "status", "open", "71"),
        _change(1, "2026-06-01 11:00:00", "group_id", "32", "51"),
        _change(1, "2026-06-01 12:00:00", "status", "hold", "52"),
        _change(1, "2026-06-02 09:00:00", "status", "solved", "52"),
        _change(1, "2026-06-02 12:00:00", "status", "open", "71"),
        _change(1, "2026-06-02 13:00:00", "status", "solved", "52"),
        _change(1, "2026-06-03 10:00:00", "status", "closed"),
    ],
    "ticket_comment": [
        {
            "id": 11,
            "ticket_id": 1,
            "created": "2026-06-01 08:00:00",
            "public": "TRUE",
            "user_id": 71,
        },
        {
            "id": 12,
            "ticket_id": 1,
            "created": "2026-06-01 08:30:00",
            "public": "FALSE",
            "user_id": 51,
        },
        {
            "id": 13,
            "ticket_id": 1,
            "created": "2026-06-01 09:00:00",
            "public": "TRUE",
            "user_id": 51,
        },
        {
            "id": 14,
            "ticket_id": 1,
            "created": "2026-06-01 10:00:00",
            "public": "TRUE",
            "user_id": 71,
        },
        {
            "id": 15,
            "ticket_id": 1,
            "created": "2026-06-02 09:00:00",
            "public": "TRUE",
            "user_id": 52,
        },
        {
            "id": 21,
            "ticket_id": 2,
            "created": "2026-06-01 09:00:00",
            "public": "TRUE",
            "user_id": 51,
        },
    ],
    "user": [
        {"id": 51, "name": "Ada", "role": "agent", "time_zone": "Copenhagen"},
        {"id": 52, "name": "", "role": "admin", "time_zone": "Atlantis"},
        {"id": 71, "name": "Customer", "role": "end-user", "time_zone": ""},
    ],
    "group": [{"id": 31, "name": "Tier 1"}],
    "group_membership": [
        {"user_id": 51, "group_id": 32, "default": "FALSE"},
        {"user_id": 51, "group_id": 31, "default": "TRUE"},
        {"user_id": 52, "group_id": 32, "default": ""},
    ],
    "schedule": [
        {
            "id": 9,
            "name": "New",
            "time_zone": "Sydney",
            "start_time": 8640,
            "end_time": 10200,
            "created_at": "2025-01-01 00:00:00",
            "updated_at": "2026-02-03 04:05:06",
        },
        {
            "id": 10,
            "name": "Old",
            "time_zone": "Europe/Berlin",
            "start_time": 1980,
            "end_time": 2460,
            "created_at": "2024-01-01 00:00:00",
        },
    ],
    "schedule_holiday": [
        {"schedule_id": 10, "start_date": "2026-12-25", "end_date": "2026-12-26"},
        {"schedule_id": 77, "start_date": "2026-12-25", "end_date": "2026-12-25"},
    ],
    "ticket_schedule": [
        {"ticket_id": 1, "schedule_id": 9, "created_at": "2026-06-01 08:00:00"},
        {"ticket_id": 3, "schedule_id": 9, "created_at": "2026-06-01 08:00:00"},
    ],
    "sla_policy_metric_history": [
        {
            "sla_policy_id": policy,
            "sla_policy_updated_at": at,
            "metric": metric,
            "priority": "high",
            "target": target,
            "business_hours": "TRUE",
        }
        for policy, at, metric, target in (
            (5, "2024-01-01 00:00:00", "first_reply_time", 99),
            (5, "2025-01-01 00:00:00", "first_reply_time", 30),
            (4, "2024-01-01 00:00:00", "agent_work_time", 240),
            (4, "2024-01-01 00:00:00", "pausable_update_time", 240),
        )
    ],
    "ticket_sla_policy": [
        {"ticket_id": 1, "sla_policy_id": 4, "policy_applied_at": "2026-06-01 08:00:00"},
        {"ticket_id": 1, "sla_policy_id": 5, "policy_applied_at": "2026-06-01 08:10:00"},
    ],
    "satisfaction_rating": [
        {"id": 1, "ticket_id": 1, "score": "good", "created_at": "2026-06-03 08:00:00"},
        {"id": 2, "ticket_id": 1, "score": "offered", "created_at": "2026-06-02 14:00:00"},
        {"id": 3, "ticket_id": 8, "score": "bad", "created_at": "2026-06-03 08:00:00"},
        {"id": 4, "ticket_id": 2, "score": "2", "created_at": "2026-06-03 09:00:00"},
    ],
    "ticket_metric": [
        {
            "ticket_id": 1,
            "replies": 2,
            "reopens": 1,
            "reply_time_in_minutes_calendar": 60,
            "reply_time_in_minutes_business": "45.0",
            "on_hold_time_in_minutes_calendar": "",
            "on_hold_time_in_minutes_business": 0,
        },
        {
            "ticket_id": 3,
            "replies": 0,
            "reopens": 0,
            "reply_time_in_minutes_calendar": "",
            "reply_time_in_minutes_business": "",
            "on_hold_time_in_minutes_calendar": "",
            "on_hold_time_in_minutes_business": "",
        },
    ],
    "ticket_metric_event": [
        {
            "id": event_id,
            "ticket_id": ticket_id,
            "metric": "reply_time",
            "instance_id": 1,
            "type": kind,
            "time": at,
            "sla_target": target,
            "sla_policy_id": 4 if target else "",
            "sla_policy_title": "Gold" if target else "",
            "sla_business_hours": "TRUE" if target else "",
            "status_calendar": minutes,
            "status_business": minutes,
            "deleted": deleted,
        }
        for event_id, ticket_id, kind, at, target, minutes, deleted in (
            (901, 1, "activate", "2026-06-01 08:00:00", "", "", ""),
            (902, 1, "apply_sla", "2026-06-01 08:00:00", 60, "", "FALSE"),
            (903, 1, "breach", "2026-06-01 09:00:00", "", "", "TRUE"),
            (904, 1, "fulfill", "2026-06-01 09:00:00", "", "", ""),
            (905, 1, "update_status", "2026-06-01 09:00:00", "", 60, ""),
            (906, 1, "explode", "2026-06-01 09:00:00", "", "", ""),
            (907, 3, "activate", "2026-06-01 09:00:00", "", "", ""),
        )
    ],
}
"""By table: a ticket from its creation to its close, and one an agent opened and merged into it."""


def write(folder: Path, tables: Mapping[str, Rows] = TABLES, **instead: Rows | None) -> Path:
    """Write tables as CSV; those given by name take another's place, or leave it empty if None."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**tables, **instead}.items():
        if rows is not None:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    return folder
