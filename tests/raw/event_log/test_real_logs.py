"""The two public logs under the mappings that come with the project, counted a second time here."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from control_tower.raw.event_log import load_mapping, read_event_log, write_starter_mapping
from control_tower.raw.landing import Landing, complete_tables, write_landed
from tests.dbt.desk import build, query
from tests.raw.event_log.logs import refused, repairs

XES = "{http://www.xes-standard.org/}"

Event = Mapping[str, str]


@pytest.fixture(scope="module")
def helpdesk(real_data: Path) -> Landing:
    """The help desk's log, landed."""
    return read_event_log(real_data / "helpdesk.xes.gz", load_mapping(Path("helpdesk")))


@pytest.fixture(scope="module")
def helpdesk_cases(real_data: Path) -> dict[str, list[Event]]:
    """The help desk's events by case, read with the standard library."""
    cases: dict[str, list[Event]] = {}
    with gzip.open(real_data / "helpdesk.xes.gz") as file:
        for trace in ET.parse(file).getroot().iter(f"{XES}trace"):  # noqa: S314 - a known file
            name = next(e.get("value", "") for e in trace if e.get("key") == "concept:name")
            cases[name] = [
                {a.get("key", ""): a.get("value", "") for a in event}
                for event in trace.findall(f"{XES}event")
            ]
    return cases


@pytest.fixture(scope="module")
def servicenow(real_data: Path) -> Landing:
    """The incident log, landed."""
    path = real_data / "servicenow_incidents_sample.csv"
    return read_event_log(path, load_mapping(Path("servicenow")))


