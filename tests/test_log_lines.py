"""Commands that speak JSON: every line on standard error is one object, nothing is beside them."""

import json
import logging
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from control_tower.log_lines import json_formatter, json_logger
from tests.bad_input.tower import command
from tests.conftest import printed_by_run

_ALWAYS = {"timestamp", "level", "event"}


def _run(line: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code and the lines of a command; it prints nothing on standard output."""
    monkeypatch.setenv("CONTROL_TOWER_LOG_FORMAT", "json")
    ended = subprocess.run(line, capture_output=True, text=True, timeout=240, check=False)
    return ended.returncode, _lines(ended.stdout, ended.stderr)


def _lines(stdout: str, stderr: str) -> list[dict[str, Any]]:
    assert stdout == ""
    lines = [json.loads(text) for text in stderr.splitlines()]
    for one in lines:
        assert set(one) >= _ALWAYS
        assert one["timestamp"].endswith("Z")
    return lines


def test_a_run_tells_each_step_and_asset(published_once: Path) -> None:
    """With the run's id on every line; the end holds the findings as figures."""
    stdout, stderr = (
        printed_by_run(published_once, name).read_text("utf-8") for name in ("stdout", "stderr")
    )
    lines = _lines(stdout, stderr)
    (run_id,) = {line["run_id"] for line in lines}
    assert len(run_id) == 36
    started = [line["step"] for line in lines if line["event"] == "step started"]
    done = {line["step"]: line["seconds"] for line in lines if line["event"] == "step done"}
    assert set(started) == set(done)
    assert all(seconds >= 0 for seconds in done.values())
    built = {line["asset"]: line for line in lines if line["event"] == "asset materialized"}
    assert built["raw/tickets"]["rows"] == lines[-1]["tickets"]
    assert built["marts/sla"]["seconds"] > 0
    assert "are built anew: " in next(line["message"] for line in lines if line["event"] == "note")
    assert [lines[0]["event"], lines[-1]["event"]] == ["run started", "run succeeded"]
    assert lines[-1]["snapshot"] == str(published_once / "ops.duckdb")


def test_a_failed_run_says_why_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --quiet, that line is all there is."""
    log = tmp_path / "absent.csv"
    line = command(tmp_path, "--event-log", str(log), "--mapping", str(log), "--quiet")
    code, lines = _run(line, monkeypatch)
    assert code == 1
    (told,) = lines
    assert (told["event"], told["level"]) == ("run failed", "error")
    assert "absent.csv" in told["reasons"][0]
    assert told["message"] == "the run failed; nothing was published"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["brief"], 1, "there is no snapshot"),
        (["run", "--tickets", "many"], 2, "valid integer"),
        (["run", "--seed", "-1"], 2, "CONTROL_TOWER_SEED"),
        (["no-such-command"], 2, "no-such-command"),
    ],
)
def test_errors_and_wrong_use_are_one_line_too(
    arguments: list[str], code: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same sentence as in text, and the same exit code."""
    monkeypatch.setenv("CONTROL_TOWER_DATA_DIR", str(tmp_path))
    ended, lines = _run([sys.executable, "-m", "control_tower", *arguments], monkeypatch)
    assert ended == code
    (told,) = lines
    assert told["level"] == "error"
    assert says in told["message"]


def test_a_trace_stays_within_its_line() -> None:
    """Records of Python's own logging become such lines, with what was given beside them."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(json_formatter())
    logger = logging.Logger("some.library")
    logger.addHandler(handler)
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logger.exception("it %s", "failed", extra={"path": "/x"})
    (line,) = written.getvalue().splitlines()
    told = json.loads(line)
    assert told["event"] == "it failed"
    assert (told["level"], told["logger"], told["path"]) == ("error", "some.library", "/x")
    assert "Traceback" in told["exception"]
    assert told["exception"].endswith("two\nlines")


def test_errors_only_leaves_out_the_rest() -> None:
    """As --quiet asks for."""
    written = StringIO()
    logger = json_logger(written, errors_only=True).bind(run_id="r")
    logger.info("progress")
    logger.warning("doubt")
    logger.error("end")
    (line,) = written.getvalue().splitlines()
    told = json.loads(line)
    assert (told["event"], told["run_id"]) == ("end", "r")
