"""A sample keeps whole tickets: what belongs to one comes with it, and nothing else does."""

from pathlib import Path

import polars as pl

from control_tower.raw.contract import RAW_TABLES
from control_tower.raw.landing import Landing, complete_tables
from control_tower.raw.sample import sample_of, write_sample


def test_a_sample_holds_the_first_tickets_and_all_of_theirs(
    small_landing: Landing, tmp_path: Path
) -> None:
    """Of two tickets the first is kept, with its four events."""
    tables = complete_tables(small_landing)
    sampled = sample_of(tables, tickets=1)
    assert sampled["tickets"]["ticket_id"].to_list() == [1]
    assert sampled["ticket_events"]["ticket_id"].to_list() == [1] * 4
    assert sampled["agents"].equals(tables["agents"])
    write_sample(sampled, tmp_path / "sample")
    assert {path.stem for path in (tmp_path / "sample").iterdir()} == set(RAW_TABLES)
    written = pl.read_csv(tmp_path / "sample" / "tickets.csv")
    assert written["created_at"].to_list() == ["2026-03-02T09:00:00Z"]


def test_the_sample_that_comes_with_the_project_is_whole() -> None:
    """A hundred tickets, each with events, small enough to look at."""
    folder = Path(__file__).resolve().parents[2] / "data" / "sample"
    tickets = pl.read_csv(folder / "tickets.csv")
    events = pl.read_csv(folder / "ticket_events.csv")
    assert tickets.height == 100
    assert set(events["ticket_id"]) == set(tickets["ticket_id"])
    assert sum(path.stat().st_size for path in folder.iterdir()) < 200_000
