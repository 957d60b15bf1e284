"""The units of `deploy/systemd` are what systemd understands, and start what is there."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from control_tower.settings import PROJECT_ROOT

UNITS = sorted((PROJECT_ROOT / "deploy" / "systemd").iterdir())
INSTALLED = "/opt/operations-control-tower"


def test_systemd_finds_nothing_amiss(tmp_path: Path) -> None:
    """With the project where it is installed, as the guide has it."""
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("systemd is not installed")
    installed = tmp_path / "opt"
    (installed / ".venv").mkdir(parents=True)
    (installed / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (installed / "docs").symlink_to(PROJECT_ROOT / "docs")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(INSTALLED, str(installed))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    found = subprocess.run(
        [verifier, "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    # It looks at the machine's own units, too, which are not ours to judge.
    told = (found.stdout + found.stderr).splitlines()
    assert [line for line in told if "operations-control-tower" in line] == []


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"])
def test_units_start_commands_of_the_project(unit: Path) -> None:
    """And each runs as a user of its own."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    (started,) = (line.removeprefix("ExecStart=") for line in lines if "ExecStart=" in line)
    command = Path(started.split()[0])
    assert str(command.parent) == f"{INSTALLED}/.venv/bin"
    assert (Path(sys.executable).parent / command.name).exists()
    assert "User=tower" in lines
