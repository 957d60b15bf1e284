"""The live source against a Zendesk on this machine that misbehaves as the real one may."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from control_tower.raw.landing import complete_tables
from control_tower.raw.zendesk import ZendeskError, read_zendesk_files
from control_tower.raw.zendesk.live import store_path
from control_tower.settings import PROJECT_ROOT
from tests.raw.zendesk.desk import write
from tests.raw.zendesk.fake_zendesk import FakeZendesk, Faults
from tests.raw.zendesk.fetching import as_tables, fetch, tables_of
from tests.raw.zendesk.live_desk import EVENTS, METRIC_EVENTS, OPENED, STEP, desk, end_of

_TICKETS = 24


@pytest.fixture
def zendesk() -> Iterator[FakeZendesk]:
    """A well-behaved Zendesk with a small desk."""
    with FakeZendesk(desk(_TICKETS), now=end_of(_TICKETS)) as server:
        yield server


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the small desk lands when nothing goes wrong."""
    with FakeZendesk(desk(_TICKETS), now=end_of(_TICKETS)) as server:
        return tables_of(fetch(server.address, tmp_path_factory.mktemp("well")))


def _lists(zendesk: FakeZendesk) -> None:
    for name in ("tickets", "ticket_events", "ticket_metric_events"):
        zendesk.records[name] = list(zendesk.records[name])


