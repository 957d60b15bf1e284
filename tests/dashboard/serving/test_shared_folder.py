"""The folder of a dashboard's processes goes with them, however they end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from control_tower_dash.serving.shared_folder import shared_folder

_HOLDS = (
    "import time\n"
    "from control_tower_dash.serving.shared_folder import shared_folder\n"
    "with shared_folder() as folder:\n"
    "    print(folder, flush=True)\n"
    "    time.sleep(60)\n"
)


pytestmark = pytest.mark.usefixtures("temporary")


def test_it_is_gone_afterwards(temporary: Path) -> None:
    with shared_folder() as folder:
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o077 == 0
    assert not list(temporary.iterdir())


def test_what_a_killed_one_left_is_removed_and_what_is_in_use_is_not(temporary: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDS], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout
    other = Path(process.stdout.readline().strip())
    with shared_folder():
        assert other.is_dir()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert other.is_dir()
    with shared_folder() as folder:
        assert list(temporary.iterdir()) == [folder]
