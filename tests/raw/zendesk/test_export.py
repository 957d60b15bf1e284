"""Zendesk's own export of JSON lines becomes the contract's tables, or one sentence."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.raw.landing import complete_tables
from control_tower.raw.validation import ContractError
from control_tower.raw.zendesk import ZendeskError, ZendeskFilesError, read_zendesk_files

_TICKET: dict[str, Any] = {
    "id": 1,
    "created_at": "2026-06-01T08:00:00Z",
    "updated_at": "2026-06-05T08:00:00Z",
    "status": "closed",
    "priority": "high",
    "type": "incident",
    "via": {"channel": "web"},
    "group": {"id": 31, "name": "Tier 1"},
    "assignee": {"id": 51, "name": "Ada", "role": "agent", "time_zone": "Berlin"},
    "requester": {"id": 71, "name": "A customer", "role": "end-user"},
    "submitter_id": 71,
    "satisfaction_rating": {"id": 5, "score": "good", "created_at": "2026-06-03T08:00:00Z"},
    "comments": [
        {"id": 11, "author_id": 71, "public": True, "created_at": "2026-06-01T08:00:00Z"},
        {"id": 12, "author_id": 51, "public": True, "created_at": "2026-06-01T09:00:00Z"},
    ],
    "metric_set": {
        "replies": 1,
        "reopens": 0,
        "assigned_at": "2026-06-01T08:30:00Z",
        "solved_at": "2026-06-02T08:00:00Z",
        "status_updated_at": "2026-06-04T08:00:00Z",
        "reply_time_in_minutes": {"calendar": 60, "business": None},
    },
}
_WAITING: dict[str, Any] = {
    "id": 2,
    "created_at": "2026-06-01T08:00:00Z",
    "updated_at": "2026-06-02T08:00:00Z",
    "status": "pending",
    "comments": [],
}
_USERS = [{"id": 51, "name": "Ada", "role": "agent"}, {"id": 52, "name": "Bo", "role": "admin"}]
_ORGANIZATION = {"id": 9, "name": "Acme", "created_at": "2020-01-01T00:00:00Z"}


def _written(folder: Path, **files: list[Any]) -> Path:
    for name, records in files.items():
        text = "\n".join(json.dumps(record) for record in records)
        (folder / f"export-2026-{name}.json").write_text(text + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small export."""
    return _written(
        tmp_path, tickets=[_TICKET, _WAITING], users=_USERS, organizations=[_ORGANIZATION]
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}").replace(tzinfo=UTC)


def test_tickets_are_read_with_what_is_known_of_their_history(folder: Path) -> None:
    """Comments as they came, and when a ticket was assigned, solved and closed."""
    landing = read_zendesk_files(folder)
    complete_tables(landing)
    events = landing.tables["ticket_events"]
    assert events.select("ticket_id", "occurred_at", "activity", "status", "actor").rows() == [
        (1, _at("01 08:00"), "created", "new", "customer"),
        (1, _at("01 08:30"), "assigned", "new", "system"),
        (1, _at("01 09:00"), "replied", "new", "agent"),
        (1, _at("02 08:00"), "solved", "solved", "system"),
        (1, _at("04 08:00"), "closed", "closed", "system"),
        (2, _at("01 08:00"), "created", "new", "system"),
        (2, _at("02 08:00"), "pending", "pending", "system"),
    ]
    tickets = landing.tables["tickets"]
    assert tickets.select("status", "group_name", "assignee_id", "solved_at").rows() == [
        ("closed", "Tier 1", 51, _at("02 08:00")),
        ("pending", None, None, None),
    ]
    assert landing.tables["agents"]["agent_name"].to_list() == ["Ada", "Bo"]
    assert landing.tables["satisfaction_ratings"]["score"].to_list() == [5]
    metrics = landing.tables["desk_ticket_metrics"]
    assert metrics.filter(pl.col("metric") == "reply_time")["calendar_minutes"].to_list() == [60.0]
    assert ("no_history", 2) in landing.repairs.select("rule", "rows").rows()
    assert landing.described_as.startswith("Zendesk's export")


