"""The mapping to start from: what it guesses, and that it can be used as it is."""

from pathlib import Path

import polars as pl
import pytest

from control_tower.raw.event_log import (
    EventLogError,
    EventLogMapping,
    load_mapping,
    read_event_log,
    write_starter_mapping,
)
from control_tower.raw.event_log.guessing import guess_values
from tests.raw.event_log.logs import write_csv, write_xes


def started(log: Path) -> tuple[EventLogMapping, str]:
    """Return the starter mapping of a log, loaded and as text."""
    target = log.with_suffix(".mapping.yaml")
    write_starter_mapping(log, target)
    return load_mapping(target), target.read_text(encoding="utf-8")


def test_columns_are_guessed_by_name_and_content(tmp_path: Path) -> None:
    log = write_csv(
        tmp_path / "log.csv",
        "Row;Ticket ID;Event;Created at;Timestamp;Agent;Team;Priority;Status;Channel;Within SLA",
        "1;7;Received;2024-01-01 08:00;2024-01-01 08:00;?;First;P1 - Critical;Open;mail;Yes",
        "2;7;Resolved;2024-01-01 08:00;2024-01-01 10:00;Ada;First;P1 - Critical;Done;mail;No",
        "3;8;Received;2024-01-02 08:00;2024-01-02 08:00;Ben;Second;P4 - Low;Open;phone;Yes",
    )
    mapping, text = started(log)
    assert (mapping.case, mapping.activity.column, mapping.time.column, mapping.created) == (
        "Ticket ID",
        "Event",
        "Timestamp",
        "Created at",
    )
    assert mapping.resource is not None
    assert mapping.resource.column == "Agent"
    assert mapping.group is not None
    assert mapping.group.column == "Team"
    assert mapping.channel is not None
    assert mapping.channel.column == "Channel"
    assert mapping.priority is not None
    assert mapping.priority.values == {"P1 - Critical": "urgent", "P4 - Low": "low"}
    assert mapping.status is not None
    assert mapping.status.values == {"Open": "open", "Done": "solved"}
    assert mapping.sla is not None
    assert mapping.sla.outcome is not None
    assert mapping.sla.outcome.met == ("Yes",)
    assert mapping.missing == ("", "?")
    assert "#           2  Received\n" in text
    assert '"P1 - Critical": urgent  # 2 rows' in text
    assert read_event_log(log, mapping).tables["ticket_events"].height == 3


@pytest.mark.parametrize(
    ("times", "pattern"),
    [
        (["13/02/2024 09:00", "14/02/2024 09:00"], "%d/%m/%Y %H:%M"),
        (["02/13/2024 09:00", "02/14/2024 09:00"], "%m/%d/%Y %H:%M"),
        (["1.2.2024 09:00", "2.2.2024 10:00"], "%d.%m.%Y %H:%M"),
        (["13-02-2024 09:00:30", "14-02-2024 10:00:00"], "%d-%m-%Y %H:%M:%S"),
        (["02/13/2024 09:00 AM", "02/13/2024 01:00 PM"], "%m/%d/%Y %I:%M %p"),
        (["2024-02-13T09:00:00Z", "2024-02-13T10:00:00+02:00"], "iso"),
        # Either way round, but only one keeps a ticket within a day.
        (["01/02/2024 09:00", "02/02/2024 09:00"], "%d/%m/%Y %H:%M"),
        (["02/01/2024 09:00", "02/02/2024 09:00"], "%m/%d/%Y %H:%M"),
    ],
)
def test_time_formats_are_found(tmp_path: Path, times: list[str], pattern: str) -> None:
    log = write_csv(tmp_path / "log.csv", "case,activity,time", *(f"1,{t},{t}" for t in times))
    mapping, text = started(log)
    assert mapping.time.formats == (pattern,)
    assert ("set the desk's own" in text) is (pattern != "iso")


def test_an_ambiguous_day_is_remarked(tmp_path: Path) -> None:
    log = write_csv(
        tmp_path / "log.csv", "case,activity,time", "1,a,01/02/2024 09:00", "1,b,02/02/2024 09:00"
    )
    assert '# "%m/%d/%Y %H:%M" reads every value too' in started(log)[1]


def test_activities_get_likely_roles(tmp_path: Path) -> None:
    names = [
        "Opened",
        "First reply sent",
        "Customer replied",
        "Escalate to second line",
        "Awaiting customer",
        "On hold",
        "Resolved",
        "Re-opened",
        "Closed",
    ]
    log = write_csv(
        tmp_path / "log.csv",
        "case,activity,time",
        *(f"1,{name},2024-01-{day:02}T00:00:00Z" for day, name in enumerate(names, start=1)),
    )
    mapping, _ = started(log)
    assert mapping.activities.model_dump() == {
        "agent_reply": ("First reply sent",),
        "customer_reply": ("Customer replied",),
        "escalated": ("Escalate to second line",),
        "pending": ("Awaiting customer",),
        "on_hold": ("On hold",),
        "solved": ("Resolved",),
        "reopened": ("Re-opened",),
        "closed": ("Closed",),
    }
    read_event_log(log, mapping)


