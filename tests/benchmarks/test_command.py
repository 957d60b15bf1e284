"""The one command measures, compares, prints and keeps; here at sizes that say nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.options import LEFT_OUT
from benchmarks.results import OURS, read
from benchmarks.steps import DONE
from benchmarks.tables import HEADER, in_line


def _run(results: Path, *arguments: str) -> list[str]:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--results", str(results)]
    finished = subprocess.run([*command, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return finished.stdout.splitlines()


def test_mining_is_compared_and_kept_as_printed(tmp_path: Path) -> None:
    """The command itself raises where another counts otherwise than we do."""
    printed = _run(tmp_path, "process_mining", "--sizes", "300", "40")
    (file,) = tmp_path.glob("*.jsonl")
    (kept,) = read(file)
    assert printed == [HEADER, *map(in_line, kept.rows)]
    sizes = [row.size.split(",")[0] for row in kept.rows]
    assert sizes == [*["40 tickets"] * 5, *["300 tickets"] * 5]
    done = {row.who.split()[0] for row in kept.rows if row.how == DONE}
    assert {OURS, "pandas", "duckdb"} <= done
    for row in kept.rows:
        assert (row.how == DONE) == (row.seconds is not None)
        assert row.how == DONE or (row.who, row.how) == ("pm4py", LEFT_OUT)


def test_forecasts_are_measured_beside_statsmodels(tmp_path: Path) -> None:
    _run(tmp_path, "forecasting")
    (file,) = tmp_path.glob("*.jsonl")
    costs = [row for row in read(file)[0].rows if row.what.startswith("forecasts: all tables")]
    assert [row.who.split()[0] for row in costs] == [OURS, "statsmodels"]
    assert all(row.how == DONE and row.seconds and row.peak_gib for row in costs)


@pytest.mark.soak
def test_everything_is_measured(tmp_path: Path) -> None:
    _run(tmp_path)
    (file,) = tmp_path.glob("*.jsonl")
    rows = read(file)[0].rows
    assert all(row.how == DONE or row.how.endswith("left out") for row in rows), rows
    assert {row.what.split(":")[0] for row in rows} == {
        *("process mining", "simulator", "marts", "SLA clocks", "forecasts", "anomalies"),
        *("what-if", "risk", "Zendesk", "dashboard", "analysis", "pipeline"),
    }
