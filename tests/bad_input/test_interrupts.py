"""Ctrl-C and kill -9 at any moment, and two runs at once: nothing is lost, nothing half done."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from control_tower.settings import PROJECT_ROOT
from tests.bad_input.tower import (
    Ended,
    command,
    ended,
    published,
    run,
    said,
    start,
    wait_for,
)

_SECONDS_TO_LEAVE = 10
"""More than a run ever takes to leave, less than what it would take to finish."""


def _interrupted(process: subprocess.Popen[str]) -> Ended:
    """Press Ctrl-C, which reaches the whole process group, and return how the command ended."""
    os.killpg(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=_SECONDS_TO_LEAVE)
    return Ended(process.returncode, printed)


def _is_gone(group: int) -> bool:
    """Return whether no process of the group is left, giving the last one time to close."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


_CTRL_C, _KILL = "Ctrl-C", "kill -9"


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param(
            {"intermediate/int_sla_clocks": _KILL},
            id="short",
        ),
        pytest.param(
            dict.fromkeys(
                (
                    "landing the tickets",
                    "checking what landed",
                    "building and testing the marts",
                    "staging/stg_tickets",
                    "intermediate/int_sla_clocks",
                ),
                _CTRL_C,
            ),
            id="interrupts",
            marks=pytest.mark.soak,
        ),
        pytest.param(
            dict.fromkeys(
                (
                    "landing the tickets",
                    "checking what landed",
                    "staging/stg_tickets",
                    "intermediate/int_ticket_states",
                ),
                _KILL,
            ),
            id="kills",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_what_was_stopped_is_made_good_by_the_next_run(
    data_dir: Path, moments: Mapping[str, str]
) -> None:
    before = published(data_dir)
    for moment, how in moments.items():
        process = start(command(data_dir))
        shown = wait_for(process, moment)
        assert "Traceback" not in shown
        if how == _KILL:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        else:
            _says_that_it_was_interrupted(_interrupted(process))
            assert _is_gone(process.pid)
        assert published(data_dir) == before
    outcome = run(data_dir)
    assert outcome.code == 0, outcome.printed
    after = published(data_dir)
    assert after.target != before.target
    assert after.tickets == before.tickets
    assert not list(data_dir.rglob("*.partial*"))


def _says_that_it_was_interrupted(outcome: Ended) -> None:
    line = said(outcome, 130, "control-tower: interrupted", "the published snapshot is as it was")
    assert outcome.printed.count("interrupted") == 1, outcome.printed
    assert outcome.printed.splitlines()[-1] == line


@pytest.mark.parametrize(
    "module",
    [
        "control_tower.disk",
        *(
            pytest.param(module, marks=pytest.mark.soak)
            for module in ("control_tower.settings", "dagster", "polars", "control_tower.pipeline")
        ),
    ],
)
def test_ctrl_c_while_it_starts(tmp_path: Path, module: str) -> None:
    """From the first module of ours on; before that it is Python that starts, not the command."""
    process = start(command(tmp_path / "data"), {"PYTHONPROFILEIMPORTTIME": "1"})
    wait_for(process, f" {module}\n")
    outcome = _interrupted(process)
    said(outcome, 130, "control-tower: interrupted")
    assert _is_gone(process.pid)


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ("raise", ["control-tower: interrupted; nothing was changed"]),
        ("sys.exit(130)", []),
    ],
)
def test_ctrl_c_in_code_made_as_text_has_the_same_exit_code(
    tmp_path: Path, ending: str, says: list[str]
) -> None:
    """Python marks itself as interrupted then, and a module would be ended by the signal."""
    # Stands in for the command, which is what is being imported when the interrupt comes.
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, types\n"
        "def main():\n"
        "    try:\n"
        "        exec('raise KeyboardInterrupt')\n"
        "    except KeyboardInterrupt:\n"
        f"        {ending}\n"
        "sys.modules['control_tower.cli'] = types.SimpleNamespace(main=main)\n"
    )
    line = [sys.executable, "-m", "control_tower"]
    outcome = ended(start(line, {"PYTHONPATH": f"{tmp_path}:{PROJECT_ROOT}"}))
    assert outcome.code == 130
    assert outcome.printed.splitlines() == says


def test_ctrl_c_while_publishing_tells_the_truth(data_dir: Path) -> None:
    """At the very end it is a matter of moments which snapshot readers see; never what is said."""
    before = published(data_dir)
    process = start(command(data_dir))
    wait_for(process, "publishing the snapshot")
    outcome = _interrupted(process)
    after = published(data_dir)
    if after == before:
        said(outcome, 130, "interrupted; the published snapshot is as it was")
    else:
        said(outcome, 130, "interrupted; a new snapshot had just been published")
    assert _is_gone(process.pid)


def test_two_runs_at_once(data_dir: Path) -> None:
    before = published(data_dir)
    first = start(command(data_dir))
    shown = wait_for(first, "landing the tickets")
    second = start(command(data_dir))
    impatient = run(data_dir, wait_minutes="0")
    said(impatient, 1, "✗ run ", "was still at work", "gave up and changed nothing")
    outcomes = [ended(first), ended(second)]
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    said(outcomes[1], 0, "is at work in", "waiting up to 30 minutes")
    assert "waiting" not in shown + outcomes[0].printed
    after = published(data_dir)
    assert after.run_id != before.run_id
    assert after.tickets == before.tickets
    # Each of the three is whole and of a run of its own.
    snapshots = sorted((data_dir / "published").glob("ops-*.duckdb"))
    assert len(snapshots) == 3
    assert not list(data_dir.rglob("*.partial*"))
