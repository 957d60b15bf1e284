"""What a run prints goes where it was meant: progress out, errors beside, the rest to the log."""

import subprocess
import sys
from pathlib import Path

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
