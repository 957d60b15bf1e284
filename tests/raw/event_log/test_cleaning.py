"""The stated rules for dirty data, one by one."""

# ruff: noqa: E501 - a table of cases is read line by line

from datetime import UTC, datetime
from pathlib import Path

import pytest

from control_tower.raw.event_log import EventLogError, read_event_log
from control_tower.raw.landing import Landing, complete_tables
from tests.raw.event_log.logs import land, mapping, repairs, write_csv

HEADER = "case,activity,time"
FINE = tuple(f"{n},work,2024-01-01T10:{n:02}:00Z" for n in range(30))
"""Enough good rows for a few bad ones to be let pass."""


def example_of(landing: Landing, rule: str) -> str:
    """Return the example a repair gives."""
    return str(dict(landing.repairs.select("rule", "example").iter_rows())[rule])


def sentence(folder: Path, *lines: str, **keys: object) -> str:
    """Return what reading a log that cannot be used says."""
    with pytest.raises(EventLogError) as caught:
        land(folder, *lines, **keys)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("row", "rule", "example"),
    [
        (",work,2024-01-01T10:00:00Z", "case_missing", "row 32: activity work, time 2024-01-01T10:00:00Z"),
        ("1, ,2024-01-01T10:00:00Z", "activity_missing", "row 32: case 1, time 2024-01-01T10:00:00Z"),
        ("1,work,?", "time_missing", "row 32: case 1, activity work"),
        ("1,work,soon", "time_unreadable", "row 32: case 1, activity work, time soon"),
        ("1,work,1970-01-01T00:00:00Z", "time_implausible", "row 32: case 1, activity work, time 1970-01-01T00:00:00Z"),
        ("1,work,9999-12-31T00:00:00Z", "time_implausible", "row 32: case 1, activity work, time 9999-12-31T00:00:00Z"),
        (FINE[3], "exact_duplicate", "row 32: case 3, activity work, time 2024-01-01T10:03:00Z"),
    ],
)  # fmt: skip
def test_rows_that_are_no_events_are_refused(
    tmp_path: Path, row: str, rule: str, example: str
) -> None:
    landing = land(tmp_path, HEADER, *FINE, row, missing=["?"])
    assert repairs(landing)[rule] == ("refused", 1)
    assert example_of(landing, rule) == example
    assert landing.tables["ticket_events"].height == 30


def test_a_clean_log_has_no_repairs(tmp_path: Path) -> None:
    landing = land(
        tmp_path, HEADER, "1,a,2024-01-01T10:00:00Z", "1,b,2024-01-01T11:00:00Z", missing="?"
    )
    assert landing.repairs.is_empty()
    complete_tables(landing)


def test_duplicates_can_be_kept(tmp_path: Path) -> None:
    landing = land(tmp_path, HEADER, *FINE, FINE[0], FINE[0], duplicates="keep")
    assert repairs(landing)["exact_duplicate"] == ("noted", 2)
    assert landing.tables["ticket_events"].height == 32


def test_rows_that_differ_in_a_column_not_mapped_are_no_duplicates(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},note",
        "1,a,2024-01-01T10:00:00Z,first",
        "1,a,2024-01-01T10:00:00Z,second",
    )
    assert "exact_duplicate" not in repairs(landing)
    assert repairs(landing)["columns_not_used"] == ("noted", 1)
    assert example_of(landing, "columns_not_used") == "note"


def test_too_many_unreadable_times_mean_a_wrong_format(tmp_path: Path) -> None:
    rows = [f"{n},work,13/02/2024" for n in range(3)]
    said = sentence(tmp_path, HEADER, *FINE, *rows)
    assert said == (
        "log.csv, row 32, column time: '13/02/2024' is no time written as iso, and 3 of 33 are "
        "not; correct time.formats in the mapping"
    )
    assert repairs(land(tmp_path, HEADER, *FINE, *rows, largest_unreadable_share=0.1))[
        "time_unreadable"
    ] == ("refused", 3)


def test_a_log_all_of_whose_rows_are_refused_is_an_error(tmp_path: Path) -> None:
    said = sentence(tmp_path, HEADER, ",a,2024-01-01T10:00:00Z", "1,,2024-01-01T10:00:00Z")
    assert said == (
        "log.csv: every row is refused (case_missing: 1; activity_missing: 1); compare the "
        "mapping's case, activity and time with the file"
    )


def test_rows_are_put_in_order_and_equal_times_keep_the_order_of_the_file(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        HEADER,
        "1,second,2024-01-01T10:00:00Z",
        "1,third,2024-01-01T10:00:00Z",
        "2,other,2024-01-01T08:00:00Z",
        "1,first,2024-01-01T09:00:00Z",
    )
    events = landing.tables["ticket_events"]
    assert events["activity"].to_list() == ["other", "first", "second", "third"]
    assert events["event_id"].to_list() == [1, 2, 3, 4]
    assert repairs(landing)["out_of_order"] == ("repaired", 1)
    assert example_of(landing, "out_of_order").startswith("row 5: case 1, activity first")
    assert repairs(landing)["single_event_case"] == ("noted", 1)


