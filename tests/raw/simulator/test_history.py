"""The same seed gives the same history, a later clock extends it, and the compiler adds nothing."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from control_tower.raw.simulator import (
    ConfigurationError,
    group_capacity,
    kernel,
    load_configuration,
    simulate,
)
from control_tower.settings import PROJECT_ROOT
from tests.raw.simulator.desks import AS_OF, SMALL, desk

WRITE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from control_tower.raw.simulator import load_configuration, simulate
landing = simulate(
    load_configuration(None), seed=5, tickets_per_year=100, as_of=datetime(2024, 4, 2, tzinfo=UTC)
)
for name, table in landing.tables.items():
    table.write_parquet(Path(sys.argv[1]) / f"{name}.parquet")
"""


def test_the_same_seed_gives_the_same_tables_and_another_others() -> None:
    """Byte for byte."""
    again = simulate(load_configuration(None), seed=7, tickets_per_year=SMALL, as_of=AS_OF)
    for name, table in desk().tables.items():
        assert_frame_equal(table, again.tables[name])
    assert desk().landing_id == again.landing_id
    other = desk(seed=8)
    assert other.landing_id != again.landing_id
    assert not other.tables["tickets"].equals(again.tables["tickets"])


@pytest.mark.parametrize(
    "earlier",
    [datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 5, 15, 37, 11, tzinfo=UTC)],
)
def test_a_later_clock_extends_the_history(earlier: datetime) -> None:
    """What had happened by then is the same, key by key, whatever the hour."""
    then, now = desk(as_of=earlier).tables, desk().tables
    assert_frame_equal(
        now["ticket_events"].filter(pl.col("occurred_at") < earlier), then["ticket_events"]
    )
    assert_frame_equal(
        now["satisfaction_ratings"].filter(pl.col("rated_at") < earlier),
        then["satisfaction_ratings"],
    )
    closed = then["tickets"].filter(pl.col("status") == "closed").drop("churned_within_90_days")
    assert_frame_equal(
        now["tickets"].join(closed.select("ticket_id"), on="ticket_id").select(closed.columns),
        closed,
        check_row_order=False,
    )
    for name in ("agents", "sla_policies", "schedules"):
        assert_frame_equal(now[name], then[name])


def test_the_compiled_loop_does_what_python_does(tmp_path: Path) -> None:
    """A compiler was seen to lose writes; run without it, the tables are the same."""
    folders = {}
    for disabled in ("0", "1"):
        folder = tmp_path / disabled
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", WRITE, str(folder)],
            check=True,
            env={**os.environ, "NUMBA_DISABLE_JIT": disabled},
        )
        folders[disabled] = folder
    for path in folders["0"].iterdir():
        assert_frame_equal(pl.read_parquet(path), pl.read_parquet(folders["1"] / path.name))
    assert pl.read_parquet(folders["0"] / "ticket_events.parquet").height > 50


def test_more_events_than_expected_are_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room to begin with, the second attempt has room for all."""
    monkeypatch.setattr(kernel, "EXPECTED_EVENTS", 0)
    again = simulate(load_configuration(None), seed=7, tickets_per_year=SMALL, as_of=AS_OF)
    assert_frame_equal(again.tables["ticket_events"], desk().tables["ticket_events"])


def test_a_clock_before_the_desk_opened_is_refused() -> None:
    """The sentence says when it opened."""
    with pytest.raises(ConfigurationError, match="2024-01-01"):
        desk(as_of=datetime(2023, 12, 31, tzinfo=UTC))


def test_a_desk_open_for_a_day_lands_what_there_is() -> None:
    """No history before the first day is asked for."""
    landing = desk(50_000, as_of=datetime(2024, 1, 3, tzinfo=UTC))
    assert 0 < landing.tables["tickets"].height < 1_000
    assert landing.tables["tickets"]["created_at"].min() is not None
    assert landing.as_of - timedelta(days=2) == datetime(2024, 1, 1, tzinfo=UTC)


def test_capacity_is_that_of_the_agents() -> None:
    """Full-time equivalents add up, and the seed of the marts says the same."""
    capacity = group_capacity(load_configuration(None), 50_000)
    agents = desk(50_000, as_of=datetime(2024, 1, 3, tzinfo=UTC)).tables["agents"]
    posts = agents.group_by("group_name", maintain_order=True).agg(pl.col("fte").sum())
    assert_frame_equal(capacity.select("group_name", "fte"), posts)
    seed = pl.read_csv(PROJECT_ROOT / "control_tower_dbt" / "seeds" / "group_capacity.csv")
    assert_frame_equal(capacity, seed)


def test_landed_capacity_follows_the_configuration(tmp_path: Path) -> None:
    """A team of one's own, and a smaller one for fewer tickets, are what capacity counts with."""
    team = tmp_path / "team.yaml"
    team.write_text("reference_tickets_per_year: 25000")
    as_of = datetime(2024, 1, 3, tzinfo=UTC)
    landed = {
        path: simulate(
            load_configuration(path), seed=7, tickets_per_year=50_000, as_of=as_of
        ).tables
        for path in (None, team)
    }
    for tables in landed.values():
        posts = (
            tables["agents"].group_by("group_name", maintain_order=True).agg(pl.col("fte").sum())
        )
        assert_frame_equal(tables["group_capacity"].select("group_name", "fte"), posts)
    ordinary, doubled = (tables["group_capacity"]["fte"].sum() for tables in landed.values())
    assert doubled == pytest.approx(2 * ordinary, rel=0.05)
