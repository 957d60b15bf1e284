"""A file that is no event log, a mapping or a team that makes no sense: one sentence each."""

import gzip
import os
from pathlib import Path

import pytest
from dagster import AssetSelection

from control_tower.settings import Settings
from tests.bad_input.tower import Shown, published, raw_room, reasons_of_failure, run, said

LANDING = AssetSelection.groups("raw").without_checks()
CSV = "case,what,at\n1,created,2026-01-01T09:00:00\n1,solved,2026-01-01T10:00:00\n"
XES = (
    '<log><trace><string key="concept:name" value="1"/><event>'
    '<string key="concept:name" value="created"/>'
    '<date key="time:timestamp" value="2026-01-01T09:00:00Z"/></event></trace></log>'
)
MAPPING = "case: case\nactivity: what\ntime: at\n"
XES_MAPPING = "case: case:concept:name\nactivity: concept:name\ntime: time:timestamp\n"


def _reason(tmp_path: Path, log: str, content: bytes | None, mapping: str) -> str:
    if content is not None:
        (tmp_path / log).write_bytes(content)
    (tmp_path / "mapping.yaml").write_text(mapping)
    settings = Settings(
        data_dir=tmp_path / "data",
        source="event_log",
        event_log=tmp_path / log,
        event_log_mapping=tmp_path / "mapping.yaml",
    )
    (reason,) = reasons_of_failure(raw_room(settings), LANDING)
    assert not list((tmp_path / "data").rglob("*.parquet"))
    return reason


@pytest.mark.parametrize(
    ("log", "content", "fragments"),
    [
        ("log.csv", None, ["log.csv does not exist", "check the path"]),
        ("log.csv", b"", ["log.csv is empty", "give a file with events"]),
        ("log.csv", CSV[: CSV.rindex(",")].encode(), ["log.csv, row 3", "2 columns"]),
        ("log.xes", None, ["log.xes does not exist"]),
        ("log.xes", b"", ["log.xes is empty"]),
        ("log.xes", XES[: len(XES) // 2].encode(), ["log.xes", "line 1"]),
        (
            "log.xes.gz",
            gzip.compress(XES.encode(), mtime=0)[:-20],
            ["log.xes.gz", "copy or download it again"],
        ),
        ("log.parquet", b"PAR1 cut", ["log.parquet", "write or copy it again"]),
    ],
)
def test_log_that_cannot_be_read(
    tmp_path: Path, log: str, content: bytes | None, fragments: list[str]
) -> None:
    mapping = XES_MAPPING if ".xes" in log else MAPPING
    reason = _reason(tmp_path, log, content, mapping)
    assert all(fragment in reason for fragment in fragments), reason


@pytest.mark.parametrize(
    ("csv", "mapping", "fragments"),
    [
        (CSV, MAPPING.replace("what", "activity"), ["log.csv", "'activity'", "what"]),
        (CSV.replace("T10", "Tten"), MAPPING, ["log.csv, row 3, column at", "2026-01-01Tten"]),
        (
            CSV,
            MAPPING.replace("time: at", "time: {column: at, zone: Europe/Belrin}"),
            ["mapping.yaml, key time.zone", "Europe/Belrin", "Europe/Berlin"],
        ),
        (
            CSV,
            MAPPING.replace("activity:", "activty:"),
            ["mapping.yaml, key activty", "activity"],
        ),
        (CSV, MAPPING.replace("case: case", "case: [case"), ["mapping.yaml, line"]),
    ],
)
def test_log_and_mapping_that_do_not_fit(
    tmp_path: Path, csv: str, mapping: str, fragments: list[str]
) -> None:
    reason = _reason(tmp_path, "log.csv", csv.encode(), mapping)
    assert all(fragment in reason for fragment in fragments), reason


@pytest.mark.parametrize(
    ("content", "fragments"),
    [
        (None, ["team.yaml", "cannot be read"]),
        ("time_zone: Europe/Belrin", ["team.yaml, time_zone", "Europe/Belrin", "Europe/Berlin"]),
        ("time_zne: Europe/Berlin", ["team.yaml, time_zne", "there is no such setting"]),
        ("work: {hold_hours: {mean: -3}}", ["team.yaml, work.hold_hours.mean", "-3"]),
        ("groups: [", ["team.yaml is not YAML", "line 1"]),
    ],
)
def test_team_that_cannot_be_simulated(
    tmp_path: Path, content: str | None, fragments: list[str]
) -> None:
    team = tmp_path / "team.yaml"
    if content is not None:
        team.write_text(content)
    settings = Settings(data_dir=tmp_path / "data", tickets=100, simulator_configuration=team)
    (reason,) = reasons_of_failure(raw_room(settings), LANDING)
    assert all(fragment in reason for fragment in fragments), reason
    assert not list((tmp_path / "data").rglob("*.parquet"))


def _landed(data_dir: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in data_dir.glob("r*/*.parquet")}


def test_command_says_it_once_and_changes_nothing(data_dir: Path, tmp_path: Path) -> None:
    before: Shown = published(data_dir)
    landed = _landed(data_dir)
    log = tmp_path / "log.csv"
    log.write_text(CSV)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING.replace("case: case", "case: csae"))
    team = tmp_path / "team.yaml"
    team.write_text("time_zone: Europe/Belrin")

    outcome = run(data_dir, "--event-log", str(log), "--mapping", str(mapping), "--quiet")
    assert "log.csv" in said(outcome, 1, "✗", "csae", "case")
    assert len(outcome.printed.splitlines()) == 2, outcome.printed
    said(outcome, 1, "the published snapshot is as it was")

    outcome = run(data_dir, CONTROL_TOWER_SIMULATOR_CONFIGURATION=str(team))
    said(outcome, 1, "✗", "team.yaml, time_zone", "Europe/Belrin")

    assert published(data_dir) == before
    assert _landed(data_dir) == landed
    assert len((data_dir / "failed_runs.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "fragments"),
    [
        (["--source", "sap"], 2, ["CONTROL_TOWER_SOURCE", "'sap'", "event_log"]),
        (["--tickets", "5"], 2, ["CONTROL_TOWER_TICKETS", "'5'", "100"]),
        (["--as-of", "yesterday"], 2, ["CONTROL_TOWER_AS_OF", "'yesterday'", "ISO"]),
        (["--wait-minutes", "-1"], 2, ["CONTROL_TOWER_WAIT_MINUTES", "-1"]),
        (["--source", "event_log"], 1, ["--event-log FILE", "--mapping FILE", "map-event-log"]),
    ],
)
def test_settings_that_make_no_sense(
    tmp_path: Path, arguments: list[str], code: int, fragments: list[str]
) -> None:
    outcome = run(tmp_path / "data", *arguments)
    said(outcome, code, *fragments)
    assert not os.path.lexists(tmp_path / "data" / "ops.duckdb")