def test_a_first_load_says_what_a_loaders_tables_say(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """The same desk, laid out by another hand and read from files, lands the same rows."""
    live = fetch(zendesk.address, tmp_path)
    folder = write(tmp_path / "files", as_tables(desk(_TICKETS)))
    files = read_zendesk_files(folder, as_of=live.as_of)
    assert live.tables["tickets"].height == _TICKETS
    for name in (
        *("agents", "tickets", "ticket_events", "sla_applications"),
        *("desk_ticket_metrics", "desk_metric_events"),
    ):
        assert sorted(live.tables[name].rows(), key=str) == sorted(
            files.tables[name].rows(), key=str
        ), name
    complete_tables(live)


def test_schedules_policies_and_ratings_come_along(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """Rails' zone is IANA's; a survey's answer takes the place of the rating shown beside it."""
    tables = fetch(zendesk.address, tmp_path).tables
    assert set(tables["schedules"]["time_zone"]) == {"America/Los_Angeles"}
    assert tables["schedules"].select("weekday", "opens", "closes").rows() == [
        (day, 540, 1020) for day in range(5)
    ]
    assert set(tables["schedules"]["edited_at"]) == {datetime(2023, 2, 3, 4, 5, 6, tzinfo=UTC)}
    assert tables["holidays"]["holiday_date"].to_list() == [datetime(2024, 1, 1).date()]  # noqa: DTZ001
    assert tables["sla_policies"]["target_minutes"].to_list() == [60.0] * 4
    scores = dict(tables["satisfaction_ratings"].select("ticket_id", "score").rows())
    assert scores == {1: 1, 8: 5, 15: 5, 22: 1}


def test_the_clock_is_the_moment_up_to_which_everything_is_known(
    zendesk: FakeZendesk, tmp_path: Path
) -> None:
    """Zendesk leaves out the last minute, so that the tower's clock stands before it."""
    as_of = fetch(zendesk.address, tmp_path).as_of
    now = datetime.fromtimestamp(zendesk.now, UTC)
    assert timedelta(seconds=60) < now - as_of < timedelta(seconds=70)


def test_the_next_run_fetches_only_what_is_new(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """Nothing new is one page a stream; a little new is little more."""
    before = tables_of(fetch(zendesk.address, tmp_path))
    first = len(zendesk.requests)
    assert tables_of(fetch(zendesk.address, tmp_path)) == before
    second = len(zendesk.requests) - first
    assert first > 20
    assert second == 11
    zendesk.records |= desk(_TICKETS + 2)
    zendesk.now = end_of(_TICKETS + 2)
    with FakeZendesk(desk(_TICKETS + 2), now=zendesk.now) as fresh:
        whole = tables_of(fetch(fresh.address, tmp_path / "fresh"))
    assert tables_of(fetch(zendesk.address, tmp_path)) == whole
    assert len(zendesk.requests) - first - second < 16


def test_late_updates_and_deletions_take_the_place_of_what_was(
    zendesk: FakeZendesk, tmp_path: Path
) -> None:
    """A ticket that changed comes again, at the end; a deleted one says so."""
    fetch(zendesk.address, tmp_path)
    _lists(zendesk)
    zendesk.now += 7200
    stamp = int(zendesk.now) - 600
    when = datetime.fromtimestamp(stamp, UTC).isoformat()
    moved = [dict(zendesk.records["tickets"][place]) for place in (3, 9)]
    zendesk.records["tickets"] = [
        ticket for ticket in zendesk.records["tickets"] if ticket["id"] not in (4, 10)
    ]
    moved[0] |= {"status": "deleted", "generated_timestamp": stamp, "updated_at": when}
    moved[1] |= {"priority": "low", "generated_timestamp": stamp + 1}
    moved[1]["metric_set"] = moved[1]["metric_set"] | {"reopens": 7}
    zendesk.records["tickets"] += moved
    for key, ticket_id, changes in ((1, 4, {"status": "deleted"}), (2, 10, {"priority": "low"})):
        zendesk.records["ticket_events"].append(
            {
                "id": 77_000_000 + key,
                "ticket_id": ticket_id,
                "timestamp": stamp,
                "created_at": when,
                "updater_id": -1,
                "child_events": [changes | {"event_type": "Change", "previous_value": "x"}],
            }
        )
    tables = fetch(zendesk.address, tmp_path).tables
    assert tables["tickets"].height == _TICKETS
    changed = tables["tickets"].filter(pl.col("ticket_id").is_in([4, 10]))
    assert changed.select("ticket_id", "is_deleted", "priority").rows() == [
        (4, True, "urgent"),
        (10, False, "low"),
    ]
    last = tables["ticket_events"].filter(pl.col("ticket_id") == 10).row(-1, named=True)
    assert (last["activity"], last["actor"]) == ("priority_changed", "system")
    reopens = tables["desk_ticket_metrics"].filter(
        (pl.col("ticket_id") == 10) & (pl.col("metric") == "reopens")
    )
    assert reopens["occurrences"].to_list() == [7]


def test_an_older_copy_of_a_ticket_is_passed_over(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """What counts is generated_timestamp; updated_at stays as it is when the system changes."""
    _lists(zendesk)
    newest = zendesk.records["tickets"][0]
    older = newest | {"priority": "urgent", "generated_timestamp": OPENED}
    # The newer copy comes first, as when a page is repeated after a change.
    zendesk.records["tickets"] = [older, *zendesk.records["tickets"]]
    fetch(zendesk.address, tmp_path)
    zendesk.records["tickets"] = zendesk.records["tickets"][1:]
    zendesk.records["tickets"].append(
        older | {"generated_timestamp": int(zendesk.now) - 100, "type": "problem"}
    )
    zendesk.records["tickets"].append(
        newest | {"generated_timestamp": int(zendesk.now) - 200, "type": "task"}
    )
    tickets = fetch(zendesk.address, tmp_path).tables["tickets"]
    assert tickets.filter(pl.col("ticket_id") == 1)["ticket_type"].to_list() == ["problem"]


@pytest.mark.parametrize(
    "faults",
    [
        Faults(cut_every=5),
        Faults(fail_every=4),
        Faults(garble_every=6),
        Faults(token_lasts=7),
        Faults(requests_a_window=4),
        Faults(cut_every=7, fail_every=5, garble_every=11, token_lasts=9, requests_a_window=5),
    ],
    ids=["cut", "failing", "garbled", "short tokens", "limited", "all of it"],
)
def test_nothing_is_lost_or_doubled_when_things_go_wrong(
    faults: Faults, expected: dict[str, Any], tmp_path: Path
) -> None:
    """Cut connections, errors, tokens that run out within a run, and a limit that is reached."""
    with FakeZendesk(desk(_TICKETS), now=end_of(_TICKETS), faults=faults) as zendesk:
        assert tables_of(fetch(zendesk.address, tmp_path)) == expected
        assert bool(zendesk.held_back) == bool(faults.requests_a_window)
        assert (len(zendesk.tokens) > 1) == (faults.token_lasts < 100)


def test_a_killed_run_goes_on_where_it_was(expected: dict[str, Any], tmp_path: Path) -> None:
    """Killed without warning, again and again; in the end nothing is lost or doubled."""
    dice = random.Random(3)  # noqa: S311
    with FakeZendesk(desk(_TICKETS), now=end_of(_TICKETS)) as zendesk:
        command = [sys.executable, "-m", "tests.raw.zendesk.fetching", zendesk.address]
        command += [str(tmp_path)]
        killed = 0
        while killed < 3:
            before = len(zendesk.requests)
            process = subprocess.Popen(command, cwd=PROJECT_ROOT, stderr=subprocess.DEVNULL)
            wanted = before + dice.randint(8, 11)
            while len(zendesk.requests) < wanted and process.poll() is None:
                time.sleep(0.005)
            time.sleep(dice.random() * 0.03)
            process.kill()
            if process.wait() == 0:
                break
            killed += 1
        assert killed >= 2
        assert tables_of(fetch(zendesk.address, tmp_path)) == expected
        tickets = [path for path in zendesk.requests if "tickets/cursor" in path]
    # Had each run begun anew, the first page would have been asked for by each.
    assert sum("start_time" in path for path in tickets) <= 2


def test_a_history_can_begin_late_and_be_carried_back(
    zendesk: FakeZendesk, expected: dict[str, Any], tmp_path: Path
) -> None:
    """An earlier start fetches again, and doubles nothing."""
    start = datetime.fromtimestamp(OPENED + 15 * STEP, UTC)
    late = fetch(zendesk.address, tmp_path, start=start)
    assert late.tables["tickets"].height == _TICKETS - 15
    assert tables_of(fetch(zendesk.address, tmp_path)) == expected


def test_what_the_plan_lacks_is_done_without(tmp_path: Path) -> None:
    """Each with a note that says what and why."""
    refuse = {
        "/api/v2/business_hours/schedules": 404,
        "/api/v2/slas/policies": 403,
        "/api/v2/guide/survey_responses": 403,
        "/api/v2/satisfaction_ratings": 403,
        "/api/v2/incremental/ticket_metric_events": 403,
    }
    with FakeZendesk(desk(_TICKETS), now=end_of(_TICKETS), faults=Faults(refuse=refuse)) as zendesk:
        landing = fetch(zendesk.address, tmp_path)
    complete_tables(landing)
    notes = {row["rule"]: row["explanation"] for row in landing.repairs.to_dicts()}
    assert set(notes) == {
        *("no_schedules", "no_sla_policies", "no_survey_responses", "no_satisfaction_ratings"),
        "no_ticket_metric_events",
    }
    assert all("plan lacks it" in text and "scope" in text for text in notes.values())


@pytest.mark.parametrize("path", ["/api/v2/users", "/api/v2/incremental/tickets/cursor"])
def test_what_is_needed_and_refused_ends_the_run(path: str, tmp_path: Path) -> None:
    """In one sentence that names what, and the permission it takes."""
    faults = Faults(refuse={path: 403})
    with (
        FakeZendesk(desk(2), now=end_of(2), faults=faults) as zendesk,
        pytest.raises(ZendeskError, match=r"(users|tickets) .*scope 'read' and a user .* admin"),
    ):
        fetch(zendesk.address, tmp_path)


def test_two_runs_at_once_are_told_apart(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """The second is told in one sentence; what the first fetched is as it was."""
    fetch(zendesk.address, tmp_path)
    path = store_path(tmp_path, "acme")
    hold = (
        "import duckdb, sys, time; connection = duckdb.connect(sys.argv[1]); "
        "print('open', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(ZendeskError, match="open in another program"):
            fetch(zendesk.address, tmp_path)
        other.kill()


def test_a_damaged_store_is_told(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """With what to do; it is never thrown away unasked, since to fetch it took hours."""
    path = store_path(tmp_path, "acme")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(ZendeskError, match="remove the file to fetch everything again"):
        fetch(zendesk.address, tmp_path)
    assert path.read_bytes().startswith(b"not a database")


def test_merged_tickets_are_told_by_the_update_that_merged_them(
    zendesk: FakeZendesk, tmp_path: Path
) -> None:
    """The one that lives on names those that went into it."""
    _lists(zendesk)
    stamp = int(zendesk.now) - 600
    zendesk.records["ticket_events"].append(
        {
            "id": 78_000_000,
            "ticket_id": 2,
            "timestamp": stamp,
            "updater_id": 51,
            "child_events": [
                {
                    "id": 1,
                    "event_type": "Comment",
                    "author_id": 51,
                    "public": False,
                    "via": {
                        "channel": "web",
                        "source": {"from": {"ticket_ids": [5, 6]}, "rel": "merge"},
                    },
                }
            ],
        }
    )
    tickets = fetch(zendesk.address, tmp_path).tables["tickets"]
    merged = tickets.drop_nulls("merged_into_ticket_id")
    assert merged.select("ticket_id", "merged_into_ticket_id").rows() == [(5, 2), (6, 2)]


def test_the_counts_are_those_of_the_desk(expected: dict[str, Any]) -> None:
    """Rows repeated between pages are there once."""
    assert len(expected["desk_metric_events"]) == _TICKETS * METRIC_EVENTS
    assert len(expected["sla_applications"]) == _TICKETS
    # The first update of a ticket is its beginning; the others are comments and changes.
    assert len(expected["ticket_events"]) >= _TICKETS * (EVENTS - 1)
