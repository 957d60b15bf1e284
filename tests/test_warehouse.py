"""Frames go into the build database and come back as they were; damage is set aside."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from control_tower.warehouse import connect, quoted, read_table, set_damaged_aside, write_table

FRAME = pl.DataFrame(
    {
        "number": [1, None],
        "share": [0.5, 1.0],
        "text": ["a", 'with "quotes"'],
        "moment": [datetime(2026, 3, 29, 1, 30, tzinfo=UTC), None],
        "flag": [True, False],
    },
    schema_overrides={"moment": pl.Datetime("us", "UTC")},
)


def test_a_frame_comes_back_as_it_went_in(tmp_path: Path) -> None:
    """Types, nulls and moments survive; writing again replaces."""
    with connect(tmp_path / "db.duckdb") as connection:
        write_table(connection, "marts", "odd name", FRAME.head(1))
        write_table(connection, "marts", "odd name", FRAME)
        assert_frame_equal(read_table(connection, "marts", "odd name"), FRAME)


@pytest.mark.parametrize("columns", [None, ["text", "number"]])
def test_texts_come_back_as_categories_where_asked_for(
    tmp_path: Path, columns: list[str] | None
) -> None:
    """The same values, none and missing ones included; so do those of a table without rows."""
    frame = FRAME.vstack(FRAME.with_columns(text=pl.lit(None, dtype=pl.String)))
    with connect(tmp_path / "db.duckdb") as connection:
        for rows in (frame, frame.clear()):
            write_table(connection, "marts", "odd name", rows)
            read = read_table(connection, "marts", "odd name", columns, coded=["text"])
            assert read.schema["text"] == pl.Categorical
            expected = rows.select(columns or rows.columns)
            assert_frame_equal(read.cast({"text": pl.String}), expected)


def test_names_cannot_break_out_of_their_quotes() -> None:
    """A quote in a name is doubled, as SQL has it."""
    assert quoted("marts", 'x"; drop table y; --') == '"marts"."x""; drop table y; --"'


@pytest.mark.parametrize("damage", [b"", b"not a database", b"\x00" * 20_000])
def test_a_damaged_database_is_set_aside(tmp_path: Path, damage: bytes) -> None:
    """What cannot be opened is renamed, and a new database takes its place."""
    path = tmp_path / "ops.duckdb"
    path.write_bytes(damage)
    aside = set_damaged_aside(path)
    with connect(path) as connection:
        write_table(connection, "marts", "sla", FRAME)
    assert aside is not None
    assert aside.read_bytes() == damage
    assert set_damaged_aside(path) is None


def test_a_truncated_database_is_set_aside(tmp_path: Path) -> None:
    """A copy cut short is damage, too."""
    path = tmp_path / "ops.duckdb"
    with connect(path) as connection:
        write_table(connection, "marts", "sla", pl.DataFrame({"n": range(200_000)}))
    path.write_bytes(path.read_bytes()[:9_000])
    aside = set_damaged_aside(path)
    assert aside is None or aside.exists()
    with connect(path) as connection:
        write_table(connection, "marts", "sla", FRAME)
        assert_frame_equal(read_table(connection, "marts", "sla"), FRAME)


def test_a_missing_table_is_an_error(tmp_path: Path) -> None:
    """Nothing is invented for a table that is not there."""
    with connect(tmp_path / "db.duckdb") as connection, pytest.raises(duckdb.CatalogException):
        read_table(connection, "marts", "nothing")
