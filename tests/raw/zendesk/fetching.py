"""Fetching from the fake Zendesk, in this process or in one of its own that can be killed."""

import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from control_tower.raw.landing import Landing, complete_tables, write_landed
from control_tower.raw.zendesk import Credentials, ZendeskDesk, read_zendesk
from tests.raw.zendesk.fake_zendesk import CLIENT_ID, CLIENT_SECRET

__all__ = ["as_tables", "briefly", "fetch", "land", "tables_of"]

Json = dict[str, Any]


def briefly(seconds: float) -> None:
    """Wait, but not as long as a real Zendesk would have one wait."""
    time.sleep(min(seconds, 0.05))


def fetch(
    address: str, data_dir: Path, credentials: Credentials | None = None, **options: Any
) -> Landing:
    """Return what the fake Zendesk at an address lands."""
    who = credentials or Credentials(CLIENT_ID, CLIENT_SECRET)
    start = options.pop("start", None)
    asked = ZendeskDesk("acme", who, base_url=address, start=start)
    options.setdefault("tell", lambda _: None)
    return read_zendesk(asked, data_dir, sleep=briefly, **options)


def tables_of(landing: Landing) -> dict[str, list[tuple[Any, ...]]]:
    """Return a landing's rows, table by table, to compare."""
    return {name: frame.rows() for name, frame in landing.tables.items()}


def as_tables(records: dict[str, Sequence[Json]]) -> dict[str, list[Json]]:
    """Return a desk of the fake Zendesk as a loader would land it, worked out on its own."""
    history: list[Json] = []
    comments: list[Json] = []
    for event in records["ticket_events"]:
        for child in event["child_events"]:
            if child["event_type"] == "Comment":
                comments.append(
                    {
                        "id": child["id"],
                        "ticket_id": event["ticket_id"],
                        "created": child["created_at"],
                        "public": str(child["public"]).upper(),
                        "user_id": child["author_id"],
                    }
                )
            history += [
                {
                    "ticket_id": event["ticket_id"],
                    "field_name": name,
                    "updated": event["created_at"],
                    "value": child[name],
                    "user_id": event["updater_id"],
                }
                for name in ("status", "priority", "group_id", "assignee_id")
                if name in child
            ]
    tickets = [
        {
            **{
                name: ticket[name]
                for name in (
                    *("id", "created_at", "updated_at", "status", "priority", "type"),
                    *("group_id", "assignee_id", "submitter_id"),
                )
            },
            "via_channel": ticket["via"]["channel"],
        }
        for ticket in records["tickets"]
    ]
    metrics = [
        {"ticket_id": figures["ticket_id"]}
        | {name: figures[name] for name in ("replies", "reopens")}
        | {
            f"{name}_{hours}": value
            for name, pair in figures.items()
            if name.endswith("_in_minutes")
            for hours, value in pair.items()
        }
        for figures in (ticket["metric_set"] for ticket in records["tickets"])
    ]
    clocks = [
        {name: event[name] for name in ("id", "ticket_id", "metric", "instance_id", "type", "time")}
        | {
            "sla_target": event.get("sla", {}).get("target"),
            "sla_policy_id": event.get("sla", {}).get("policy", {}).get("id"),
            "sla_policy_title": event.get("sla", {}).get("policy", {}).get("title"),
            "sla_business_hours": event.get("sla", {}).get("business_hours"),
            "status_calendar": event.get("status", {}).get("calendar"),
            "status_business": event.get("status", {}).get("business"),
        }
        for event in records["ticket_metric_events"]
    ]
    users = [
        {"role": user["role"], "id": user["id"], "name": user["name"]}
        | {"time_zone": user.get("iana_time_zone") or user.get("time_zone")}
        for user in records["users"]
    ]
    return {
        "ticket": tickets,
        "ticket_field_history": history,
        "ticket_comment": comments,
        "ticket_metric": metrics,
        "ticket_metric_event": clocks,
        "user": [*users, {"role": "agent", "id": 53, "name": "", "time_zone": ""}],
        "group": list(records["groups"]),
        "group_membership": list(records["group_memberships"]),
    }


def land(address: str, data_dir: Path) -> None:
    """Fetch and write what was landed, and print what the process's memory came to at most."""
    landing = fetch(address, data_dir)
    landing_id = landing.landing_id
    tables = complete_tables(landing)
    # As in the asset: what was read goes before what is written.
    del landing
    write_landed(tables, data_dir, landing_id=landing_id)
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    print(int(peak) / 1024)


if __name__ == "__main__":
    (land if "--land" in sys.argv else fetch)(sys.argv[1], Path(sys.argv[2]))