def test_a_log_of_states_gets_activities_from_what_changed(tmp_path: Path) -> None:
    log = write_csv(
        tmp_path / "log.csv",
        "number,state,assignment_group,updated_at",
        "1,New,First,2024-01-01T00:00:00Z",
        "1,Resolved,First,2024-01-02T00:00:00Z",
    )
    mapping, _ = started(log)
    assert [change.column for change in mapping.activity.changes] == ["state", "assignment_group"]
    assert mapping.status is not None
    assert mapping.status.values == {"New": "new", "Resolved": "solved"}


def test_values_not_understood_are_offered_not_used(tmp_path: Path) -> None:
    log = write_csv(
        tmp_path / "log.csv",
        "case,activity,time,priority",
        "1,a,2024-01-01T00:00:00Z,red",
        "1,b,2024-01-02T00:00:00Z,green",
    )
    mapping, text = started(log)
    assert mapping.priority is None
    assert "# priority:\n#   column: priority\n#   values:\n#     green: normal  # 1 rows" in text


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_xes_is_mapped_by_the_standard_s_names(tmp_path: Path, name: str) -> None:
    log = write_xes(
        tmp_path / name,
        {
            "A": [
                {"concept:name": "open", "time:timestamp": "2024-01-01T00:00:00Z"},
                {
                    "concept:name": "close",
                    "time:timestamp": "2024-01-02T00:00:00Z",
                    "org:resource": "Ada",
                },
            ]
        },
    )
    mapping, _ = started(log)
    assert (mapping.case, mapping.activity.column, mapping.time.column) == (
        "case:concept:name",
        "concept:name",
        "time:timestamp",
    )
    assert read_event_log(log, mapping).tables["ticket_events"].height == 2


def test_parquet_with_typed_times(tmp_path: Path) -> None:
    log = tmp_path / "log.parquet"
    pl.DataFrame({"case_id": [1, 1], "activity": ["a", "b"]}).with_columns(
        time=pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 1, 2), interval="1d")
    ).write_parquet(log)
    mapping, _ = started(log)
    assert mapping.time.column == "time"
    assert read_event_log(log, mapping).tables["tickets"].height == 1


@pytest.mark.parametrize(
    "nasty",
    [
        "a: b",
        "# no comment",
        'quote " and \\ back',
        "- dash",
        "{brace}",
        "yes",
        "*star",
        "café ☕",
        "two\nlines",
        "tab\there",
        "'single'",
        "%percent",
        "123",
        "~",
    ],
)
def test_any_name_survives_the_way_through_yaml(tmp_path: Path, nasty: str) -> None:
    log = tmp_path / "log.csv"
    pl.DataFrame(
        {
            f"{nasty} case": ["1", "1", "2"],
            "activity": [nasty, "closed", f"{nasty} closed"],
            "priority": [f"{nasty} high", "low", nasty],
            "time": ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"],
        }
    ).write_csv(log)
    mapping, _ = started(log)
    assert mapping.priority is not None
    assert f"{nasty} high" in mapping.priority.values
    assert f"{nasty} closed" in mapping.activities.closed
    assert read_event_log(log, mapping).tables["ticket_events"].height == 3


def test_other_encodings_are_recognised(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes(
        "case,activity,time\n1,geöffnet,2024-01-01T00:00:00Z\n1,x,2024-01-02\n".encode("cp1252")
    )
    mapping, _ = started(log)
    assert mapping.file.encoding == "cp1252"
    events = read_event_log(log, mapping).tables["ticket_events"]
    assert events["activity"].to_list() == ["geöffnet", "x"]


def test_a_log_nobody_could_guess_still_gets_a_mapping_that_loads(tmp_path: Path) -> None:
    mapping, text = started(write_csv(tmp_path / "log.csv", "x,y", "1,2", "3,4"))
    assert mapping.case == "x"
    assert "No column reads as a time" in text


def test_an_existing_file_is_left_as_it_is(tmp_path: Path) -> None:
    log = write_csv(tmp_path / "log.csv", "case,activity,time", "1,a,2024-01-01T00:00:00Z")
    target = tmp_path / "log.mapping.yaml"
    target.write_text("mine")
    with pytest.raises(EventLogError, match="exists already and is left as it is; remove it or"):
        write_starter_mapping(log, target)
    assert target.read_text() == "mine"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    log = write_csv(tmp_path / "log.csv", "case,activity,time", "1,a,2024-01-01T00:00:00Z")
    with pytest.raises(EventLogError, match="cannot be written"):
        write_starter_mapping(log, tmp_path / "elsewhere" / "mapping.yaml")


def test_a_log_that_cannot_be_read_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match="does not exist"):
        write_starter_mapping(tmp_path / "log.csv", tmp_path / "mapping.yaml")
    assert not (tmp_path / "mapping.yaml").exists()


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("1 - Critical", "urgent"), ("High", "high"), ("3", "normal"), ("P4", "low"), ("blue", None)],
)
def test_priorities_are_known_by_many_names(value: str, meaning: str | None) -> None:
    assert guess_values([value], "priority").get(value) == meaning
