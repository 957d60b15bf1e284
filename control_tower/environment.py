"""What every command of the project sets up first, so that all of them share one Dagster home."""

import os
from pathlib import Path

from control_tower.disk import write_whole
from control_tower.settings import PROJECT_ROOT, Settings

__all__ = ["UnusableDataDirectoryError", "prepare", "write_environment_file"]

_HOME = "DAGSTER_HOME"
_STORAGE = "CONTROL_TOWER_DAGSTER_DIR"


class UnusableDataDirectoryError(OSError):
    """The data directory cannot be made or written."""


def prepare(settings: Settings) -> None:
    """Make the data directory and let Dagster, started from this process, use it.

    Raises:
        UnusableDataDirectoryError: If the directory cannot be made or written.
    """
    os.environ.setdefault(_HOME, str(PROJECT_ROOT))
    os.environ[_STORAGE] = str(_storage(settings))
    for folder in (settings.data_dir, settings.data_dir / "build", _storage(settings)):
        probe = folder / f".writable-{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"x")
        except OSError as error:
            raise UnusableDataDirectoryError(
                f"the data directory {folder} cannot be written ({error.strerror or error}); free "
                "some space, correct its permissions or name another with --data-dir"
            ) from None
        finally:
            if probe.exists():
                probe.unlink()


def write_environment_file(settings: Settings) -> Path:
    """Tell Dagster's own commands, typed in the project's folder, where its home is.

    They read `.env` from the folder they are started in. Lines of other settings are kept.

    Returns:
        The file.
    """
    path = PROJECT_ROOT / ".env"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    wanted = {_HOME: str(PROJECT_ROOT), _STORAGE: str(_storage(settings))}
    kept = [line for line in lines if line.split("=", 1)[0].strip() not in wanted]
    text = "\n".join([*kept, *(f"{name}={value}" for name, value in wanted.items())]) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_whole(path, text.encode())
    return path


def _storage(settings: Settings) -> Path:
    return settings.data_dir / "dagster"
