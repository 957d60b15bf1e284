"""The daily run as its user starts it: what the new day touched is built, and all is as if anew."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from tests.bad_input.tower import run, said

_NEXT_DAY: Final = ("--as-of", "2026-01-13")
_ROWS: Final = "select count(*), sum(cast(hash(row_) as hugeint)) from {} as row_"


def _tables(data_dir: Path) -> Mapping[str, object]:
    """Return how many rows each table of tickets has in the published snapshot, and which."""
    with duckdb.connect((data_dir / "ops.duckdb").resolve(), read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name = 'intermediate' or table_name in ('sla', 'ticket_outcomes')"
        ).fetchall()
        return {name: connection.execute(_ROWS.format(name)).fetchall()[0] for (name,) in names}


def test_the_next_day_is_added_to_the_last_and_a_full_refresh_changes_nothing(
    data_dir: Path,
) -> None:
    told = said(run(data_dir, *_NEXT_DAY), 0, "are built anew: those that changed")
    added_to = _tables(data_dir)
    told_of_all = said(
        run(data_dir, *_NEXT_DAY, "--full-refresh"), 0, "a full refresh was asked for"
    )

    touched, tickets = (int(word.replace(",", "")) for word in told.split()[0:3:2])
    assert 0 < touched < 0.2 * tickets
    assert f"all {tickets:,} tickets" in told_of_all
    assert len(added_to) > 10
    assert _tables(data_dir) == added_to
