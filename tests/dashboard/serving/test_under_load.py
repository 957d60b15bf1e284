"""Snapshots are published while several processes answer: no answer fails, none mixes two."""

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
import pytest

from control_tower.publishing.link import snapshot_id_of
from control_tower.publishing.snapshot import publish
from control_tower_dash.contract import TABLES
from tests.dashboard.serving.tower import ask, serving

_KINDS: Final = ("aaaaaaaa", "bbbbbbbb")
_SCHEMAS: Final = (
    "staging",
    "intermediate",
    "seeds",
    "marts",
    "process_mining",
    "forecasting",
    "alerts",
    "recommendations",
)


class _Desks:
    """Two small desks that are published in turn, one with half the other's tickets."""

    def __init__(self, desk_dir: Path, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._builds = [data_dir / f"{kind}.duckdb" for kind in _KINDS]
        for build, every in zip(self._builds, (10, 20), strict=True):
            build.write_bytes((desk_dir / "ops.duckdb").read_bytes())
            _keep(build, every)
        with duckdb.connect(self._builds[0], read_only=True) as connection:
            self._row = connection.cursor().sql("select * from meta.snapshot").pl()

    def publish(self, which: int) -> str:
        published_at = datetime.now(UTC)
        snapshot_id = snapshot_id_of(published_at, _KINDS[which])
        row = self._row.with_columns(
            pl.lit(snapshot_id).alias("snapshot_id"), pl.lit(published_at).alias("published_at")
        )
        publish(self._builds[which], self._data_dir, row, _SCHEMAS)
        return snapshot_id


def _keep(build: Path, every: int) -> None:
    """Keep the tables pages read, and of the tickets one in so many: publishing takes less."""
    with duckdb.connect(build) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
        ).fetchall()
        for (table,) in tables:
            if table not in TABLES:
                connection.execute(f"drop table {table}")
        with_tickets = connection.execute(
            "select schema_name || '.' || table_name from duckdb_columns() "
            "where column_name = 'ticket_id'"
        ).fetchall()
        for (table,) in with_tickets:
            connection.execute(f"delete from {table} where ticket_id % ? <> 0", [every])
        # What is summed up over tickets no longer tells which they were: tell it apart by hand.
        connection.execute(
            "update marts.daily_totals set created = ? * created, solved = ? * solved",
            [every, every],
        )


class _Reader(threading.Thread):
    """A browser that asks again and again, and checks each answer against the two it may get."""

    def __init__(self, address: str, stop: threading.Event) -> None:
        super().__init__()
        self._address = address
        self._stop_asking = stop
        self.answers: list[tuple[str, str]] = []
        self.tables: list[bytes] = []
        self.refused: list[tuple[str, int]] = []

    def run(self) -> None:
        # Some pause: whoever publishes needs a share of the machine, too.
        while not self._stop_asking.wait(0.1):
            try:
                self._page()
                self._others()
            except OSError as error:
                self.refused.append((str(error), 0))

    def _others(self) -> None:
        for path in ("/version", "/readyz", "/export/tickets-by-day.csv"):
            answer = ask(self._address + path)
            if answer.status != 200:
                self.refused.append((path, answer.status))
            elif path.endswith(".csv"):
                self.tables.append(answer.body)

    def _page(self) -> None:
        answer = ask(f"{self._address}/answer/")
        if answer.status == 200:
            self.answers.append(_told_apart(answer.body))
        else:
            self.refused.append(("page", answer.status))


def _told_apart(body: bytes) -> tuple[str, str]:
    """Return the id of the snapshot an answer is from, and the answer without it."""
    said: dict[str, Any] = json.loads(body)
    snapshot_id: str = said["shown"]
    return snapshot_id, json.dumps(said, sort_keys=True).replace(snapshot_id, "")


def _wrong(answers: Sequence[tuple[str, str]], wanted: dict[str, str]) -> list[str]:
    return [found for found, said in answers if said != wanted[found.rsplit("-", 1)[1]]]


@pytest.mark.parametrize(
    "publishes", [12, pytest.param(1000, marks=pytest.mark.soak)], ids=["short", "long"]
)
def test_no_answer_fails_or_mixes(desk_dir: Path, tmp_path: Path, publishes: int) -> None:
    """Every answer is, to the letter, that of the one desk or that of the other."""
    desks = _Desks(desk_dir, tmp_path)
    desks.publish(0)
    with serving(tmp_path, "--workers", "2") as (address, _):
        wanted: dict[str, str] = {}
        tables: dict[str, bytes] = {}
        for which in (1, 0):
            desks.publish(which)
            found, said = _told_apart(ask(f"{address}/answer/").body)
            wanted[found.rsplit("-", 1)[1]] = said
            tables[_KINDS[which]] = ask(f"{address}/export/tickets-by-day.csv").body
        assert sorted(wanted) == sorted(_KINDS)
        assert len(set(wanted.values())) == len(set(tables.values())) == 2

        stop = threading.Event()
        readers = [_Reader(address, stop) for _ in range(3)]
        for reader in readers:
            reader.start()
        last = ""
        for number in range(publishes):
            last = desks.publish((number + 1) % 2)
        stop.set()
        for reader in readers:
            reader.join()
        assert json.loads(ask(f"{address}/version").body)["snapshot_id"] == last

    answers = [answer for reader in readers for answer in reader.answers]
    assert not [refused for reader in readers for refused in reader.refused]
    assert not _wrong(answers, wanted)
    assert {table for reader in readers for table in reader.tables} <= set(tables.values())
    for reader in readers:
        seen = [snapshot_id for snapshot_id, _ in reader.answers]
        assert seen == sorted(seen)
    print(f"{publishes} publishes, {len(answers)} pages of {len(set(answers))} snapshots")
    assert len({snapshot_id for snapshot_id, _ in answers}) > publishes // 4
