"""A large desk's first load, with all that goes wrong on the way, and the small one after it."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from control_tower.raw.landing import landed_path
from control_tower.settings import PROJECT_ROOT
from tests.raw.zendesk.fake_zendesk import FakeZendesk, Faults
from tests.raw.zendesk.live_desk import EVENTS, METRIC_EVENTS, desk, end_of

_NEW = 200
_MOST_MIB = 600


def _land(zendesk: FakeZendesk, data_dir: Path) -> float:
    """Return the memory a process of its own came to, in MiB."""
    command = [sys.executable, "-m", "tests.raw.zendesk.fetching", zendesk.address, str(data_dir)]
    ended = subprocess.run(
        [*command, "--land"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return float(ended.stdout)


def _assert_landed(data_dir: Path, tickets: int) -> None:
    """Every ticket and event once: what each brings is known from the desk's own rules."""
    ids = pl.scan_parquet(landed_path(data_dir, "tickets")).select("ticket_id").collect()
    assert ids["ticket_id"].sort().equals(pl.Series(range(1, tickets + 1), dtype=pl.Int64))
    events = pl.scan_parquet(landed_path(data_dir, "ticket_events")).select("event_id", "ticket_id")
    counted = events.group_by("ticket_id").len().collect()
    assert counted.height == tickets
    by_state = counted.group_by((pl.col("ticket_id") % 10 == 0).alias("stays_open")).agg(
        pl.col("len").unique()
    )
    assert by_state["len"].list.len().to_list() == [1, 1]
    assert events.select("event_id").collect()["event_id"].is_unique().all()


@pytest.mark.parametrize(
    ("tickets", "per_page"),
    [(300, 30), pytest.param(100_000, 1000, marks=pytest.mark.soak)],
    ids=["short", "long"],
)
def test_a_first_load_and_a_small_second_one(tickets: int, per_page: int, tmp_path: Path) -> None:
    """Held back, cut off, failing, garbled, signed out: all is there once, within its memory.

    Then two hundred tickets come in, and what is asked for is them.
    """
    faults = Faults(
        cut_every=53, fail_every=47, garble_every=43, token_lasts=60, requests_a_window=10
    )
    server = FakeZendesk(desk(tickets), now=end_of(tickets), per_page=per_page, faults=faults)
    with server as zendesk:
        peak = _land(zendesk, tmp_path)
        _assert_landed(tmp_path, tickets)
        assert peak <= _MOST_MIB
        assert zendesk.held_back
        assert len(zendesk.tokens) > 1
        zendesk.records |= desk(tickets + _NEW)
        zendesk.now = end_of(tickets + _NEW)
        zendesk.requests.clear()
        _land(zendesk, tmp_path)
        _assert_landed(tmp_path, tickets + _NEW)
    asked = sum("/incremental/" in path for path in zendesk.requests)
    pages = _NEW * (1 + EVENTS + METRIC_EVENTS) / per_page
    assert 3 <= asked <= 1.5 * pages + 9
