"""States, actors, tickets and what else the log tells, on rows small enough to check by eye."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from control_tower.raw.event_log import read_event_log
from control_tower.raw.landing import complete_tables
from tests.raw.event_log.logs import land, mapping, repairs, write_csv

HEADER = "case,activity,time"


def at(day: int, hour: int = 0) -> datetime:
    """Return a moment in January 2024, UTC."""
    return datetime(2024, 1, day, hour, tzinfo=UTC)


def row(case: str, activity: str, day: int, *more: str) -> str:
    """Return a row of a log."""
    return ",".join([case, activity, f"2024-01-{day:02}T00:00:00Z", *more])


@pytest.mark.parametrize(
    ("activities", "statuses"),
    [
        (["come"], ["new"]),
        (["come", "look", "look"], ["new", "open", "open"]),
        (["come", "ask", "look"], ["new", "pending", "open"]),
        (["come", "park", "solve"], ["new", "hold", "solved"]),
        (["come", "solve", "look", "close"], ["new", "solved", "solved", "closed"]),
        (["come", "solve", "again", "look"], ["new", "solved", "open", "open"]),
        (["come", "close", "ask"], ["new", "closed", "pending"]),
        (["again", "look"], ["new", "open"]),
        (["solve", "look"], ["solved", "solved"]),
        (["ask"], ["pending"]),
    ],
)
def test_statuses_follow_from_activities(
    tmp_path: Path, activities: list[str], statuses: list[str]
) -> None:
    every = ["ask", "park", "solve", "close", "again"]
    landing = land(
        tmp_path,
        HEADER,
        *(row("1", activity, day) for day, activity in enumerate(activities, start=1)),
        # Another case in between, with every activity, must not reach into this one.
        *(row("2", activity, day) for day, activity in enumerate(every, start=1)),
        activities={
            "pending": "ask",
            "on_hold": "park",
            "solved": "solve",
            "closed": "close",
            "reopened": "again",
        },
    )
    tables = complete_tables(landing)
    ours = tables["tickets"].filter(external_id="1")["ticket_id"][0]
    assert tables["ticket_events"].filter(ticket_id=ours)["status"].to_list() == statuses
    assert tables["tickets"].filter(external_id="1")["status"][0] == statuses[-1]


@pytest.mark.parametrize(
    ("states", "solved_day", "closed_day"),
    [
        (["open"], None, None),
        (["open", "solved"], 2, None),
        (["open", "solved", "solved", "closed", "closed"], 2, 4),
        (["open", "solved", "open"], None, None),
        (["solved", "open", "solved", "closed"], 3, 4),
        (["open", "closed"], 2, 2),
        (["closed", "solved"], 1, None),
        (["closed", "open", "closed", "solved", "closed"], 3, 5),
        (["solved"], 1, None),
    ],
)
def test_solved_and_closed_are_when_the_last_unbroken_run_began(
    tmp_path: Path, states: list[str], solved_day: int | None, closed_day: int | None
) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},state",
        *(row("1", "work", day, state) for day, state in enumerate(states, start=1)),
        status="state",
    )
    ticket = complete_tables(landing)["tickets"].row(0, named=True)
    assert ticket["created_at"] == at(1)
    assert ticket["solved_at"] == (at(solved_day) if solved_day else None)
    assert ticket["closed_at"] == (at(closed_day) if closed_day else None)


def test_solved_tickets_close_by_themselves_after_some_days(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        HEADER,
        row("1", "solve", 1),
        row("2", "solve", 2),
        row("3", "look", 5),
        activities={"solved": "solve"},
        close_after_days=4,
    )
    tickets = complete_tables(landing)["tickets"]
    assert tickets.select("status", "solved_at", "closed_at").rows() == [
        ("closed", at(1), at(5)),
        ("solved", at(2), None),
        ("new", None, None),
    ]
    assert landing.tables["ticket_events"].height == 3


def test_tickets_agents_and_events_are_numbered_by_first_appearance_in_time(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},who",
        row("b", "work", 2, "Zoe"),
        row("a", "work", 3, "Ada"),
        row("c", "work", 1, ""),
        row("b", "work", 4, "Ada"),
        resource="who",
    )
    tables = complete_tables(landing)
    assert tables["tickets"].select("ticket_id", "external_id").rows() == [
        (1, "c"),
        (2, "b"),
        (3, "a"),
    ]
    assert tables["agents"].select("agent_id", "agent_name").rows() == [(1, "Zoe"), (2, "Ada")]
    assert tables["ticket_events"].select("event_id", "ticket_id", "agent_id").rows() == [
        (1, 1, None),
        (2, 2, 1),
        (3, 3, 2),
        (4, 2, 2),
    ]


def test_actors_and_who_can_see(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},who",
        row("1", "come", 1, "Portal"),
        row("1", "route", 2, "Robot"),
        row("1", "answer", 3, "Ada"),
        row("1", "write", 4, "Carl"),
        row("1", "answer", 5, ""),
        row("1", "note", 6, "Ada"),
        row("1", "sweep", 7, ""),
        resource="who",
        activities={"agent_reply": "answer", "customer_reply": "write"},
        actors={"customer": "Portal", "system": "Robot"},
    )
    tables = complete_tables(landing)
    assert tables["ticket_events"].select("actor", "is_public").rows() == [
        ("customer", False),
        ("system", False),
        ("agent", True),
        ("customer", True),
        ("agent", True),
        ("agent", False),
        ("system", False),
    ]
    assert tables["agents"]["agent_name"].to_list() == ["Ada"]
    assert repairs(landing)["resource_not_known"] == ("noted", 2)


def test_group_and_priority_hold_until_they_change(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},team,prio",
        row("1", "come", 1, "", "low"),
        row("1", "route", 2, "First", ""),
        row("1", "raise", 3, "Second", "urgent"),
        row("1", "work", 4, "", ""),
        group={"column": "team", "values": {"First": "First line"}, "prefix": "Team "},
        priority="prio",
        activities={"escalated": "raise"},
    )
    events = landing.tables["ticket_events"]
    assert events["group_name"].to_list() == [None, "First line", "Team Second", "Team Second"]
    assert events["priority"].to_list() == ["low", "low", "urgent", "urgent"]
    assert events["activity"].to_list() == ["come", "route", "escalated", "work"]
    assert repairs(landing)["escalation_renamed"] == ("noted", 1)
    ticket = landing.tables["tickets"].row(0, named=True)
    assert (ticket["group_name"], ticket["priority"]) == ("Team Second", "urgent")


def test_the_assignee_is_who_worked_last_before_closing(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},who,team",
        row("1", "work", 1, "Ada", "First"),
        row("1", "solve", 2, "Ben", "Second"),
        row("1", "close", 3, "Clerk", "Second"),
        row("1", "close", 4, "Clerk", "Second"),
        row("2", "close", 5, "Clerk", "First"),
        resource="who",
        group="team",
        activities={"solved": "solve", "closed": "close"},
    )
    tables = complete_tables(landing)
    names = dict(tables["agents"].select("agent_id", "agent_name").iter_rows())
    assert [names[agent] for agent in tables["tickets"]["assignee_id"]] == ["Ben", "Clerk"]
    assert dict(tables["agents"].select("agent_name", "group_name").iter_rows()) == {
        "Ada": "First",
        "Ben": "Second",
        "Clerk": "Second",
    }


def test_constants_describe_every_ticket(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        HEADER,
        row("1", "work", 1),
        group={"constant": "The desk"},
        priority={"constant": "normal"},
        channel={"constant": "phone"},
    )
    ticket = complete_tables(landing)["tickets"].row(0, named=True)
    assert (ticket["group_name"], ticket["priority"], ticket["channel"]) == (
        "The desk",
        "normal",
        "phone",
    )


def test_activities_of_several_columns(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        "case,thing,verb,time",
        "1,ticket,made,2024-01-01T00:00:00Z",
        "1,,made,2024-01-02T00:00:00Z",
        "1,,,2024-01-03T00:00:00Z",
        activity={"columns": ["thing", "verb"], "separator": " "},
    )
    assert landing.tables["ticket_events"]["activity"].to_list() == ["ticket made", "made"]
    assert repairs(landing)["activity_missing"] == ("refused", 1)


def test_activities_made_from_what_changed(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        "case,state,team,who,time",
        "1,New,,,2024-01-01T00:00:00Z",
        "2,Odd,,,2024-01-01T12:00:00Z",
        "1,New,First,Ada,2024-01-02T00:00:00Z",
        "1,Active,Second,Ada,2024-01-03T00:00:00Z",
        "1,,Second,Ben,2024-01-04T00:00:00Z",
        "1,Active,Second,Ben,2024-01-05T00:00:00Z",
        "1,New,Second,Ben,2024-01-06T00:00:00Z",
        "2,,,,2024-01-07T00:00:00Z",
        activity={
            "changes": [
                "state",
                {"column": "team", "activity": "Moved"},
                {"column": "who", "activity": "Assigned"},
            ],
            "otherwise": "Touched",
        },
    )
    tables = landing.tables
    events = tables["ticket_events"].join(tables["tickets"], on="ticket_id")
    assert events.filter(external_id="1")["activity"].to_list() == [
        "New",
        "Moved",
        "Active",
        "Assigned",
        "Touched",
        "New",
    ]
    assert events.filter(external_id="2")["activity"].to_list() == ["Odd", "Touched"]


def test_targets_become_policies(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        HEADER,
        row("1", "work", 1),
        sla={
            "policy_name": "House rules",
            "targets": [
                {"metric": "first_reply_time", "minutes": {"urgent": "30", "low": "60"}},
                {
                    "metric": "agent_work_time",
                    "minutes": {"high": 90.5},
                    "business_hours": "true",
                },
            ],
        },
        schedule={
            "zone": "Europe/Rome",
            "hours": {"friday": "09:00-12:00", "monday": ["14:00-18:00", "08:30-12:30"]},
            "holidays": ["2024-01-05", "2019-01-01"],
        },
    )
    tables = complete_tables(landing)
    policies = tables["sla_policies"].drop("ticket_type", "customer_tier")
    assert policies.columns[:4] == ["policy_id", "policy_name", "position", "metric"]
    assert policies.rows() == [
        (1, "House rules", 1, "first_reply_time", "urgent", 30.0, False),
        (1, "House rules", 1, "first_reply_time", "low", 60.0, False),
        (1, "House rules", 1, "agent_work_time", "high", 90.5, True),
    ]
    assert tables["schedules"].select("weekday", "opens", "closes", "time_zone").rows() == [
        (0, 510, 750, "Europe/Rome"),
        (0, 840, 1080, "Europe/Rome"),
        (4, 540, 720, "Europe/Rome"),
    ]
    assert tables["holidays"].rows() == [(1, date(2024, 1, 5))]
    opening = tables["open_intervals"].filter(pl.col("opens_at").is_between(at(5), at(8, 23)))
    assert opening["opens_at"].to_list() == [
        datetime(2024, 1, 8, 7, 30, tzinfo=UTC),
        datetime(2024, 1, 8, 13, tzinfo=UTC),
    ]


def test_outcomes_are_landed_once_they_are_decided(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},ok",
        row("met", "work", 1, "Y"),
        row("met", "solve", 2, "Y"),
        row("missed", "work", 1, "Y"),
        row("missed", "solve", 3, "N"),
        row("open and missed", "work", 1, "N"),
        row("open", "work", 1, "Y"),
        row("unknown", "solve", 4, "?"),
        activities={"solved": "solve"},
        sla={"policy_name": "Flag", "outcome": {"column": "ok", "met": "Y", "missed": "N"}},
    )
    tables = complete_tables(landing)
    applied = tables["sla_applications"].join(tables["tickets"], on="ticket_id")
    assert dict(applied.select("external_id", "is_met").iter_rows()) == {
        "met": True,
        "missed": False,
        "open and missed": False,
    }
    assert applied["target_minutes"].null_count() == 3
    assert applied["metric"].unique().to_list() == ["total_resolution_time"]
    assert applied["applied_at"].equals(applied["created_at"])
    assert repairs(landing)["sla_met_not_mapped"] == ("repaired", 1)


def test_effort_is_added_up_by_ticket_and_group(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},team,minutes,dollars,stars",
        row("1", "work", 1, "First", "10", "5.5", ""),
        row("1", "work", 2, "First", "2.5", "", ""),
        row("1", "work", 3, "Second", "-1", "1", "great"),
        row("1", "work", 4, "Second", "much", "", "4"),
        row("1", "work", 5, "Second", "7", "", "4"),
        row("2", "work", 6, "", "7", "", "2"),
        row("2", "work", 7, "", "", "", "9"),
        group="team",
        handle_minutes="minutes",
        cost_usd="dollars",
        satisfaction={"column": "stars", "values": {"great": "5"}},
    )
    tables = complete_tables(landing)
    assert tables["ticket_costs"].rows() == [(1, "First", 12.5, 5.5), (1, "Second", 7.0, None)]
    assert tables["satisfaction_ratings"].rows() == [(1, 1, 4, at(4)), (2, 2, 2, at(6))]
    assert repairs(landing)["handle_minutes_not_mapped"] == ("repaired", 2)
    assert repairs(landing)["satisfaction_not_mapped"] == ("repaired", 1)


def test_effort_given_by_case_counts_once(tmp_path: Path) -> None:
    landing = land(
        tmp_path,
        f"{HEADER},team,minutes",
        row("1", "work", 1, "First", "30"),
        row("1", "work", 2, "Second", "30"),
        group="team",
        handle_minutes={"column": "minutes", "per": "case"},
    )
    assert landing.tables["ticket_costs"].rows() == [(1, "Second", 30.0, None)]


def test_the_landing_is_known_by_file_mapping_and_clock(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "desk.csv", HEADER, row("1", "work", 1), row("2", "work", 2))
    landing = read_event_log(path, mapping())
    assert landing.source == "event_log"
    assert landing.described_as == "desk.csv (2 tickets)"
    assert read_event_log(path, mapping()).landing_id == landing.landing_id
    assert read_event_log(path, mapping(missing="?")).fingerprint != landing.fingerprint
    write_csv(path, HEADER, row("1", "work", 1), row("2", "work", 3))
    assert read_event_log(path, mapping()).fingerprint != landing.fingerprint
