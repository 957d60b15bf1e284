"""What a build of only the touched tickets leaves, beside what a build of all of them would."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from control_tower.marts.changes import Extent, begin_build
from control_tower.marts.project import parsed
from control_tower.marts.touched_build import build_touched
from control_tower.warehouse import build_path, connect
from tests.dbt.applications import with_applications
from tests.dbt.conftest import failures
from tests.dbt.desk import PROJECT, Row, land, query, run_dbt
from tests.dbt.random_desk import Desk, random_desk

_TICKETS = 150


def _desk_before(desk: Desk, as_of: datetime) -> Desk:
    """Return what had been landed of a desk some time ago: what came later had not happened."""
    events = [row for row in desk.tables["ticket_events"] if row["occurred_at"] <= as_of]
    last: dict[int, Row] = {}
    for event in sorted(events, key=lambda row: (row["occurred_at"], row["event_id"])):
        last[event["ticket_id"]] = event
    tickets = [
        _ticket_before(row, last.get(row["ticket_id"]), as_of)
        for row in desk.tables["tickets"]
        if row["created_at"] <= as_of
    ]
    known = {row["ticket_id"] for row in tickets}
    tables: dict[str, list[Row]] = {
        table: [row for row in rows if row.get("ticket_id") is None or row["ticket_id"] in known]
        for table, rows in desk.tables.items()
    }
    tables |= {
        "tickets": tickets,
        "ticket_events": [row for row in events if row["ticket_id"] in known],
        **{
            table: [row for row in tables.get(table, ()) if row[moment] <= as_of]
            for table, moment in (
                ("satisfaction_ratings", "rated_at"),
                ("sla_applications", "applied_at"),
            )
        },
    }
    return Desk(as_of, tables)


def _ticket_before(ticket: Row, last: Row | None, as_of: datetime) -> Row:
    if all((ticket.get(name) or as_of) <= as_of for name in ("solved_at", "closed_at")):
        return ticket
    status = last["status"] if last else "new"
    at = last["occurred_at"] if last else None
    return {
        **ticket,
        "status": status,
        "solved_at": at if status in ("solved", "closed") else None,
        "closed_at": at if status == "closed" else None,
    }


def _edited(desk: Desk, seed: int) -> Desk:
    """Return a desk with a few of its rows as somebody might have corrected or removed them."""
    random = Random(seed)  # noqa: S311
    tables = {table: list(rows) for table, rows in desk.tables.items()}
    gone = {row["ticket_id"] for row in random.sample(tables["tickets"], 4)}
    for table, rows in tables.items():
        tables[table] = [row for row in rows if row.get("ticket_id") not in gone]
    tables["tickets"] = [
        {**row, "is_deleted": not row["is_deleted"]} if random.random() < 0.03 else row
        for row in tables["tickets"]
    ]
    tables["ticket_events"] = [
        {**row, "priority": "urgent"} if random.random() < 0.01 else row
        for row in tables["ticket_events"]
        if random.random() > 0.01
    ]
    for table in ("ticket_schedules", "satisfaction_ratings", "ticket_costs"):
        tables[table] = [row for row in tables[table] if random.random() > 0.05]
    return Desk(desk.as_of, tables)


def _build(data_dir: Path, desk: Desk | None = None, *, is_whole: bool = False) -> Extent:
    """Land a desk and build its marts as a run does, without the data tests."""
    if desk:
        land(data_dir, desk.as_of, **desk.tables)
    build_path(data_dir).parent.mkdir(parents=True, exist_ok=True)
    read = parsed(data_dir)
    nodes = read.manifest(data_dir).nodes.values()
    extents: list[Extent] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTROL_TOWER_DATA_DIR", str(data_dir))
        outcome = build_touched(
            data_dir,
            PROJECT,
            data_dir / "build" / "dbt",
            read,
            names={node.name for node in nodes if node.resource_type in ("model", "seed")},
            is_whole=is_whole,
            on_begun=extents.append,
        )
    assert outcome.error is None
    assert not [result for result in outcome.results if result.is_bad]
    return extents[0]


def _tables(data_dir: Path) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    names = query(
        data_dir,
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where schema_name in ('intermediate', 'marts')",
    )
    return {
        name: sorted((_rounded(row) for row in query(data_dir, f"select * from {name}")), key=repr)
        for (name,) in names
    }


def _rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row whose fractions do not depend on the order they were added up in."""
    return tuple(round(value, 9) if isinstance(value, float) else value for value in row)


@pytest.fixture(scope="session")
def built_once(shared_dir: Path) -> tuple[Path, Desk]:
    """Return the folder of a desk that was built whole some days ago, and the desk of today."""
    desk = random_desk(3, tickets=_TICKETS)
    data_dir = shared_dir / "built-some-days-ago"
    with FileLock(shared_dir / "built-some-days-ago.lock"):
        if not (data_dir / "is-built").exists():
            extent = _build(data_dir, _desk_before(desk, desk.as_of - timedelta(days=2)))
            assert extent.touched is None
            (data_dir / "is-built").touch()
    return data_dir, desk


@pytest.fixture
def built(built_once: tuple[Path, Desk], tmp_path: Path) -> tuple[Path, Desk]:
    """Return the same in a folder of the test's own."""
    data_dir, desk = built_once
    return Path(shutil.copytree(data_dir, tmp_path / "added to")), desk


