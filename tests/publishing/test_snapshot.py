"""A reader sees the old snapshot or the new one, never a part of either."""

import multiprocessing
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from control_tower.publishing import snapshot as snapshot_module
from control_tower.publishing.link import (
    is_published_by,
    link_path,
    next_snapshot_id,
    snapshot_id_of,
    snapshots,
)
from control_tower.publishing.snapshot import KEPT_SNAPSHOTS, publish
from control_tower.warehouse import connect, write_table

SCHEMAS = ("staging", "marts", "not_built_yet")


def _build(folder: Path, version: int) -> Path:
    path = folder / "build" / "ops.duckdb"
    path.parent.mkdir(exist_ok=True)
    rows = pl.DataFrame({"version": [version] * 1000})
    (folder / "raw.parquet").unlink(missing_ok=True)
    rows.write_parquet(folder / "raw.parquet")
    with connect(path) as connection:
        write_table(connection, "marts", "sla", rows)
        write_table(connection, "scratch", "leave_me", rows)
        connection.execute("create schema if not exists staging")
        connection.execute(
            "create or replace view ops.staging.stg as "
            f"select * from read_parquet('{folder / 'raw.parquet'}')"
        )
        connection.execute(
            "create or replace view ops.marts.on_view as select * from ops.staging.stg"
        )
    return path


def _run_id(version: int) -> str:
    return f"{version:08}-rest"


def _publish(folder: Path, version: int) -> Path:
    moment = datetime(2026, 1, 1, 0, 0, version, tzinfo=UTC)
    row = pl.DataFrame({"snapshot_id": snapshot_id_of(moment, _run_id(version))})
    return publish(_build(folder, version), folder, row, SCHEMAS)


def _versions(folder: Path) -> set[tuple[int, ...]]:
    """Return the distinct versions seen in each table through the link, as a reader opens it."""
    with duckdb.connect(link_path(folder).resolve(), read_only=True) as connection:
        return {
            tuple(
                connection.execute(f"select min(version), max(version) from {table}").fetchall()[0]
            )
            for table in ("marts.sla", "staging.stg", "marts.on_view")
        }


def test_snapshot_holds_the_published_schemas_and_needs_nothing_else(tmp_path: Path) -> None:
    path = _publish(tmp_path, 1)
    (tmp_path / "raw.parquet").unlink()
    (tmp_path / "build" / "ops.duckdb").unlink()
    with connect(path, read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        views = connection.execute("select * from duckdb_views() where not internal").fetchall()
    names = [name for (name,) in tables]
    assert names == ["marts.on_view", "marts.sla", "meta.snapshot", "staging.stg"]
    assert views == []
    assert _versions(tmp_path) == {(1, 1)}


def test_link_is_relative_so_that_the_folder_can_move(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    _publish(tmp_path / "here", 1)
    (tmp_path / "here").rename(tmp_path / "there")
    assert _versions(tmp_path / "there") == {(1, 1)}


def test_whose_work_readers_see_is_told_from_the_link(tmp_path: Path) -> None:
    assert not is_published_by(tmp_path, _run_id(1))
    for version in (1, 2):
        _publish(tmp_path, version)
        assert [is_published_by(tmp_path, _run_id(run)) for run in (1, 2, 3)] == [
            run == version for run in (1, 2, 3)
        ]


def test_newest_are_kept_and_an_open_reader_is_not_disturbed(tmp_path: Path) -> None:
    first = _publish(tmp_path, 1)
    with duckdb.connect(first, read_only=True) as reader:
        for version in range(2, KEPT_SNAPSHOTS + 4):
            _publish(tmp_path, version)
            assert _versions(tmp_path) == {(version, version)}
        assert reader.execute("select max(version) from marts.sla").fetchall() == [(1,)]
    assert len(snapshots(tmp_path)) == KEPT_SNAPSHOTS
    assert link_path(tmp_path).resolve() == snapshots(tmp_path)[-1]


def test_a_clock_set_back_clears_nothing_away(tmp_path: Path) -> None:
    """The newest is the one published last, whatever the clock said."""
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in (9, 8, 7, 6, 5, 4)]
    published = []
    for version, moment in enumerate(moments, start=1):
        row = pl.DataFrame({"snapshot_id": next_snapshot_id(tmp_path, moment, _run_id(version))})
        published.append(publish(_build(tmp_path, version), tmp_path, row, SCHEMAS))
        assert _versions(tmp_path) == {(version, version)}
    assert snapshots(tmp_path) == published[-KEPT_SNAPSHOTS:]
    assert "20260109T" in published[-1].name


def test_what_readers_see_stays_though_it_is_named_like_the_oldest(tmp_path: Path) -> None:
    """An id made elsewhere, of a clock set back, loses nothing either."""
    for version in (5, 4, 3, 2, 1):
        path = _publish(tmp_path, version)
        assert path.exists()
        assert _versions(tmp_path) == {(version, version)}


def test_files_of_other_names_are_no_obstacle(tmp_path: Path) -> None:
    """Somebody keeps a copy beside the snapshots."""
    path = _publish(tmp_path, 1)
    (path.parent / "ops-copy.duckdb").write_bytes(path.read_bytes())
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    assert next_snapshot_id(tmp_path, moment, _run_id(2)) == snapshot_id_of(moment, _run_id(2))


@pytest.mark.parametrize("step", ["_copy", "flush_to_disk", "_point_link"])
def test_failure_at_any_step_leaves_the_last_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    _publish(tmp_path, 1)

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(snapshot_module, step, full_disk)
        with pytest.raises(OSError, match="No space left"):
            _publish(tmp_path, 2)
    assert _versions(tmp_path) == {(1, 1)}
    assert not list((tmp_path / "published").glob(".*"))
    _publish(tmp_path, 3)
    assert _versions(tmp_path) == {(3, 3)}


def _publish_for_ever(folder: Path) -> None:
    for version in range(2, 60):
        _publish(folder, version)


def test_killed_at_any_moment_the_link_leads_to_a_whole_snapshot(tmp_path: Path) -> None:
    _publish(tmp_path, 1)
    context = multiprocessing.get_context("spawn")
    for milliseconds in (900, 1100, 1350, 1700):
        worker = context.Process(target=_publish_for_ever, args=(tmp_path,))
        worker.start()
        worker.join(milliseconds / 1000)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        versions = _versions(tmp_path)
        assert len(versions) == 1, versions
    _publish(tmp_path, 59)
    assert not list((tmp_path / "published").glob(".*"))
