"""Run the real command on a data directory of a test, and look at what it left behind."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from dagster import (
    AssetSelection,
    DagsterInstance,
    Definitions,
    ResourceDefinition,
    define_asset_job,
    in_process_executor,
)
from dagster._core.utils import make_new_run_id
from rich.console import Console

from control_tower.displays import TextDisplay
from control_tower.progress import RunProgress
from control_tower.publishing.link import link_path
from control_tower.raw.assets import landing
from control_tower.raw.checks import landed_checks
from control_tower.resources import run_lock_resource
from control_tower.settings import Settings

__all__ = [
    "AS_OF",
    "Ended",
    "Shown",
    "command",
    "ended",
    "published",
    "raw_room",
    "reasons_of_failure",
    "run",
    "said",
    "start",
    "wait_for",
    "whole_graph",
]

AS_OF = "2026-01-12"
"""A fixed clock, so that a test that runs across midnight sees the same tickets."""

_TICKETS = "200"
_SECONDS_AT_MOST = 240
"""A run that hangs fails its test instead of holding up all others."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code and all it printed."""

    code: int
    printed: str


def command(data_dir: Path, *arguments: str, wait_minutes: str = "30") -> list[str]:
    """Return the command line of an ordinary run, with further arguments."""
    line = [sys.executable, "-m", "control_tower", "run", "--data-dir", str(data_dir)]
    return [
        *line,
        *("--tickets", _TICKETS, "--as-of", AS_OF, "--wait-minutes", wait_minutes),
        *arguments,
    ]


def start(
    line: Sequence[str], environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start a command in a process group of its own; what it prints comes through one pipe."""
    return subprocess.Popen(
        line,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
    )


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a command and return how it ended.

    Raises:
        subprocess.TimeoutExpired: If it hangs; it is stopped then.
    """
    try:
        printed, _ = process.communicate(timeout=_SECONDS_AT_MOST)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return Ended(process.returncode, printed)


def run(data_dir: Path, *arguments: str, wait_minutes: str = "30", **environment: str) -> Ended:
    """Run the pipeline in a process of its own and return how it ended."""
    return ended(start(command(data_dir, *arguments, wait_minutes=wait_minutes), environment))


def wait_for(process: subprocess.Popen[str], text: str) -> str:
    """Read what a process prints until a line holds the text, and return all of it.

    Raises:
        AssertionError: If the process ends before.
    """
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError(f"{text!r} was never printed:\n{''.join(lines)}")


def said(outcome: Ended, code: int, *fragments: str) -> str:
    """Return the one line that holds all the fragments.

    Raises:
        AssertionError: If there is no such line, a trace was printed, or the exit code differs.
    """
    assert "Traceback" not in outcome.printed, outcome.printed
    assert outcome.code == code, outcome.printed
    for line in outcome.printed.splitlines():
        if all(fragment in line for fragment in fragments):
            return line
    raise AssertionError(f"no line says {fragments}:\n{outcome.printed}")


@dataclass(frozen=True)
class Shown:
    """What a reader finds: where the link leads, every byte of it, and whose run it says it is."""

    target: str
    digest: str
    run_id: str
    warned: int
    tickets: int


def published(data_dir: Path) -> Shown:
    """Open the published snapshot as a reader does and return what it shows."""
    link = data_dir / "ops.duckdb"
    path = link.resolve()
    with duckdb.connect(path, read_only=True) as connection:
        rows = connection.execute(
            "select snapshot_id, run_id, checks_warned from meta.snapshot"
        ).fetchall()
        tickets = connection.execute("select count(*) from marts.ticket_outcomes").fetchall()
    ((snapshot_id, run_id, warned),) = rows
    # The record inside is of the very file that holds it.
    assert path.name == f"ops-{snapshot_id}.duckdb"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Shown(str(link.readlink()), digest, str(run_id), int(warned), int(tickets[0][0]))


def reasons_of_failure(definitions: Definitions, selection: AssetSelection) -> list[str]:
    """Run a part of the graph in this process and return the lines a failed run shows for it.

    Raises:
        AssertionError: If nothing fails.
    """
    run_id = make_new_run_id()
    silent = Console(quiet=True)
    progress = RunProgress(TextDisplay(silent, silent, quiet=True))
    job = define_asset_job("part", selection=selection)
    wired = Definitions.merge(definitions, Definitions(jobs=[job]))
    with DagsterInstance.ephemeral() as instance:
        instance.add_event_listener(run_id, progress.handle)
        result = wired.resolve_job_def("part").execute_in_process(
            instance=instance, run_id=run_id, raise_on_error=False
        )
    assert not result.success
    return list(dict.fromkeys(progress.reasons))


def raw_room(settings: Settings) -> Definitions:
    """Return the landing and its checks, wired as in the whole graph."""
    return Definitions(
        assets=[landing],
        asset_checks=[landed_checks(link_path)],
        resources={
            "settings": ResourceDefinition.hardcoded_resource(settings),
            "run_lock": run_lock_resource,
        },
        executor=in_process_executor,
    )


def whole_graph(data_dir: Path, patch: pytest.MonkeyPatch) -> Definitions:
    """Return the whole graph at work in a data directory, for this process."""
    # The graph tells dbt through the environment where the data lies; undone after the test.
    patch.setenv("CONTROL_TOWER_DATA_DIR", str(data_dir))
    from control_tower.definitions import _definitions

    return _definitions(Settings(data_dir=data_dir))