@pytest.mark.parametrize(
    ("seed", "with_desk_targets"),
    [
        pytest.param(1, False, id="policies"),
        pytest.param(2, True, id="applications"),
        pytest.param(1, True, id="more-applications", marks=pytest.mark.soak),
        pytest.param(2, False, id="more-policies", marks=pytest.mark.soak),
    ],
)
def test_a_build_of_touched_tickets_leaves_the_tables_of_a_full_one(
    seed: int, with_desk_targets: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However many tickets of so small a desk are open.
    monkeypatch.setattr("control_tower.marts.changes._MOST_TOUCHED", 1.0)
    today = random_desk(seed, tickets=_TICKETS)
    if with_desk_targets:
        today = with_applications(today, seed)
    days = [_desk_before(today, today.as_of - timedelta(days=ago)) for ago in (9, 3, 1)]
    # Tickets that had gone came back, and others are gone for good.
    days = [days[0], _edited(days[1], seed), days[2], today, _edited(today, seed + 2)]

    extents = [_build(tmp_path / "added to", day) for day in days]
    _build(tmp_path / "anew", days[-1], is_whole=True)

    added_to, anew = _tables(tmp_path / "added to"), _tables(tmp_path / "anew")
    assert [extent.touched is None for extent in extents] == [True, False, False, False, False]
    assert all(0 < (extent.touched or 1) < extent.tickets for extent in extents)
    assert set(added_to) == set(anew)
    for table, rows in anew.items():
        assert added_to[table] == rows, table
        assert rows or "desk" in table or "reconciliation" in table, table


def test_hours_to_come_and_the_clock_move_what_runs(
    built: tuple[Path, Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A holiday ahead is no reason to build what is over, yet moves the moments of what runs."""
    monkeypatch.setattr("control_tower.marts.changes._MOST_TOUCHED", 1.0)
    data_dir, today = built
    days_off = [
        {"schedule_id": 1, "holiday_date": today.as_of.date() + timedelta(days=ahead)}
        for ahead in (1, 2, 4)
    ]
    today = replace(
        today, tables={**today.tables, "holidays": [*today.tables["holidays"], *days_off]}
    )

    extent = _build(data_dir, today)
    _build(tmp_path / "anew", today, is_whole=True)

    assert extent.touched
    assert _tables(data_dir) == _tables(tmp_path / "anew")


@pytest.mark.parametrize(
    ("table", "change", "why"),
    [
        ("sla_policies", {"target_minutes": 7.0}, "policies or schedules changed"),
        ("schedules", {"opens": 1}, "policies or schedules changed"),
        ("holidays", {"holiday_date": date(2026, 3, 10)}, "hours that had gone by changed"),
        ("sla_applications", {}, "policies or schedules changed"),
    ],
)
def test_a_change_of_the_desk_itself_touches_all(
    built: tuple[Path, Desk], table: str, change: Row, why: str
) -> None:
    data_dir, today = built
    if table == "sla_applications":
        rows = with_applications(today, 1).tables[table]
    else:
        first, *others = today.tables[table]
        rows = [{**first, **change}, *others]

    extent = _build(data_dir, replace(today, tables={**today.tables, table: rows}))

    assert extent.touched is None
    assert why in extent.why


def test_other_code_and_a_clock_set_back_touch_all(
    built: tuple[Path, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir, today = built
    earlier = _desk_before(today, today.as_of - timedelta(days=3))

    assert "the tower's clock was set back" in _build(data_dir, earlier).why
    assert "a full refresh was asked for" in _build(data_dir, is_whole=True).why
    monkeypatch.setattr(duckdb, "__version__", "another")
    assert "the models or DuckDB changed" in _build(data_dir).why


def test_where_most_changed_all_are_built(built: tuple[Path, Desk]) -> None:
    data_dir, today = built

    extent = _build(data_dir, _edited(today, 5))

    assert extent.touched is None
    assert "of them changed" in extent.why
    assert "anew: " in extent.says


def test_a_build_that_was_not_seen_to_its_end_is_not_added_to(built: tuple[Path, Desk]) -> None:
    data_dir, today = built
    land(data_dir, today.as_of, **today.tables)
    with connect(build_path(data_dir)) as connection:
        begun = begin_build(connection, data_dir, code="", added_to=[])
        again = begin_build(connection, data_dir, code="", added_to=[])

    assert begun.why == "the models or DuckDB changed"
    assert again.why == "there is no whole build to add to"


def test_a_table_that_went_missing_is_built_whole(built: tuple[Path, Desk]) -> None:
    data_dir, _ = built
    with connect(build_path(data_dir)) as connection:
        connection.execute("drop table marts.sla")

    assert _build(data_dir).why == "a table is missing"
    assert query(data_dir, "select count(*) > 0 from marts.sla") == [(True,)]


@pytest.mark.parametrize(
    ("command", "is_forgotten"),
    [
        (["run", "--select", "+int_sla_clocks"], True),
        (["run"], True),
        (["test", "--select", "stg_agents"], False),
    ],
)
def test_models_built_by_hand_are_not_added_to(
    built: tuple[Path, Desk], command: Sequence[str], is_forgotten: bool
) -> None:
    """Nobody noted what they were built from; they hold all tickets all the same."""
    data_dir, today = built
    before = query(data_dir, "select count(*) from intermediate.int_sla_clocks")
    land(data_dir, today.as_of, **today.tables)

    assert not failures(run_dbt(data_dir, *command))

    after = query(data_dir, "select count(*) from intermediate.int_sla_clocks")
    assert (after > before) == (command[0] == "run")
    assert (_build(data_dir).why == "there is no whole build to add to") == is_forgotten
