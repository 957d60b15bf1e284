"""What a snapshot says of itself, on a desk a real run published."""

import polars as pl

from control_tower_dash.warehouse import Snapshot


def test_every_check_of_the_run_is_told_of(desk: Snapshot) -> None:
    """The list adds up to the counts of the snapshot, and nothing published failed."""
    checks = desk.query("select * from meta.checks")
    found = dict(checks["outcome"].value_counts().rows())
    row = desk.query("select checks_passed, checks_warned from meta.snapshot").row(0)
    assert (found["passed"], found.get("warned", 0)) == row
    assert set(found) <= {"passed", "warned"}
    assert not checks.select("table_name", "check_name").is_duplicated().any()


def test_every_table_says_what_it_holds_and_when_it_was_built(desk: Snapshot) -> None:
    """All tables of the snapshot but those about itself are there, in words and not in SQL."""
    tables = desk.query("select * from meta.tables")
    there = desk.query(
        "select schema_name || '.' || table_name as table_name from duckdb_tables() "
        "where schema_name <> 'meta'"
    )
    assert set(there["table_name"]) <= set(tables["table_name"])
    assert tables["built_at"].null_count() == 0
    assert tables["description"].str.len_chars().min() > 10  # type: ignore[operator]
    assert not tables["description"].str.contains("(?i)select ").any()
    published = desk.query("select published_at from meta.snapshot").item()
    assert tables.filter(pl.col("built_at") > published).is_empty()
