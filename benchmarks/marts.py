"""The marts on a made desk: what dbt builds, and the time on SLA clocks beside the usual way.

The usual way to count opening hours joins every stretch of every clock with every opening it
touches, so its rows grow with the length of the stretches; the marts look up two openings a
stretch. Outside dbt both ways have the limits the product sets itself, memory among them; what is
more goes to the disk beside the database.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import duckdb

from benchmarks.options import Options, tickets
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, Bounds, Ended, module, run
from benchmarks.telling import tell, timed
from control_tower.settings import PROJECT_ROOT, Settings
from control_tower.warehouse import build_path, connect

__all__ = ["rows"]

_PROJECT: Final = PROJECT_ROOT / "control_tower_dbt"
_READINGS: Final = ("int_sla_clock_readings", "int_sla_elapsed")
_USUAL: Final = f"duckdb {duckdb.__version__}, joining every opening"
_CLOCKS: Final = "SLA clocks: time in opening hours"
_STATEMENTS: Final = "SLA clocks: statements of all models"
_BUILD: Final = "marts: dbt build of all models, with their tests"

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


def rows(options: Options) -> Iterator[Row]:
    """Yield the build, the statements of the SLA models, and opening hours both ways.

    Raises:
        RuntimeError: If no desk can be made, or the two ways of counting disagree.
    """
    for count in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            made = run(module("benchmarks.large_desk", folder, count))
            if made.how != DONE:
                raise RuntimeError(f"no desk could be landed: {made.how}")
            size = f"{tickets(count)}, {made.said['events']:,} events"
            yield from _rows_of(Path(folder), size, options.bounds)


def _rows_of(data_dir: Path, size: str, bounds: Bounds) -> Iterator[Row]:
    built = _build(data_dir, bounds)
    if built.how != DONE:
        yield row_of(_BUILD, size, OURS, built)
        return
    seconds = {one["unique_id"]: float(one["execution_time"]) for one in _results(data_dir)}
    yield row_of(
        _BUILD,
        size,
        OURS,
        built,
        seconds=built.seconds,
        peak_gib=built.tree_gib,
        more={
            "all models s": _sum(seconds, lambda name: name.startswith("model.")),
            "SLA models s": _sum(seconds, _is_of_sla),
            "tests s": _sum(seconds, lambda name: name.startswith("test.")),
        },
    )
    statements = run(module("benchmarks.marts", data_dir, "statements"), bounds)
    targets = {"targets": statements.said.get("targets", 0)}
    yield row_of(_STATEMENTS, size, OURS, statements, more=targets)
    readings = run(module("benchmarks.marts", data_dir, "readings"), bounds)
    yield row_of(_CLOCKS, size, OURS, readings)
    usual = run(module("benchmarks.marts", data_dir, "usual"), bounds)
    if usual.how == DONE and usual.said["differences"]:
        raise RuntimeError(f"{usual.said['differences']} clocks differ between the two ways")
    yield row_of(_CLOCKS, size, _USUAL, usual)


def _build(data_dir: Path, bounds: Bounds) -> Ended:
    build_path(data_dir).parent.mkdir(parents=True, exist_ok=True)
    target = str(data_dir / "build" / "dbt")
    command = [
        *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
        *("--quiet", "build", "--project-dir", str(_PROJECT), "--profiles-dir", str(_PROJECT)),
        *("--exclude-resource-type", "unit_test"),
    ]
    environment = {
        "CONTROL_TOWER_DATA_DIR": str(data_dir),
        "DBT_TARGET_PATH": target,
        "DBT_LOG_PATH": target,
    }
    return run(command, bounds, environment=environment)


def _results(data_dir: Path) -> list[dict[str, Any]]:
    path = data_dir / "build" / "dbt" / "run_results.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["results"]
    return found


def _sum(seconds: Mapping[str, float], is_meant: Callable[[str], bool]) -> float:
    return round(sum(value for name, value in seconds.items() if is_meant(name)), 2)


def _is_of_sla(model: str) -> bool:
    return model.startswith("model.") and (".int_sla" in model or model.endswith(".sla"))


def _work(data_dir: Path, part: str) -> None:
    with connect(build_path(data_dir)) as connection:
        _limit(connection)
        found: dict[str, Any] = {"usual": _usual, "statements": _statements, "readings": _readings}[
            part
        ](connection, data_dir)
    tell(**found)


def _limit(connection: duckdb.DuckDBPyConnection) -> None:
    """Hold a connection to what the product builds with: see the dbt project's profiles.yml."""
    connection.execute("set threads = 2")
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"set memory_limit = '{Settings().memory_limit}'")


def _statements(connection: duckdb.DuckDBPyConnection, data_dir: Path) -> dict[str, Any]:
    """Run the SLA models' statements one after the other, without dbt around."""
    seconds = _seconds_of(connection, data_dir, _is_of_sla)
    targets = connection.execute("select count(*) from marts.sla").fetchall()[0][0]
    return {"seconds": seconds, "targets": targets}


def _readings(connection: duckdb.DuckDBPyConnection, data_dir: Path) -> dict[str, Any]:
    return {"seconds": _seconds_of(connection, data_dir, lambda name: name.endswith(_READINGS))}


def _usual(connection: duckdb.DuckDBPyConnection, data_dir: Path) -> dict[str, Any]:
    del data_dir
    connection.execute(
        "create temp table opening_hours as select * from staging.stg_open_intervals"
    )
    seconds: dict[str, float] = {}
    with timed(seconds, "join"):
        connection.execute(_EVERY_OPENING_TOUCHED)
    differences = connection.execute(_DIFFERENCES).fetchall()[0][0]
    return {"seconds": seconds["join"], "differences": differences}


def _seconds_of(
    connection: duckdb.DuckDBPyConnection, data_dir: Path, is_meant: Callable[[str], bool]
) -> float:
    tables = {
        name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
    }
    seconds: dict[str, float] = {}
    for result in _results(data_dir):
        model = str(result["unique_id"])
        # A view costs its time where it is read.
        if is_meant(model) and model.rsplit(".", maxsplit=1)[-1] in tables:
            with timed(seconds, model):
                connection.execute(f"create temp table built as {result['compiled_code']}")
            connection.execute("drop table built")
    return sum(seconds.values())


if __name__ == "__main__":
    _work(Path(sys.argv[1]), sys.argv[2])
