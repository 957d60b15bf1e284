"""Rows that break a blocking check stay out of the snapshot; a warning lets them through."""

import sys
from pathlib import Path

from tests.bad_input.tower import command, ended, published, said, start

BREAKING = """
import polars as pl

from control_tower.__main__ import main
from control_tower.raw import assets

complete_tables = assets.complete_tables


def with_one_row_broken(landing):
    tables = dict(complete_tables(landing))
    one = tables["TABLE"].head(1).with_columns(pl.col("COLUMN") - pl.duration(days=30))
    tables["TABLE"] = pl.concat([one, tables["TABLE"].tail(-1)])
    return tables


assets.complete_tables = with_one_row_broken
main()
"""
"""The ordinary command, but one landed moment lies thirty days too early."""


def _line(data_dir: Path, table: str, column: str) -> list[str]:
    code = BREAKING.replace("TABLE", table).replace("COLUMN", column)
    ordinary = command(data_dir)
    return [sys.executable, "-c", code, *ordinary[ordinary.index("run") :]]


def test_blocking_check_keeps_the_last_snapshot_and_a_warning_does_not(data_dir: Path) -> None:
    before = published(data_dir)
    outcome = ended(start(_line(data_dir, "ticket_events", "occurred_at")))
    line = said(outcome, 1, "✗", "assert_no_event_before_its_ticket_was_created", "for example")
    assert "ticket_id" in line
    assert "event_id" in line
    said(outcome, 1, "the published snapshot is as it was")
    assert published(data_dir) == before

    # What a warning finds is published all the same, and says so.
    outcome = ended(start(_line(data_dir, "satisfaction_ratings", "rated_at")))
    said(outcome, 0, "!", "assert_no_rating_before_its_ticket_was_created", "rating_id")
    assert "assert_no_event_before_its_ticket_was_created" not in outcome.printed
    after = published(data_dir)
    assert after.target != before.target
    assert after.tickets == before.tickets
    assert after.warned == before.warned + 1
