"""Columns are followed to the tables they come from."""

import json
from pathlib import Path

import pytest

from control_tower.marts import lineage as lineage_module
from control_tower.marts.lineage import LineageBook, column_lineage

TABLES = {
    ("raw", "tickets"): {"ticket_id": "bigint", "created_at": "timestamptz", "priority": "varchar"},
    ("raw", "events"): {"ticket_id": "bigint", "occurred_at": "timestamptz"},
}
SQL = """
with tickets as (select ticket_id, created_at, priority from raw.tickets),
events as (select ticket_id, max(occurred_at) as last_at from raw.events group by ticket_id)
select
    tickets.ticket_id,
    coalesce(tickets.priority, 'none') as priority,
    events.last_at - tickets.created_at as age,
    1 as one
from tickets left join events on tickets.ticket_id = events.ticket_id
"""


def test_columns_are_followed_through_joins_and_steps() -> None:
    """An expression comes from all the columns in it, a constant from none."""
    assert column_lineage(SQL, TABLES) == {
        "ticket_id": [("raw", "tickets", "ticket_id")],
        "priority": [("raw", "tickets", "priority")],
        "age": [("raw", "events", "occurred_at"), ("raw", "tickets", "created_at")],
        "one": [],
    }


@pytest.mark.parametrize(
    "sql",
    [
        "select from where",
        "select priority, 1 as one from raw.tickets union all by name "
        "select priority, 2 as two from raw.tickets",
    ],
)
def test_sql_that_cannot_be_followed_has_no_lineage(sql: str) -> None:
    """Lineage is a help, never a reason to fail."""
    assert column_lineage(sql, TABLES) == {}


def test_a_statement_is_followed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was worked out is read back; a damaged book is begun anew."""
    path = tmp_path / "lineage.json"
    book = LineageBook(path)
    known = book.lineage(SQL, TABLES)
    book.save()

    def refuse(*_: object) -> None:
        raise AssertionError("worked out a second time")

    monkeypatch.setattr(lineage_module, "column_lineage", refuse)
    again = LineageBook(path).lineage(SQL, TABLES)
    assert json.loads(json.dumps(known)) == json.loads(json.dumps(again))
    monkeypatch.undo()
    path.write_text("{")
    assert LineageBook(path).lineage(SQL, TABLES) == known


def test_what_one_desk_worked_out_serves_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared" / "lineage.json"
    shared.parent.mkdir()
    book = LineageBook(tmp_path / "one.json", shared)
    known = book.lineage(SQL, TABLES)
    book.save()

    def refuse(*_: object) -> None:
        raise AssertionError("worked out a second time")

    monkeypatch.setattr(lineage_module, "column_lineage", refuse)
    assert LineageBook(tmp_path / "two.json", shared).lineage(SQL, TABLES) == known


def test_a_place_for_all_that_is_missing_is_no_trouble(tmp_path: Path) -> None:
    book = LineageBook(tmp_path / "one.json", tmp_path / "missing" / "lineage.json")
    known = book.lineage(SQL, TABLES)
    book.save()
    assert LineageBook(tmp_path / "one.json").lineage(SQL, TABLES) == known
    assert not (tmp_path / "missing").exists()
