"""How long the marts take and how much memory, at several sizes, beside the usual way.

The usual way to count opening hours joins every stretch of every clock with every opening it
touches, so its rows grow with the length of the stretches; the marts look up two openings a
stretch. Run with `python -m benchmarks.marts [tickets ...]`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import polars as pl

from control_tower.raw.contract import METRICS, PRIORITIES, polars_schema
from control_tower.raw.landing import Landing, complete_tables, write_landed
from control_tower.settings import PROJECT_ROOT
from control_tower.warehouse import build_path, connect

__all__ = ["Measurement", "land_large_desk", "measure"]

_SIZES: Final = (50_000, 1_000_000)
_AS_OF: Final = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR_SECONDS: Final = 365 * 86_400
_PROJECT: Final = PROJECT_ROOT / "control_tower_dbt"

_FIRST, _SECOND = "Tier 1 Support", "Tier 2 Specialists"
_OPENING: Final = [
    ("created", "new", _FIRST, "customer", True),
    ("assigned", "open", _FIRST, "system", False),
]
_ENDING: Final = [("solved", "solved", _FIRST, "agent", True)]
_CLOSING: Final = [("closed", "closed", _FIRST, "system", False)]
_REPLY: Final = ("replied", "open", _FIRST, "agent", True)
_LIVES: Final = (
    (0.62, [*_OPENING, _REPLY, *_ENDING, *_CLOSING]),
    (
        0.14,
        [
            *_OPENING,
            ("replied", "pending", _FIRST, "agent", True),
            ("customer_replied", "open", _FIRST, "customer", True),
            *_ENDING,
            *_CLOSING,
        ],
    ),
    (0.12, [*_OPENING, _REPLY, ("escalated", "open", _SECOND, "agent", False), *_ENDING]),
    (0.08, [*_OPENING, _REPLY, *_ENDING, ("reopened", "open", _FIRST, "customer", True), _REPLY]),
    (0.04, [*_OPENING, ("put_on_hold", "hold", _FIRST, "agent", False)]),
)
"""Shares of tickets by the life they lead: activity, status, group, actor, whether public."""

_EVERY_OPENING_TOUCHED: Final = """
    create temp table elapsed as
    select
        clocks.ticket_id,
        clocks.metric,
        clocks.instance,
        sum(
            least(epoch_us(clocks.ended_at), epoch_us(hours.closes_at))
            - greatest(epoch_us(clocks.started_at), epoch_us(hours.opens_at))
        )::bigint as elapsed_microseconds
    from intermediate.int_sla_clock_readings as clocks
    inner join opening_hours as hours
        on clocks.clock_schedule_id = hours.schedule_id
        and hours.opens_at < clocks.ended_at
        and hours.closes_at > clocks.started_at
    group by all
"""

_DIFFERENCES: Final = """
    select count(*)
    from intermediate.int_sla_elapsed as ours
    left join elapsed as theirs using (ticket_id, metric, instance)
    where ours.elapsed_microseconds != coalesce(theirs.elapsed_microseconds, 0)
