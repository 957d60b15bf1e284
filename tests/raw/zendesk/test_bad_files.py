"""Folders that cannot be used: one sentence says which file, row and column, and what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from control_tower.raw.zendesk import ZendeskFilesError, read_zendesk_files
from tests.raw.zendesk.desk import TABLES, write


def _with(folder: Path, table: str, **values: Any) -> None:
    """Write a table again, its second row changed."""
    rows = [dict(row) for row in TABLES[table]]
    rows[1].update(values)
    write(folder, {table: rows})


def _without_column(folder: Path, table: str, column: str) -> None:
    write(folder, {table: [{k: v for k, v in row.items() if k != column} for row in TABLES[table]]})


def _twice(folder: Path) -> None:
    (folder / "ticket.parquet").write_bytes(b"PAR1")


def _only_parquet(folder: Path) -> None:
    (folder / "ticket.csv").unlink()
    (folder / "ticket.parquet").write_bytes(b"PAR1 cut short")


@pytest.mark.parametrize(
    ("spoil", "fragments"),
    [
        (lambda d: (d / "user.csv").unlink(), ["no user.csv or user.parquet", "add the table"]),
        (_twice, ["both ticket.csv and ticket.parquet", "remove one"]),
        (_only_parquet, ["ticket.parquet", "not intact"]),
        (lambda d: (d / "ticket.csv").write_text(""), ["ticket.csv is empty"]),
        (lambda d: (d / "ticket.csv").write_text("id,created_at,status\n"), ["no rows"]),
        (lambda d: (d / "user.csv").write_text("id,role\n1\n"), ["user.csv"]),
        (lambda d: _without_column(d, "ticket", "status"), ["ticket.csv has no column 'status'"]),
        (
            lambda d: _with(d, "ticket", created_at="last Tuesday"),
            ["ticket.csv, row 3, column created_at", "'last Tuesday'", "2026-03-01 09:00:00"],
        ),
        (lambda d: _with(d, "ticket", created_at=""), ["row 3, column created_at: empty"]),
        (lambda d: _with(d, "ticket", id="two"), ["row 3, column id", "'two'", "whole number"]),
        (lambda d: _with(d, "ticket", id=1), ["column id: 1 stands there twice"]),
        (
            lambda d: _with(d, "schedule", time_zone="Atlantis"),
            ["schedule.csv, row 3, column time_zone", "'Atlantis'"],
        ),
        (lambda d: _with(d, "schedule", end_time=1980), ["row 3, column end_time", "Sunday"]),
        (
            lambda d: _with(d, "schedule_holiday", start_date="Christmas"),
            ["schedule_holiday.csv, row 3, column start_date", "'Christmas'", "2026-12-25"],
        ),
        (lambda d: _with(d, "schedule_holiday", end_date="2026-12-01"), ["row 3, column end_date"]),
        (
            lambda d: _with(
                d, "ticket_field_history", field_name="agent_work_time", value="an hour"
            ),
            ["ticket_field_history.csv, row 3, column value", "'an hour'", "in_business_hours"],
        ),
        (
            lambda d: _with(d, "sla_policy_metric_history", target="soon"),
            ["sla_policy_metric_history.csv, row 3, column target", "'soon'"],
        ),
    ],
)
def test_one_sentence_says_what_is_wrong(
    tmp_path: Path, spoil: Callable[[Path], Any], fragments: list[str]
) -> None:
    """And nothing else is raised."""
    spoil(write(tmp_path))
    with pytest.raises(ZendeskFilesError) as caught:
        read_zendesk_files(tmp_path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    for fragment in fragments:
        assert fragment in sentence, sentence


def test_no_folder(tmp_path: Path) -> None:
    """A file, or nothing at all."""
    with pytest.raises(ZendeskFilesError, match="is no folder"):
        read_zendesk_files(tmp_path / "nowhere")


def test_tables_that_can_be_done_without_are_named(tmp_path: Path) -> None:
    """Each with what is lost."""
    needed = ("ticket", "ticket_field_history", "ticket_comment", "user")
    landing = read_zendesk_files(write(tmp_path, {name: TABLES[name] for name in needed}))
    notes = landing.repairs.filter(landing.repairs["rule"].str.starts_with("no_"))
    assert set(notes["rule"]) == {
        "no_group",
        "no_group_membership",
        "no_schedule",
        "no_schedule_holiday",
        "no_ticket_schedule",
        "no_sla_policy",
        "no_sla_policy_metric_history",
        "no_ticket_sla_policy",
        "no_satisfaction_rating",
        "no_ticket_metric",
        "no_ticket_metric_event",
    }
    assert set(notes["treatment"]) == {"noted"}


def test_rows_the_loader_deleted_are_left_out(tmp_path: Path) -> None:
    """And counted."""
    users = [{**user, "_fivetran_deleted": user["id"] == 52} for user in TABLES["user"]]
    landing = read_zendesk_files(write(tmp_path, user=users))
    assert landing.tables["agents"]["agent_id"].to_list() == [51]
    assert ("user_rows_deleted", 1) in landing.repairs.select("rule", "rows").rows()