def test_who_holds_tickets_is_an_agent_though_not_exported(tmp_path: Path) -> None:
    """Without the users' export replies of holders are still an agent's, and the gap is told."""
    unnamed = {name: value for name, value in _TICKET.items() if name not in ("assignee", "users")}
    folder = _written(tmp_path, tickets=[unnamed | {"assignee_id": 51}])
    landing = read_zendesk_files(folder)
    complete_tables(landing)
    events = landing.tables["ticket_events"]
    assert events.filter(pl.col("activity") == "replied")["actor"].to_list() == ["agent"]
    assert landing.tables["agents"]["agent_name"].to_list() == ["Agent 51"]
    assert ("agents_not_exported", 1) in landing.repairs.select("rule", "rows").rows()


def test_files_may_be_packed_and_parted(folder: Path, tmp_path: Path) -> None:
    """Large accounts get a file for each month; gzip is unpacked on the way."""
    parts = tmp_path / "parts"
    parts.mkdir()
    for number, record in enumerate([_WAITING, _TICKET, *_USERS]):
        packed = gzip.compress(json.dumps(record).encode())
        (parts / f"{number}.jsonl.gz").write_bytes(packed)
    whole, parted = read_zendesk_files(folder), read_zendesk_files(parts)
    assert whole.tables["ticket_events"].rows() == parted.tables["ticket_events"].rows()


@pytest.mark.parametrize(
    ("line", "fragments"),
    [
        ("{", ["tickets.json, line 1", "is no JSON", "one object a line"]),
        ("[1]", ["line 1 is no JSON object", "[1]"]),
        ("3", ["line 1 is no JSON object"]),
        (json.dumps(_TICKET | {"id": "x"}), ["line 1: id 'x' is no whole number"]),
        (json.dumps(_TICKET | {"id": None}), ["line 1 has no id"]),
        (json.dumps(_TICKET | {"id": 1e300}), ["is no whole number"]),
        (json.dumps(_TICKET | {"created_at": "soon"}), ["created_at 'soon' is no time"]),
        (json.dumps(_TICKET | {"created_at": "0001-01-01"}), ["is no time"]),
        (json.dumps(_TICKET | {"comments": {"id": 1}}), ["comments", "is no list"]),
        (json.dumps(_TICKET | {"comments": [7]}), ["comments is no JSON object but 7"]),
        (json.dumps(_TICKET | {"metric_set": "quick"}), ["metric_set is no JSON object"]),
        (json.dumps(_TICKET | {"priority": {"a": 1}}), ["priority", "is no text"]),
        ('{"id": 1, "status": "\\ud800", "created_at": "2026-01-01"}', ["is no JSON"]),
    ],
)
def test_one_sentence_says_what_is_wrong(tmp_path: Path, line: str, fragments: list[str]) -> None:
    """With file and line."""
    (tmp_path / "tickets.json").write_text(line, encoding="utf-8")
    with pytest.raises(ZendeskFilesError) as caught:
        read_zendesk_files(tmp_path)
    for fragment in fragments:
        assert fragment in str(caught.value), caught.value
    assert "\n" not in str(caught.value)


def test_a_file_cut_short_is_told(tmp_path: Path) -> None:
    """And not taken for a small export."""
    packed = gzip.compress(json.dumps(_TICKET).encode() * 10)
    (tmp_path / "tickets.json.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ZendeskFilesError, match="cannot be read"):
        read_zendesk_files(tmp_path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(_TICKET)), value=_JSON)
def test_whatever_a_field_holds_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: object
) -> None:
    """In one sentence; nothing else is raised."""
    folder = tmp_path_factory.mktemp("fuzz")
    _written(folder, tickets=[_WAITING, _TICKET | {name: value}])
    sentence = ""
    try:
        complete_tables(read_zendesk_files(folder))
    except (ContractError, ZendeskError) as error:
        sentence = str(error)
    assert "\n" not in sentence