"""


@dataclass(frozen=True)
class Measurement:
    """One build: its size, and where its seconds and its memory went."""

    tickets: int
    events: int
    sla_rows: int
    sla_query_seconds: float
    sla_models_seconds: float
    all_models_seconds: float
    tests_seconds: float
    command_seconds: float
    peak_gib: float
    readings_seconds: float
    every_opening_seconds: float


def land_large_desk(data_dir: Path, tickets: int, *, seed: int = 7) -> int:
    """Land a year of a desk with opening hours and targets, and return its number of events."""
    generator = np.random.default_rng(seed)
    lives = generator.choice(len(_LIVES), size=tickets, p=[share for share, _ in _LIVES])
    created = np.sort(generator.integers(0, _YEAR_SECONDS, size=tickets))
    desk = pl.DataFrame(
        {
            "ticket_id": np.arange(1, tickets + 1),
            "life": lives,
            "created": created,
            "priority": np.array(PRIORITIES)[generator.integers(0, 4, size=tickets)],
            "pace": generator.lognormal(mean=9.5, sigma=1.2, size=tickets),
        }
    )
    steps = pl.DataFrame(
        [
            (life, step, *what)
            for life, (_, whole_life) in enumerate(_LIVES)
            for step, what in enumerate(whole_life)
        ],
        schema=["life", "step", "activity", "status", "group_name", "actor", "is_public"],
        orient="row",
    )
    start = _AS_OF - timedelta(seconds=_YEAR_SECONDS)
    seconds = pl.col("created") + pl.col("pace") * pl.col("step") * pl.col("step") / 4
    events = (
        desk.join(steps, on="life")
        .with_columns(
            (pl.lit(start) + pl.duration(seconds=seconds.cast(pl.Int64)))
            .cast(pl.Datetime("us", "UTC"))
            .alias("occurred_at")
        )
        .filter(pl.col("occurred_at") <= _AS_OF)
        .sort("occurred_at", "ticket_id", "step")
        .with_row_index("event_id", offset=1)
    )
    raw_tickets = events.group_by("ticket_id", maintain_order=True).agg(
        pl.col("occurred_at").first().alias("created_at"),
        pl.col("priority", "group_name", "status").last(),
        _moments_of("solved").last().alias("solved_at"),
        _moments_of("closed").last().alias("closed_at"),
        pl.lit(value=False).alias("is_deleted"),
    )
    is_settled = pl.col("status").is_in(["solved", "closed"])
    raw_tickets = raw_tickets.with_columns(
        pl.when(is_settled).then("solved_at").alias("solved_at"),
        pl.lit("question").alias("ticket_type"),
    )
    landing = Landing(
        source="simulator",
        described_as=f"a benchmark of {tickets} tickets",
        fingerprint=f"{tickets}|{seed}",
        as_of=_AS_OF,
        tables={
            "tickets": _as_contract("tickets", raw_tickets),
            "ticket_events": _as_contract("ticket_events", events),
            "sla_policies": _policies(),
            "schedules": _schedules(),
        },
    )
    write_landed(complete_tables(landing), data_dir, landing_id=landing.landing_id)
    return events.height


def measure(tickets: int, data_dir: Path) -> Measurement:
    """Land a desk of so many tickets, build the marts on it and time the parts.

    Raises:
        RuntimeError: If the build fails, or the two ways of counting disagree.
    """
    events = land_large_desk(data_dir, tickets)
    started = time.perf_counter()
    seconds = _build(data_dir)
    command_seconds = time.perf_counter() - started
    peak_gib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    with connect(build_path(data_dir)) as connection:
        connection.execute("set threads = 2")
        sla_rows = int(connection.execute("select count(*) from marts.sla").fetchall()[0][0])
        connection.execute(
            "create temp table opening_hours as select * from staging.stg_open_intervals"
        )
        sla_query_seconds = _sla_query_seconds(connection, data_dir)
        started = time.perf_counter()
        connection.execute(_EVERY_OPENING_TOUCHED)
        every_opening_seconds = time.perf_counter() - started
        differences = connection.execute(_DIFFERENCES).fetchall()[0][0]
    if differences:
        raise RuntimeError(f"{differences} clocks differ between the two ways of counting")
    models = {name: value for name, value in seconds.items() if name.startswith("model.")}
    return Measurement(
        tickets=tickets,
        events=events,
        sla_rows=sla_rows,
        sla_query_seconds=sla_query_seconds,
        sla_models_seconds=sum(value for name, value in models.items() if _is_of_sla(name)),
        all_models_seconds=sum(models.values()),
        tests_seconds=sum(value for name, value in seconds.items() if name.startswith("test.")),
        command_seconds=command_seconds,
        peak_gib=peak_gib,
        readings_seconds=sum(
            value
            for name, value in models.items()
            if name.endswith(("int_sla_clock_readings", "int_sla_elapsed"))
        ),
        every_opening_seconds=every_opening_seconds,
    )


def _is_of_sla(model: str) -> bool:
    return ".int_sla" in model or model.endswith(".sla")


def _sla_query_seconds(connection: duckdb.DuckDBPyConnection, data_dir: Path) -> float:
    """Return how long the SLA models' statements take one after the other, without dbt around."""
    tables = {
        name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
    }
    seconds = 0.0
    for result in _results(data_dir):
        model = str(result["unique_id"])
        # A view costs its time where it is read.
        if _is_of_sla(model) and model.rsplit(".", maxsplit=1)[-1] in tables:
            started = time.perf_counter()
            connection.execute(f"create temp table built as {result['compiled_code']}")
            seconds += time.perf_counter() - started
            connection.execute("drop table built")
    return seconds


def _results(data_dir: Path) -> list[dict[str, Any]]:
    path = data_dir / "build" / "dbt" / "run_results.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["results"]
    return found


def _moments_of(status: str) -> pl.Expr:
    return pl.col("occurred_at").filter(pl.col("status") == status)


def _as_contract(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    schema = polars_schema(table)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )


def _policies() -> pl.DataFrame:
    rows = [
        ("Standard", 1, 1, metric, priority, 60.0 * 4 ** (1 + place), True)
        for metric in METRICS
        for place, priority in enumerate(PRIORITIES)
    ]
    names = "policy_name policy_id position metric priority target_minutes is_business_hours"
    return _as_contract("sla_policies", pl.DataFrame(rows, schema=names.split(), orient="row"))


def _schedules() -> pl.DataFrame:
    rows = [
        (1, "Office", "Europe/Berlin", weekday, opens, closes, True)
        for weekday in range(5)
        for opens, closes in ((540, 720), (780, 1080))
    ]
    return pl.DataFrame(rows, schema=polars_schema("schedules"), orient="row")


def _build(data_dir: Path) -> dict[str, float]:
    build_path(data_dir).parent.mkdir(parents=True, exist_ok=True)
    target = data_dir / "build" / "dbt"
    finished = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("--quiet", "build", "--project-dir", str(_PROJECT), "--profiles-dir", str(_PROJECT)),
            *("--exclude-resource-type", "unit_test"),
        ],
        env={
            **os.environ,
            "CONTROL_TOWER_DATA_DIR": str(data_dir),
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(target),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"dbt could not build the marts:\n{finished.stdout[-2000:]}")
    return {result["unique_id"]: float(result["execution_time"]) for result in _results(data_dir)}


def main() -> None:
    """Measure the sizes asked for, smallest first, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tickets", nargs="*", type=int, default=_SIZES)
    for tickets in sorted(parser.parse_args().tickets):
        with tempfile.TemporaryDirectory() as folder:
            found = measure(tickets, Path(folder))
        print(f"{found.tickets:,} tickets, {found.events:,} events, {found.sla_rows:,} targets")
        print(f"  SLA models, queries     {found.sla_query_seconds:8.2f} s")
        print(f"  SLA models, within dbt  {found.sla_models_seconds:8.2f} s")
        print(f"  all models              {found.all_models_seconds:8.2f} s")
        print(f"  data tests              {found.tests_seconds:8.2f} s")
        print(f"  dbt build as a command  {found.command_seconds:8.2f} s")
        print(f"  peak memory             {found.peak_gib:8.2f} GiB")
        print(f"  opening hours, two look-ups a stretch        {found.readings_seconds:8.2f} s")
        print(
            f"  opening hours, every opening a stretch meets {found.every_opening_seconds:8.2f} s"
        )


if __name__ == "__main__":
    main()