@pytest.fixture(scope="module")
def incidents(real_data: Path) -> dict[str, list[Event]]:
    """The incident log's rows by incident in order of time, read with the standard library."""
    rows: dict[str, list[Event]] = defaultdict(list)
    with (real_data / "servicenow_incidents_sample.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["number"]].append(row)
    for states in rows.values():
        states.sort(key=lambda row: moment(row["sys_updated_at"]))
    return rows


def moment(text: str) -> datetime:
    """Return a day-first time without zone, taken for UTC."""
    return datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


def events_by_case(landing: Landing) -> dict[str, pl.DataFrame]:
    """Return a landing's events by the log's own name of their case."""
    names = landing.tables["tickets"].select("ticket_id", "external_id")
    events = landing.tables["ticket_events"].join(names, on="ticket_id", maintain_order="left")
    return {
        str(name): case for (name,), case in events.group_by("external_id", maintain_order=True)
    }


def test_helpdesk_lands_every_event(
    helpdesk: Landing, helpdesk_cases: dict[str, list[Event]]
) -> None:
    tables = complete_tables(helpdesk)
    assert tables["tickets"].height == len(helpdesk_cases) == 4_580
    assert tables["ticket_events"].height == 21_348
    assert refused(helpdesk) == 0
    assert helpdesk.described_as == "helpdesk.xes.gz (4,580 tickets)"
    landed = events_by_case(helpdesk)
    for name, events in helpdesk_cases.items():
        assert landed[name]["activity"].to_list() == [event["concept:name"] for event in events]
        assert landed[name]["occurred_at"].to_list() == [
            datetime.fromisoformat(event["time:timestamp"]) for event in events
        ]


def test_helpdesk_repairs_are_those_of_the_file(
    helpdesk: Landing, helpdesk_cases: dict[str, list[Event]]
) -> None:
    copies = sum(
        len(events) - len({tuple(sorted(event.items())) for event in events})
        for events in helpdesk_cases.values()
    )
    assert repairs(helpdesk) == {
        "columns_not_used": ("noted", 6),
        "exact_duplicate": ("noted", copies),
    }
    assert copies == 127


def test_helpdesk_states_follow_from_the_activities(
    helpdesk: Landing, helpdesk_cases: dict[str, list[Event]]
) -> None:
    said = {
        "Resolve ticket": "solved",
        "RESOLVED": "solved",
        "Closed": "closed",
        "Wait": "hold",
        "Require upgrade": "hold",
        "Create SW anomaly": "hold",
        "Take in charge ticket": "open",
        "Assign seriousness": "open",
    }
    landed = events_by_case(helpdesk)
    for name, events in helpdesk_cases.items():
        states: list[str] = []
        for event in events:
            state = said.get(event["concept:name"])
            if state is None:
                state = states[-1] if states and states[-1] in {"solved", "closed"} else "open"
            states.append("new" if not states and state == "open" else state)
        assert landed[name]["status"].to_list() == states, name


def test_helpdesk_agents_and_groups(
    helpdesk: Landing, helpdesk_cases: dict[str, list[Event]]
) -> None:
    events = [event for events in helpdesk_cases.values() for event in events]
    resources = {f"Resource {event['org:resource']}" for event in events}
    assert set(helpdesk.tables["agents"]["agent_name"]) == resources
    groups = Counter(f"Workgroup {event['workgroup']}" for event in events)
    landed = helpdesk.tables["ticket_events"]["group_name"].value_counts()
    assert dict(landed.iter_rows()) == groups


def test_helpdesk_starter_mapping_reads_the_log(real_data: Path, tmp_path: Path) -> None:
    target = tmp_path / "mapping.yaml"
    write_starter_mapping(real_data / "helpdesk.xes.gz", target)
    landing = read_event_log(real_data / "helpdesk.xes.gz", load_mapping(target))
    assert landing.tables["ticket_events"].height + refused(landing) == 21_348
    assert "#       5,060  Take in charge ticket\n" in target.read_text()


def test_servicenow_lands_every_row(servicenow: Landing, incidents: dict[str, list[Event]]) -> None:
    tables = complete_tables(servicenow)
    assert tables["tickets"].height == len(incidents) == 890
    assert tables["ticket_events"].height == 5_998
    assert refused(servicenow) == 0
    landed = events_by_case(servicenow)
    for name, rows in incidents.items():
        times = [moment(row["sys_updated_at"]) for row in rows]
        assert landed[name]["occurred_at"].to_list() == times


def test_servicenow_activities_are_what_changed(
    servicenow: Landing, incidents: dict[str, list[Event]]
) -> None:
    landed = events_by_case(servicenow)
    for name, rows in incidents.items():
        known: Event = {"incident_state": "?", "assignment_group": "?", "assigned_to": "?"}
        names = {"assignment_group": "Group changed", "assigned_to": "Assigned"}
        expected = []
        for row in rows:
            changed = [c for c in known if row[c] not in {"?", known[c]}]
            known = {**known, **{column: row[column] for column in changed}}
            first = changed[0] if changed else None
            expected.append("Updated" if first is None else names.get(first, row["incident_state"]))
        assert landed[name]["activity"].to_list() == expected, name


def test_servicenow_outcomes_are_the_flag_of_the_last_row(
    servicenow: Landing, incidents: dict[str, list[Event]]
) -> None:
    names = servicenow.tables["tickets"].select("ticket_id", "external_id")
    applied = servicenow.tables["sla_applications"].join(names, on="ticket_id")
    assert dict(applied.select("external_id", "is_met").iter_rows()) == {
        name: rows[-1]["made_sla"] == "TRUE" for name, rows in incidents.items()
    }
    assert applied["is_met"].sum() == 495


def test_servicenow_repairs_are_those_of_the_file(
    servicenow: Landing, incidents: dict[str, list[Event]], real_data: Path
) -> None:
    newest: dict[str, datetime] = {}
    late = 0
    with (real_data / "servicenow_incidents_sample.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            time = moment(row["sys_updated_at"])
            late += time < newest.get(row["number"], time)
            newest[row["number"]] = max(time, newest.get(row["number"], time))
    filled = unknown = nobody = 0
    for rows in incidents.values():
        has_group = False
        for state in rows:
            has_group = has_group or state["assignment_group"] != "?"
            filled += state["assignment_group"] == "?" and has_group
            unknown += state["assignment_group"] == "?" and not has_group
            nobody += state["assigned_to"] == "?"
    early = sum(
        moment(rows[0]["sys_updated_at"]) < moment(rows[0]["opened_at"])
        for rows in incidents.values()
    )
    assert repairs(servicenow) == {
        "columns_not_used": ("noted", 27),
        "out_of_order": ("repaired", late),
        "group_filled": ("repaired", filled),
        "group_not_known": ("noted", unknown),
        "resource_not_known": ("noted", nobody),
        "created_after_first_event": ("repaired", early),
    }
    assert 0 not in {late, filled, unknown, nobody, early}


def test_servicenow_starter_mapping_reads_the_log(real_data: Path, tmp_path: Path) -> None:
    log, target = real_data / "servicenow_incidents_sample.csv", tmp_path / "mapping.yaml"
    write_starter_mapping(log, target)
    guessed, shipped = load_mapping(target), load_mapping(Path("servicenow"))
    assert guessed.time == shipped.time
    assert guessed.created == shipped.created
    assert guessed.status is not None
    assert shipped.status is not None
    assert guessed.status.values == shipped.status.values
    assert read_event_log(log, guessed).tables["ticket_events"].height == 5_998


def test_an_earlier_clock_shows_the_log_as_it_stood(
    real_data: Path, incidents: dict[str, list[Event]]
) -> None:
    clock = datetime(2016, 3, 3, tzinfo=UTC)
    path = real_data / "servicenow_incidents_sample.csv"
    landing = read_event_log(path, load_mapping(Path("servicenow")), as_of=clock)
    tables = complete_tables(landing)
    before = {
        name: [row for row in rows if moment(row["sys_updated_at"]) <= clock]
        for name, rows in incidents.items()
    }
    assert tables["ticket_events"].height == sum(len(rows) for rows in before.values())
    assert tables["ticket_events"].height + refused(landing) == 5_998
    missed = {name for name, rows in before.items() if rows and rows[-1]["made_sla"] == "FALSE"}
    settled = {
        name
        for name, rows in before.items()
        if rows and rows[-1]["incident_state"] in {"Resolved", "Closed"}
    }
    applied = tables["sla_applications"].join(tables["tickets"], on="ticket_id")
    assert set(applied["external_id"]) == missed | settled
    assert 0 < len(missed | settled) < tables["tickets"].height


@pytest.mark.parametrize(
    ("name", "tickets", "outcomes"),
    [
        ("helpdesk", 4_580, {}),
        ("servicenow", 890, {"within_sla": 495, "breached": 395}),
    ],
)
def test_the_marts_build_and_pass_their_tests_on_both_logs(
    name: str,
    tickets: int,
    outcomes: dict[str, int],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    landing: Landing = request.getfixturevalue(name)
    write_landed(complete_tables(landing), tmp_path, landing_id=landing.landing_id)

    result = build(tmp_path)

    failed = [f"{r.node.name}: {r.message}" for r in result.result if r.status in {"fail", "error"}]  # type: ignore[union-attr]
    assert result.success, failed
    assert query(tmp_path, "select count(*) from marts.ticket_outcomes") == [(tickets,)]
    by_status = query(tmp_path, "select sla_status, count(*) from marts.sla group by sla_status")
    assert dict(by_status) == outcomes
