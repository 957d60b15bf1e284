"""What a run prints goes where it was meant: progress out, errors beside, the rest to the log."""

import subprocess
import sys
from pathlib import Path

import pytest
from dagster._core.execution.plan.objects import StepFailureData
from dagster_shared.error import SerializableErrorInfo

from control_tower.progress import failure_reason

PRINTS = """
import os, subprocess, sys
from pathlib import Path
from control_tower.progress import output_kept_aside

with output_kept_aside(Path(sys.argv[1])) as (console, errors):
    print("from Python")
    os.write(1, b"from a descriptor\\n")
    os.write(2, b"from another\\n")
    subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
    console.print("progress")
    errors.print("trouble")
print("after")
"""


def test_libraries_print_to_the_log(tmp_path: Path) -> None:
    """Python, file descriptors and child processes alike; afterwards all is as before."""
    log = tmp_path / "build" / "last_run.log"
    command = [sys.executable, "-c", PRINTS, str(log)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("progress\nafter\n", "trouble\n")
    said = log.read_text()
    for words in ("from Python", "from a descriptor", "from another", "from a child"):
        assert words in said


CHATTERS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from control_tower.progress import output_kept_aside

def chatter(console):
    for number in range(5_000):
        console.print(f"line {number} of what nobody reads")
    return "worked to its end"

with output_kept_aside(Path(sys.argv[1])) as (console, errors), ThreadPoolExecutor() as pool:
    # As dbt's threads do, whose end by SystemExit nobody would notice.
    told = [pool.submit(chatter, one).result(timeout=60) for one in (console, errors)]
    Path(sys.argv[2]).write_text(" and ".join(told))
"""


@pytest.mark.parametrize("target", ["closed", "full"])
def test_nobody_listening_is_no_reason_to_stop(tmp_path: Path, target: str) -> None:
    """A reader that leaves after a line, or a disk that takes nothing, does not end the work."""
    done = tmp_path / "done"
    command = [sys.executable, "-c", CHATTERS, str(tmp_path / "log"), str(done)]
    if target == "closed":
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout
            process.stdout.readline()
            process.stdout.close()
            assert process.wait(timeout=120) == 0
    else:
        with Path("/dev/full").open("w") as full:
            subprocess.run(command, stdout=full, stderr=full, check=True, timeout=120)
    assert done.read_text() == "worked to its end and worked to its end"


def test_a_run_that_was_ended_from_outside_says_so() -> None:
    """Dagster names only the class of its own error."""
    name = "DagsterExecutionInterruptedError"
    error = SerializableErrorInfo(f"dagster._core.errors.{name}\n", [], cls_name=name)
    failure = StepFailureData(error=error, user_failure_data=None)  # type: ignore[no-untyped-call]
    assert failure_reason(failure) == ("it was interrupted, as by a restart of what had started it")
