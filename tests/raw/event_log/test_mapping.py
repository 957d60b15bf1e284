"""Mapping files: what they may say, and what is said of mistakes in them."""

# ruff: noqa: E501 - a table of cases is read line by line

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from control_tower.raw.contract import METRICS, PRIORITIES, STATUSES
from control_tower.raw.event_log import EventLogError, load_mapping, shipped_mappings
from control_tower.raw.event_log.mapping import Metric, Priority, Status
from control_tower.raw.event_log.schedule_mapping import Holidays, minutes_of_day

LEAST = "case: ticket\nactivity: what\ntime: when\n"


def written(folder: Path, text: str) -> Path:
    """Write a mapping file."""
    path = folder / "desk.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def sentence(folder: Path, text: str) -> str:
    """Return what loading a mapping that is none says."""
    with pytest.raises(EventLogError) as caught:
        load_mapping(written(folder, text))
    said = str(caught.value)
    assert said.startswith("desk.yaml")
    assert "\n" not in said
    return said


def test_three_keys_are_enough(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, LEAST))
    assert (mapping.case, mapping.activity.column, mapping.time.column) == (
        "ticket",
        "what",
        "when",
    )
    assert mapping.time.formats == ("iso",)
    assert mapping.time.zone == "UTC"
    assert mapping.missing == ("",)
    assert mapping.duplicates == "refuse"


def test_values_are_read_as_text(tmp_path: Path) -> None:
    mapping = load_mapping(
        written(
            tmp_path,
            LEAST
            + """
status: {column: state, values: {1: new, TRUE: open, NO: closed}}
sla: {outcome: {column: ok, met: yes, missed: [no, 0]}}
schedule:
  zone: Europe/Oslo
  hours: {Monday: "08:00-16:00"}
  holidays: {country: NO, dates: [2026-12-24]}
""",
        )
    )
    assert mapping.status is not None
    assert mapping.status.values == {"1": "new", "TRUE": "open", "NO": "closed"}
    assert mapping.sla is not None
    assert mapping.sla.outcome is not None
    assert (mapping.sla.outcome.met, mapping.sla.outcome.missed) == (("yes",), ("no", "0"))
    assert mapping.schedule is not None
    assert mapping.schedule.hours == {"monday": ("08:00-16:00",)}
    assert mapping.schedule.holidays.country == "NO"
    assert mapping.schedule.holidays.dates == (date(2026, 12, 24),)


def test_the_words_of_a_mapping_are_the_contract_s() -> None:
    assert get_args(Priority) == PRIORITIES
    assert get_args(Status) == STATUSES
    assert get_args(Metric) == METRICS


