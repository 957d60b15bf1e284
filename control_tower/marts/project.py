"""The dbt project: where it lies, and its manifest, made anew when a file of it is newer."""

import json
from pathlib import Path

from dagster_dbt import DbtProject
from filelock import FileLock

from control_tower.marts.dbt_build import parse
from control_tower.settings import PROJECT_ROOT

__all__ = ["dbt_project"]

_FOLDERS = ("models", "macros", "seeds", "tests")


def dbt_project(data_dir: Path) -> DbtProject:
    """Return the dbt project with a manifest that is up to date.

    What dbt writes goes below the data directory, so that the project itself may be read-only.

    Raises:
        control_tower.marts.dbt_build.DbtProjectError: If dbt cannot parse the project.
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
        if not _is_whole(manifest) or manifest.stat().st_mtime < _newest_change(
            project.project_dir
        ):
            parse(project.project_dir, target)
    return project


def _is_whole(manifest: Path) -> bool:
    """Return whether the manifest can be used; dbt writes it in place, and may have been killed."""
    try:
        return "nodes" in json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _newest_change(folder: Path) -> float:
    files = [*folder.glob("*.yml")]
    for name in _FOLDERS:
        files += [path for path in (folder / name).rglob("*") if path.is_file()]
    return max((path.stat().st_mtime for path in files), default=0.0)
