"""Failed runs are written down once each, and a torn line does not hide the others."""

from pathlib import Path

import pytest

from control_tower.failed_runs import FailedRun, read_failed_runs, record_failed_run


def _failed(run_id: str) -> FailedRun:
    return FailedRun("2026-03-01T00:00:00+00:00", run_id, "ops_daily_pipeline", "marts", "why")


def test_a_run_is_recorded_once(tmp_path: Path) -> None:
    """Sensor and command may both see a failure."""
    for run_id in ("a", "b", "a"):
        record_failed_run(tmp_path, _failed(run_id))
    assert read_failed_runs(tmp_path) == [_failed("a"), _failed("b")]


@pytest.mark.parametrize("torn", [b'{"failed_at": "2026\n', b'{"failed_at": "2026', b"\xc3"])
def test_a_torn_line_is_left_out(torn: bytes, tmp_path: Path) -> None:
    """A crash while writing costs one line, wherever it cut it."""
    record_failed_run(tmp_path, _failed("a"))
    with (tmp_path / "failed_runs.jsonl").open("ab") as record:
        record.write(torn)
    record_failed_run(tmp_path, _failed("b"))
    assert [run.run_id for run in read_failed_runs(tmp_path)] == ["a", "b"]


def test_nothing_on_record_is_no_error(tmp_path: Path) -> None:
    """A new desk has none."""
    assert read_failed_runs(tmp_path) == []
