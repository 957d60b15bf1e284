"""Makes the machine's root of this one's programs, and boots it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from control_tower.settings import PROJECT_ROOT

__all__ = ["CannotBootError", "boot", "furnish"]

INSTALLED: Final = Path("opt/operations-control-tower")
STATE: Final = Path("var/lib/operations-control-tower")
_USER: Final = 990
_SECONDS: Final = 240
"""Far more than a trial takes, so that a test that is in the way of others does not fail it."""

_FILES: Final[Mapping[str, str]] = {
    "etc/os-release": "ID=trial\nNAME=trial\n",
    # With one it is no first boot, at which systemd would enable whatever is installed here.
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/passwd": f"root:x:0:0::/root:/bin/sh\ntower:x:{_USER}:{_USER}::/{STATE}:/bin/sh\n"
    "nobody:x:65534:65534::/:/bin/false\n",
    "etc/group": f"root:x:0:\ntower:x:{_USER}:\nnogroup:x:65534:\n",
    "etc/systemd/system/trial.target": "[Unit]\nRequires=basic.target\nAfter=basic.target\n",
}

_TRIAL: Final = """
[Unit]
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
ExecStart={python} /trial.py
"""


class CannotBootError(RuntimeError):
    """systemd cannot be the first process of a machine here."""


def furnish(root: Path, trial: Path) -> None:
    """Lay out a root in which the project is installed as the guide has it.

    Programs and libraries come with `boot`; a trial is what the machine does before it powers off.
    """
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "home", "usr", STATE / "data"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if Path("/", name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    units = root / "etc/systemd/system"
    wanted = units / "trial.target.wants"
    wanted.mkdir(parents=True)
    for name, text in _FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    shutil.copy("/etc/ld.so.cache", root / "etc")
    shutil.copy(trial, root / "trial.py")
    (units / "trial.service").write_text(_TRIAL.format(python=sys.executable), encoding="utf-8")
    (units / "default.target").symlink_to("trial.target")
    (wanted / "trial.service").symlink_to("../trial.service")

    shutil.copy(PROJECT_ROOT / "deploy/operations-control-tower.env", root / "etc")
    for unit in (PROJECT_ROOT / "deploy/systemd").iterdir():
        shutil.copy(unit, units)
        if "WantedBy=multi-user.target" in unit.read_text(encoding="utf-8"):
            (wanted / unit.name).symlink_to(f"../{unit.name}")
    _let_in_what_lies_at_home(units / "operations-control-tower-.service.d")
    installed = root / INSTALLED
    (installed / ".venv").mkdir(parents=True)
    (installed / ".venv/bin").symlink_to(Path(sys.prefix) / "bin")
    for name in ("workspace.yaml", "dagster.yaml"):
        (installed / name).symlink_to(PROJECT_ROOT / name)


def boot(root: Path) -> None:
    """Boot the machine and return once it is off.

    Raises:
        CannotBootError: If systemd cannot be run here; why is in its words.
    """
    state = root / STATE
    for path in (state, *state.rglob("*")):
        os.chown(path, _USER, _USER, follow_symlinks=False)
    binds = [f"--bind-ro={path}" for path in ("/usr", *map(str, _programs()))]
    command = ["systemd-nspawn", "--quiet", "--boot", f"--directory={root}", "--private-network"]
    command += ["--register=no", "--keep-unit", f"--machine=trial-{os.getpid()}", "--console=pipe"]
    try:
        ended = subprocess.run(
            [*command, *binds],
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        said = (ended.stderr or ended.stdout).strip()
    except subprocess.TimeoutExpired:
        said = f"it was not off after {_SECONDS} seconds"
    if not (root / "booted").exists():
        raise CannotBootError(said or "it said nothing")


def _programs() -> list[Path]:
    """Return where this project and its Python lie, but for what lies below /usr."""
    folders = {PROJECT_ROOT, Path(sys.prefix), Path(sys.base_prefix)}
    return sorted(folder for folder in folders if not folder.is_relative_to("/usr"))


def _let_in_what_lies_at_home(drop_in: Path) -> None:
    """Where a developer has it, the units would not see it; where the guide has it, they do."""
    closed = [path for path in _programs() if path.parts[1] in ("home", "root", "tmp")]
    if closed:
        drop_in.mkdir()
        lines = [
            "[Service]",
            "ProtectHome=tmpfs",
            *(f"BindReadOnlyPaths={path}" for path in closed),
        ]
        (drop_in / "trial.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