def test_a_mapping_cannot_be_changed(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, LEAST))
    with pytest.raises(ValueError, match="frozen"):
        mapping.case = "other"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LEAST + "resorce: who", "key resorce: this is not a key of a mapping; did you mean 'resource'?"),
        ("cas: ticket\nactivity: a\ntime: t", "key cas: this is not a key of a mapping; did you mean 'case'? (1 more to correct)"),
        ("case: t\nactivity: a\ntime: {column: w, fromats: iso}", "key time.fromats: this is not a key of a mapping; did you mean 'formats'?"),
        (LEAST + "qqq: 1", "key qqq: this is not a key of a mapping; use one of file, missing, "),
        (LEAST + "sla: {targets: [{metric: agent_work_time, minuts: {low: 1}}]}", "key sla.targets.0.minuts: this is not a key of a mapping; did you mean 'minutes'?"),
        ("activity: what\ntime: when", "key case: this key is missing; add it"),
        ("case: t\nactivity: a\ntime: {zone: UTC}", "key time.column: this key is missing; add it"),
        (LEAST + "priority: {column: p, values: {1: hihg}}", "key priority.values.1: 'hihg' is not one of urgent, high, normal, low; did you mean 'high'?"),
        (LEAST + "status: {column: s, values: {x: zzz}}", "'zzz' is not one of new, open, pending, hold, solved, closed; use one"),
        (LEAST + "sla: {targets: [{metric: resolution, minutes: {low: 1}}]}", "key sla.targets.0.metric: 'resolution' is not one of first_reply_time"),
        (LEAST + "sla: {targets: [{metric: agent_work_time, minutes: {hihg: 1}}]}", "'hihg' is not one of urgent, high, normal, low; did you mean 'high'?"),
        (LEAST + "sla: {targets: [{metric: agent_work_time, minutes: {low: 0}}]}", "key sla.targets.0.minutes.low: the value '0' is not usable: input should be greater than 0; correct it"),
        ("case: t\nactivity: a\ntime: {column: w, zone: Europe/Berlni}", "key time.zone: 'Europe/Berlni' is not an IANA time zone; did you mean 'Europe/Berlin'?"),
        ("case: t\nactivity: a\ntime: {column: w, formats: '%d/%m'}", "key time.formats: '%d/%m' does not tell year, month and day; write it as"),
        ("case: t\nactivity: {column: a, columns: [b, c]}\ntime: w", "key activity: an activity comes from column, columns or changes; give one of them"),
        (LEAST + "group: {column: g, constant: x}", "key group: a field comes from a column or is a constant; give one of the two"),
        (LEAST + "group: {constant: x, prefix: y}", "key group: a constant has no values or prefix; remove them"),
        (LEAST + "sla: {policy_name: x}", "key sla: an SLA is told by targets or by a column (outcome); give one of the two"),
        (LEAST + "sla: {targets: [{metric: agent_work_time, minutes: {low: 1}}, {metric: agent_work_time, minutes: {high: 1}}]}", "key sla: metric agent_work_time has two targets; keep one"),
        (LEAST + "sla: {targets: [{metric: agent_work_time, minutes: {low: 1}, business_hours: true}]}", "a target in business hours needs a schedule; add one"),
        (LEAST + "cost_usd: c", "cost_usd needs handle_minutes beside it; add that column"),
        (LEAST + "activities: {solved: done, closed: [gone, done]}", "key activities: activity 'done' is listed under solved and closed; keep one of them"),
        (LEAST + "activities: {agent_reply: x, customer_reply: x}", "'x' is listed under agent_reply and customer_reply"),
        (LEAST + "schedule: {zone: UTC, hours: {mondy: '09:00-17:00'}}", "key schedule.hours: 'mondy' is not a weekday; did you mean 'monday'?"),
        (LEAST + "schedule: {zone: UTC, hours: {monday: '9 to 5'}}", "'9 to 5' are not opening hours; write them as 09:00-17:30"),
        (LEAST + "schedule: {zone: UTC, hours: {monday: '22:00-06:00'}}", "do not end after they begin on the same day; split"),
        (LEAST + "schedule: {zone: UTC, hours: {monday: ['09:00-12:00', '11:00-15:00']}}", "the hours of monday overlap; join or part them"),
        (LEAST + "schedule: {zone: UTC, hours: {monday: '09:00-12:00'}, holidays: {country: Italy}}", "holidays of 'Italy' are not known; use a two-letter country code such as IT"),
        (LEAST + "schedule: {zone: UTC, hours: {monday: '09:00-12:00'}, holidays: {country: DE, subdivision: XX}}", "'XX' is not a subdivision of DE; use one of BB, "),
        (LEAST + "case: other", "line 4, column 1: the key 'case' is given twice; correct the YAML there"),
        ("case: [ticket\nactivity: x", "line 2, column 9: expected ',' or ']'"),
        ("- case\n- activity", "the file holds no keys; start with 'control-tower map-event-log FILE'"),
        ("", "the file holds no keys"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_their_remedy(tmp_path: Path, text: str, said: str) -> None:
    assert said in sentence(tmp_path, text)


def test_missing_file_names_the_ways_out(tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match="does not exist; write a mapping with") as caught:
        load_mapping(tmp_path / "desk.yaml")
    assert "(helpdesk, servicenow)" in str(caught.value)


def test_a_folder_is_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match="cannot be read"):
        load_mapping(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    path.write_bytes(b"case: \xff")
    with pytest.raises(EventLogError, match="byte 7 is not UTF-8; save the file as UTF-8"):
        load_mapping(path)


def test_shipped_mappings_go_by_their_bare_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shipped_mappings() == ("helpdesk", "servicenow")
    for name in shipped_mappings():
        by_name = load_mapping(Path(name))
        assert load_mapping(Path(f"{name}.yaml")) == by_name
        # Settings make the path absolute first.
        assert load_mapping(tmp_path / name) == by_name
        with pytest.raises(EventLogError, match="does not exist"):
            load_mapping(tmp_path / "elsewhere" / name)


def test_a_file_of_that_name_goes_before_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "helpdesk").write_text(LEAST)
    assert load_mapping(Path("helpdesk")).case == "ticket"


def test_minutes_of_the_day() -> None:
    assert minutes_of_day("09:00-17:30") == (540, 1050)
    assert minutes_of_day("0:00 - 24:00") == (0, 1440)


def test_holidays_of_a_country_and_of_the_desk() -> None:
    own = Holidays(country="IT", dates=(date(2026, 12, 24), date(2030, 1, 2)))
    days = own.days(2026, 2026)
    assert {date(2026, 12, 24), date(2026, 12, 25), date(2026, 8, 15)} <= set(days)
    assert {day.year for day in days} == {2026}
    assert days == sorted(days)
    assert Holidays().days(2026, 2027) == []