def test_the_clock_is_the_newest_event_unless_given(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", HEADER, *FINE)
    assert read_event_log(path, mapping()).as_of == datetime(2024, 1, 1, 10, 29, tzinfo=UTC)


def test_events_after_the_clock_are_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", HEADER, *FINE)
    as_of = datetime(2024, 1, 1, 10, 9, tzinfo=UTC)
    landing = read_event_log(path, mapping(), as_of=as_of)
    assert landing.as_of == as_of
    assert repairs(landing)["after_as_of"] == ("refused", 20)
    assert landing.tables["ticket_events"].height == 10
    same = read_event_log(path, mapping(), as_of=as_of.replace(tzinfo=None))
    assert same.landing_id == landing.landing_id


def test_a_clock_before_every_event_is_an_error(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", HEADER, *FINE)
    with pytest.raises(EventLogError, match="every row is later than the clock 2023-01-01 00:00"):
        read_event_log(path, mapping(), as_of=datetime(2023, 1, 1, tzinfo=UTC))


def test_local_times_that_never_were_or_were_twice_are_counted(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        HEADER,
        "1,a,2024-03-31T02:30:00",
        "1,b,2024-10-27T02:30:00",
        time={"column": "time", "zone": "Europe/Berlin"},
    )
    assert repairs(landing) == {
        "time_skipped_by_clocks": ("repaired", 1),
        "time_twice_by_clocks": ("noted", 1),
    }


def test_creation_is_never_after_the_first_event(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},opened",
        "1,solve,2024-01-02T10:00:00Z,2024-01-01T10:00:00Z",
        "2,solve,2024-01-02T10:00:00Z,2024-01-03T10:00:00Z",
        "3,solve,2024-01-02T10:00:00Z,long ago",
        created="opened",
        activities={"solved": ["solve"]},
    )
    tickets = landing.tables["tickets"].sort("external_id")
    assert [t.day for t in tickets["created_at"]] == [1, 2, 2]
    assert repairs(landing)["created_after_first_event"] == ("repaired", 1)
    assert repairs(landing)["created_unreadable"] == ("repaired", 1)
    complete_tables(landing)


def test_values_without_meaning_count_as_missing(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},prio,state",
        "1,a,2024-01-01T10:00:00Z,P1,Fresh",
        "1,b,2024-01-01T11:00:00Z,?,Odd",
        "1,c,2024-01-01T12:00:00Z,LOW,Fixed",
        "2,a,2024-01-01T13:00:00Z,P9,Odd",
        priority={"column": "prio", "values": {"P1": "urgent"}},
        status={"column": "state", "values": {"Fresh": "open", "Fixed": "solved"}},
    )
    events = landing.tables["ticket_events"]
    assert events["priority"].to_list() == ["urgent", "urgent", "low", None]
    assert events["status"].to_list() == ["open", "open", "solved", "new"]
    assert repairs(landing)["priority_not_mapped"] == ("repaired", 2)
    assert example_of(landing, "priority_not_mapped") == "row 3: case 1, prio '?', 'P9'"
    assert repairs(landing)["priority_filled"] == ("repaired", 1)
    assert repairs(landing)["priority_not_known"] == ("noted", 1)
    assert repairs(landing)["status_not_mapped"] == ("repaired", 2)
    assert repairs(landing)["status_filled"] == ("repaired", 1)
    assert repairs(landing)["status_not_known"] == ("repaired", 1)


def test_a_ticket_s_own_facts_come_from_any_of_its_rows(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},kind,via",
        "1,a,2024-01-01T10:00:00Z,,",
        "1,b,2024-01-01T11:00:00Z,question,",
        "1,c,2024-01-01T12:00:00Z,incident,",
        ticket_type="kind",
        channel="via",
    )
    ticket = landing.tables["tickets"].row(0, named=True)
    assert (ticket["ticket_type"], ticket["channel"]) == ("incident", None)
    assert repairs(landing)["ticket_type_filled"] == ("repaired", 1)
    assert repairs(landing)["channel_not_known"] == ("noted", 3)


def test_a_column_the_log_does_not_have(tmp_path: Path) -> None:
    assert sentence(tmp_path, HEADER, *FINE, group="caes") == (
        "log.csv has no column 'caes', which the mapping's key group names; did you mean 'case'?"
    )
    assert sentence(
        tmp_path, HEADER, *FINE, sla={"outcome": {"column": "zz", "met": "y", "missed": "n"}}
    ) == (
        "log.csv has no column 'zz', which the mapping's key sla.outcome names; use one of case, "
        "activity, time"
    )


def test_activities_of_the_mapping_that_never_occur(tmp_path: Path) -> None:
    landing = land(tmp_path, HEADER, *FINE, activities={"solved": ["work", "finish", "end"]})
    assert repairs(landing)["activities_absent"] == ("noted", 2)
    assert example_of(landing, "activities_absent") == "finish, end"
    assert sentence(tmp_path, HEADER, *FINE, activities={"closed": ["finish", "end"]}) == (
        "log.csv: none of the activities under activities.closed of the mapping occurs (finish, "
        "end); use the log's own, such as work"
    )
