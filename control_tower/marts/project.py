"""The dbt project: where it lies, and its manifest, made anew when a file of it is newer."""

import shutil
import sys
from pathlib import Path

from dagster_dbt import DbtCliResource, DbtProject
from filelock import FileLock

from control_tower.settings import PROJECT_ROOT

__all__ = ["dbt_command", "dbt_project"]

_FOLDERS = ("models", "macros", "seeds", "tests")


def dbt_project(data_dir: Path) -> DbtProject:
    """Return the dbt project with a manifest that is up to date.

    What dbt writes goes below the data directory, so that the project itself may be read-only.

    Raises:
        dagster_dbt.errors.DagsterDbtError: If dbt cannot parse the project.
        OSError: If the data directory cannot be written.
    """
    target = data_dir / "build" / "dbt"
    target.mkdir(parents=True, exist_ok=True)
    project = DbtProject(
        project_dir=PROJECT_ROOT / "control_tower_dbt",
        profiles_dir=PROJECT_ROOT / "control_tower_dbt",
        target_path=target,
    )
    with FileLock(target / "parse.lock"):
        manifest = project.manifest_path
        if not manifest.exists() or manifest.stat().st_mtime < _newest_change(project.project_dir):
            parse = dbt_command(project).cli(["parse", "--quiet"], target_path=target)
            parse.wait()
    return project


def dbt_command(project: DbtProject) -> DbtCliResource:
    """Return the dbt installed beside this Python, whatever the search path says.

    Raises:
        FileNotFoundError: If dbt is installed nowhere.
    """
    beside = Path(sys.executable).parent / "dbt"
    found = str(beside) if beside.exists() else shutil.which("dbt")
    if found is None:
        raise FileNotFoundError("the dbt command is not installed; run 'make setup'")
    return DbtCliResource(project_dir=project, dbt_executable=found)


def _newest_change(folder: Path) -> float:
    files = [*folder.glob("*.yml")]
    for name in _FOLDERS:
        files += [path for path in (folder / name).rglob("*") if path.is_file()]
    return max((path.stat().st_mtime for path in files), default=0.0)
