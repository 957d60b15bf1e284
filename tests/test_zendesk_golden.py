"""Zendesk tickets with known answers: hand-written edge cases, and minutes Zendesk computed."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from control_tower.raw.contract import polars_schema
from control_tower.raw.opening_hours import open_intervals
from control_tower.raw.zendesk.schedules import weekly_hours
from control_tower.raw.zendesk.time_zones import iana_zone

# The tests share one run, so they belong on one worker.
pytestmark = pytest.mark.xdist_group("golden")

_AS_OF = "2026-11-23T21:00:00"
_DELETED_TICKET = 120


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def _clock_events(expected: list[dict[str, str]]) -> Iterator[dict[str, object]]:
    """The engine's results as Zendesk's clocks would tell them, in whole minutes.

    The deleted ticket, of which the engine says nothing, had a clock at the desk all the same.
    """
    deleted = {
        "ticket_id": str(_DELETED_TICKET),
        "metric": "first_reply_time",
        "sla_applied_at": "2026-06-16 13:00:00",
        "target": "240",
        "elapsed_minutes_last_schedule": "60",
    }
    for row in [*expected, deleted]:
        told: list[dict[str, object]] = [{"type": "apply_sla", "time": row["sla_applied_at"]}]
        told[0] |= {"sla_target": row["target"], "sla_policy_title": "Golden"}
        told[0] |= {"sla_business_hours": row.get("in_business_hours", "True")}
        if row.get("is_breach") == "True":
            told.append({"type": "breach", "time": row["breach_at"]})
        if row.get("is_open") != "True":
            minutes = int(float(row["elapsed_minutes_last_schedule"]))
            told.append({"type": "update_status", "time": _AS_OF, "status_calendar": minutes})
            told[-1] |= {"status_business": minutes}
        for event in told:
            yield {
                "ticket_id": row["ticket_id"],
                "metric": row["metric"].replace("first_", "").replace("next_", ""),
                "instance_id": 2 if row["metric"] == "next_reply_time" else 1,
                **event,
            }


@pytest.fixture(scope="module")
def snapshot(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snapshot published from the golden tickets and the engine's results, given as events."""
    data_dir, desk = tmp_path_factory.mktemp("golden"), tmp_path_factory.mktemp("desk")
    for table in (real_data / "zendesk_golden").glob("*.csv"):
        (desk / table.name).symlink_to(table)
    events = _clock_events(_rows(real_data / "zendesk_golden" / "expected_sla.csv"))
    pl.DataFrame(
        [{"id": number, **event} for number, event in enumerate(events, start=1)],
        infer_schema_length=None,
    ).write_csv(desk / "ticket_metric_event.csv")
    command = [sys.executable, "-m", "control_tower", "run", "--quiet", "--as-of", _AS_OF]
    command += ["--data-dir", str(data_dir), "--zendesk-files", str(desk)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return (data_dir / "ops.duckdb").resolve()


def _query(snapshot: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(snapshot, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def golden(snapshot: Path) -> list[tuple[Any, ...]]:
    """The SLA rows the published snapshot holds for the golden tickets."""
    return _query(
        snapshot,
        """
            select ticket_id, metric, instance, policy_name, target_minutes, is_business_hours,
                elapsed_minutes, breach_at, sla_status, clock_state
            from marts.sla
            order by ticket_id, metric, instance
        """,
    )


def test_golden_tickets(golden: list[tuple[Any, ...]], real_data: Path) -> None:
    """Every expected row, to the hundredth of a minute and the second, and no other."""
    expected = _rows(real_data / "zendesk_golden" / "expected_sla.csv")
    assert len(expected) == 33
    assert [
        (
            *row[:6],
            round(row[6], 2),
            row[7] if row[8] == "breached" else None,
            row[8] == "breached",
            row[9] != "stopped",
        )
        for row in golden
    ] == [
        (
            int(row["ticket_id"]),
            row["metric"],
            1,
            row["sla_policy_name"],
            float(row["target"]),
            row["in_business_hours"] == "True",
            round(float(row["elapsed_minutes_last_schedule"]), 2),
            _moment(row["breach_at"]),
            row["is_breach"] == "True",
            row["is_open"] == "True",
        )
        for row in sorted(expected, key=lambda row: (int(row["ticket_id"]), row["metric"]))
    ]


def test_deleted_ticket_has_no_sla(golden: list[tuple[Any, ...]]) -> None:
    assert _DELETED_TICKET not in {row[0] for row in golden}


def test_the_engines_figures_agree_with_ours(snapshot: Path) -> None:
    """Clocks that stopped, and breaches; the one of the deleted ticket has its reason."""
    found = _query(
        snapshot,
        """
            select
                metric like '%_breached', coalesce(abs(difference_minutes) <= 1, false), reason,
                count(*)
            from marts.sla_reconciliation
            group by all
            order by all
        """,
    )
    assert found == [
        (False, False, "ticket deleted", 1),
        (False, True, None, 32),
        (True, True, None, 14),
    ]


def _weekly(text: str, zone: str) -> pl.DataFrame:
    rows = [
        (1, "Known", zone, *hours, True, None)
        for interval in text.split(";")
        for hours in weekly_hours(*(int(minute) for minute in interval.split("-")))
    ]
    return pl.DataFrame(rows, schema=polars_schema("schedules"), orient="row")


def test_minutes_zendesk_computed(real_data: Path) -> None:
    """Zendesk's own business minutes, on the schedule they were computed on."""
    known = _rows(real_data / "zendesk_known_values.csv")
    assert len(known) == 6
    for row in known:
        zone = iana_zone(row["zendesk_time_zone"])
        assert zone == row["iana_time_zone"]
        start = datetime.fromisoformat(row["start_utc"])
        end = start + timedelta(minutes=int(row["calendar_minutes"]))
        hours = open_intervals(
            _weekly(row["weekly_intervals_minutes_since_sunday"], zone),
            pl.DataFrame(schema=polars_schema("holidays")),
            first_day=(start - timedelta(days=2)).date(),
            last_day=(end + timedelta(days=2)).date(),
        )
        open_time = hours.select(
            (
                pl.min_horizontal("closes_at", pl.lit(end))
                - pl.max_horizontal("opens_at", pl.lit(start))
            )
            .clip(timedelta(0))
            .sum()
        ).item()
        assert open_time / timedelta(minutes=1) == int(row["zendesk_business_minutes"]), row["what"]
