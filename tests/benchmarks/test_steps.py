"""A step is measured in a process of its own, and ended at its bounds."""

import sys
import time

import pytest

from benchmarks.options import LEFT_OUT, python_with
from benchmarks.results import Row, row_of
from benchmarks.steps import DONE, Bounds, run


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_step_says_what_it_found_and_its_own_peak() -> None:
    """What the parent holds does not count: the child alone has a hundred MiB more."""
    held = bytearray(300 << 20)
    code = "from benchmarks.telling import tell; held = bytearray(100 << 20); tell(answer=42)"
    ended = run(_python(code))
    assert (ended.how, ended.said["answer"]) == (DONE, 42)
    assert 100 / 1024 < ended.said["peak_gib"] < len(held) / 2**30


def test_a_step_that_takes_too_long_is_stopped() -> None:
    began = time.monotonic()
    ended = run(_python("import time; time.sleep(600)"), Bounds(seconds=0.5))
    assert ended.how == "stopped at 0.5 s"
    assert time.monotonic() - began < 300
    assert row_of("w", "s", "x", ended).seconds is None


def test_a_step_that_takes_too_much_is_stopped_with_all_below_it() -> None:
    code = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', "
        "'import time; held = bytearray(200 << 20); time.sleep(600)'])"
    )
    assert run(_python(code), Bounds(gib=0.1)).how == "stopped at 0.1 GiB"


def test_a_step_that_fails_says_why() -> None:
    assert run(_python("raise SystemExit('no such log')")).how == "failed: no such log"


def test_a_step_that_was_not_done_has_no_figures() -> None:
    ended = run(_python("raise SystemExit(1)"))
    row = row_of("w", "s", "x", ended, seconds=1.0, more={"a": 1})
    assert (row.seconds, row.peak_gib, row.more) == (None, None, {})


def test_what_a_user_would_pick_is_found_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCHMARK_PANDAS_PYTHON", raising=False)
    assert python_with("pandas") == sys.executable
    assert python_with("no_such_package") is None
    monkeypatch.setenv("BENCHMARK_PANDAS_PYTHON", "/elsewhere/python")
    assert python_with("pandas") == "/elsewhere/python"
    assert python_with("pandas", "/given/python") == "/given/python"
    assert Row("w", "s", how=LEFT_OUT).seconds is None
