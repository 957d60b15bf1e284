"""Ctrl-C ends work at once, even work that would not listen."""

import signal
import subprocess
import sys

DEAF = """
import time
from control_tower.interruptible import run_interruptibly

def work():
    print("begun", flush=True)
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass

run_interruptibly(
    work, sentence=lambda: "broken off", tell_others=lambda: print("told", flush=True)
)
"""


def test_an_interrupt_ends_work_that_swallows_it() -> None:
    """One sentence, exit code 130, and whoever has to know is told."""
    process = subprocess.Popen(
        [sys.executable, "-c", DEAF],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "told\n", "broken off\n")


def test_work_that_ends_hands_back_its_code() -> None:
    """And an error of the work is an error of the caller."""
    ends = "from control_tower.interruptible import run_interruptibly as r; import sys; "
    ends += "sys.exit(r(lambda: 7, sentence=str, tell_others=print))"
    assert subprocess.run([sys.executable, "-c", ends], check=False).returncode == 7
