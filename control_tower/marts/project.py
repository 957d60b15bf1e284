"""The dbt project: where it lies, and its manifest for a data directory."""

from pathlib import Path

from dagster_dbt import DbtProject

from control_tower.disk import write_whole
from control_tower.marts.parsed_project import ParsedProject, parsed_project
from control_tower.settings import PROJECT_ROOT

__all__ = ["dbt_project", "parsed"]

_PROJECT = PROJECT_ROOT / "control_tower_dbt"


def dbt_project(data_dir: Path) -> DbtProject:
    """Return the dbt project with a manifest that is up to date.

    What dbt writes goes below the data directory, so that the project itself may be read-only.

    Raises:
        control_tower.marts.dbt_build.DbtProjectError: If dbt cannot parse the project.
        OSError: If the data directory cannot be written.
    """
    target = _target(data_dir)
    target.mkdir(parents=True, exist_ok=True)
    project = DbtProject(project_dir=_PROJECT, profiles_dir=_PROJECT, target_path=target)
    _write(project.manifest_path, parsed(data_dir).manifest_text(data_dir))
    return project


def parsed(data_dir: Path) -> ParsedProject:
    """Return the project as dbt reads it; raises what `dbt_project` raises."""
    return parsed_project(_PROJECT, _target(data_dir))


def _target(data_dir: Path) -> Path:
    return data_dir / "build" / "dbt"


def _write(path: Path, text: str) -> None:
    """Write a file, unless it says so already."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return
    except (OSError, ValueError):
        pass  # missing or damaged: it is written anew
    write_whole(path, text.encode())
