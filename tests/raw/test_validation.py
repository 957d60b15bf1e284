"""Every way a table can break the contract is named: table, row, column, value, remedy."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES
from control_tower.raw.landing import empty_table
from control_tower.raw.parts import PartedTables
from control_tower.raw.validation import (
    ContractError,
    broken_references,
    judged_in_parts,
    validate,
    violations,
)
from tests.conftest import at, frame, small_tables


def _broken(table: str, column: str, value: object, row: int = 0) -> list[str]:
    table_frame = small_tables()[table]
    values = table_frame[column].to_list()
    values[row] = value
    broken = table_frame.with_columns(pl.Series(column, values, dtype=table_frame.schema[column]))
    return list(violations(table, broken))


def test_small_tables_keep_the_contract() -> None:
    tables = small_tables()
    assert [list(violations(name, table)) for name, table in tables.items()] == [[]] * len(tables)
    validate(tables)


@pytest.mark.parametrize("table", [*RAW_TABLES, *REFERENCE_TABLES])
def test_empty_table_keeps_the_contract(table: str) -> None:
    assert list(violations(table, empty_table(table))) == []


@pytest.mark.parametrize(
    ("table", "column", "value", "row", "words"),
    [
        ("tickets", "priority", "urgnt", 1, ["tickets, row 2, column priority", "'urgnt'", "low"]),
        ("tickets", "created_at", None, 1, ["row 2, column created_at", "missing"]),
        ("tickets", "ticket_id", 1, 1, ["column ticket_id", "more than once"]),
        ("tickets", "solved_at", at(2, 9) - timedelta(minutes=1), 0, ["row 1", "solved at"]),
        ("tickets", "closed_at", None, 0, ["row 1, column status", "closed_at None"]),
        ("tickets", "channel", "", 0, ["row 1, column channel", "empty"]),
        ("ticket_events", "actor", "robot", 2, ["ticket_events, row 3, column actor", "system"]),
        ("schedules", "closes", 1441, 4, ["schedules, row 5, column closes", "at most 1440"]),
        ("schedules", "closes", 530, 0, ["row 1", "closes after opens"]),
        ("agents", "fte", -0.5, 0, ["agents, row 1, column fte", "-0.5", "at least 0"]),
    ],
)
def test_violation_says_where_and_what(
    table: str, column: str, value: object, row: int, words: list[str]
) -> None:
    sentences = _broken(table, column, value, row)
    assert sentences
    assert any(all(word in sentence for word in words) for sentence in sentences), sentences


def test_wrong_columns_are_named_before_any_value() -> None:
    tickets = small_tables()["tickets"]
    assert list(violations("tickets", tickets.drop("status"))) == [
        "tickets: column status is missing; the contract asks for String"
    ]
    assert "column foo is not in the contract" in next(
        violations("tickets", tickets.with_columns(foo=1))
    )
    as_text = tickets.with_columns(pl.col("ticket_id").cast(pl.String))
    assert "column ticket_id is String" in next(violations("tickets", as_text))


def test_count_of_rows_that_break_the_same_rule_is_told() -> None:
    events = small_tables()["ticket_events"].with_columns(actor=pl.lit("robot"))
    assert "(4 more rows break the same rule)" in next(violations("ticket_events", events))


def test_reference_without_parent_is_named() -> None:
    tables = small_tables()
    tables["tickets"] = tables["tickets"].filter(pl.col("ticket_id") == 1)
    assert list(broken_references(tables)) == [
        "ticket_events, row 5, column ticket_id: 2 is not in tickets.ticket_id; "
        "land the missing row or remove this one"
    ]
    with pytest.raises(ContractError, match="ticket_events, row 5"):
        validate(tables)


def test_a_rule_that_names_no_column_still_gives_a_sentence() -> None:
    """An application without target and outcome breaks a rule of the whole row."""
    row = {
        "ticket_id": 1,
        "metric": "first_reply_time",
        "policy_name": "House rules",
        "is_business_hours": True,
        "applied_at": at(2),
    }
    (problem,) = violations("sla_applications", frame("sla_applications", row))
    assert "row 1" in problem
    assert "target or outcome is known" in problem


@pytest.mark.parametrize("in_files", [True, False])
def test_tables_in_parts_are_judged_as_if_whole(tmp_path: Path, in_files: bool) -> None:
    """A key that comes again in another part, and the row of what is wrong in a later one."""
    whole = small_tables()["ticket_events"]
    for spoil, said in (
        (pl.col("event_id") % 3 + 1, "ticket_events, row 1, column event_id: event_id 2 occurs"),
        (
            pl.when(pl.col("event_id") < 5).then(pl.col("event_id")).alias("event_id"),
            "ticket_events, row 5, column event_id",
        ),
    ):
        parts = PartedTables(["ticket_events"], tmp_path if in_files else None)
        for part in whole.with_columns(spoil).iter_slices(2):
            parts.add("ticket_events", part)
        with pytest.raises(ContractError) as refused:
            validate(parts)
        assert said in str(refused.value)
    parts = PartedTables(["ticket_events"], tmp_path if in_files else None)
    for part in whole.iter_slices(2):
        parts.add("ticket_events", part)
    validate(parts)


@pytest.mark.parametrize("rows_a_part", [1, 2, 100])
def test_parts_are_judged_as_the_whole_is(rows_a_part: int) -> None:
    """A key that comes in two parts is found, and so is a value amiss in any of them."""
    tickets = small_tables()["tickets"]
    last = pl.int_range(pl.len()) == pl.len() - 1
    wrong = tickets.with_columns(
        pl.when(last).then(pl.lit("urgnt")).otherwise("priority").alias("priority")
    )
    for table, is_kept in ((tickets, True), (pl.concat([tickets, tickets]), False), (wrong, False)):
        judged, columns = judged_in_parts("tickets", table.iter_slices(rows_a_part), ["created_at"])
        assert judged == is_kept == (not list(violations("tickets", table)))
        assert set(columns.columns) == {"ticket_id", "assignee_id", "created_at"}
        assert columns.rows() == table.select(columns.columns).rows()
