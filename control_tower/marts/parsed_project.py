"""The dbt project as dbt reads it, kept for every state of its files and shared by all desks.

Reading takes dbt seconds, and it would read anew for every data directory, whose name stands in its
profile. So the project is read with a stand-in for the name, which is put in where it is used.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from dbt.contracts.graph.manifest import Manifest
from filelock import FileLock

from control_tower.marts.dbt_build import parse

__all__ = ["ParsedProject", "parsed_project"]

_FOLDERS: Final = ("models", "macros", "seeds", "tests")
_PACKAGES: Final = ("dbt-core", "dbt-duckdb")
_DATA_DIR: Final = "CONTROL_TOWER_DATA_DIR"
_STAND_IN: Final = "/where-the-data-of-this-control-tower-lies"
_FILES: Final = ("manifest.json", "partial_parse.msgpack")
_SEAL: Final = "checksums.json"
_KEPT: Final = 5


@dataclass(frozen=True)
class ParsedProject:
    """A folder with what dbt read."""

    folder: Path

    def manifest_text(self, data_dir: Path) -> str:
        """Return the manifest of a data directory, as JSON."""
        text = (self.folder / _FILES[0]).read_text(encoding="utf-8")
        return text.replace(_STAND_IN, json.dumps(str(data_dir))[1:-1])

    def manifest(self, data_dir: Path) -> Manifest:
        """Return the manifest of a data directory, as dbt's commands take it."""
        manifest = Manifest.from_msgpack((self.folder / _FILES[1]).read_bytes())
        for source in manifest.sources.values():
            if source.relation_name:
                source.relation_name = source.relation_name.replace(_STAND_IN, str(data_dir))
            for meta in (source.meta, source.source_meta, source.config.meta):
                for name, value in meta.items():
                    if isinstance(value, str):
                        meta[name] = value.replace(_STAND_IN, str(data_dir))
        return manifest


def parsed_project(project_dir: Path, spare: Path) -> ParsedProject:
    """Return the project as it is now; dbt reads it if it did not before.

    What was read is kept in the project's folder `target`; where that cannot be written, below
    `spare`.

    Raises:
        control_tower.marts.dbt_build.DbtProjectError: If dbt cannot parse the project.
        OSError: If neither folder can be written.
    """
    state = _state(project_dir)
    roots = (project_dir / "target" / "parsed", spare / "parsed")
    for root in roots:
        if _is_whole(root / state):
            return ParsedProject(root / state)
    try:
        return _read_into(roots[0], project_dir, state)
    except OSError:
        return _read_into(roots[1], project_dir, state)


def _read_into(root: Path, project_dir: Path, state: str) -> ParsedProject:
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / "parse.lock"):
        if not _is_whole(root / state):
            partial = root / "partial"
            _remove(partial, root / state)
            with _named(_STAND_IN):
                parse(project_dir, partial)
            seal = {name: _checksum(partial / name) for name in _FILES}
            (partial / _SEAL).write_text(json.dumps(seal), encoding="utf-8")
            partial.replace(root / state)
            _remove(*_oldest(root)[:-_KEPT])
    return ParsedProject(root / state)


def _state(project_dir: Path) -> str:
    """Return what tells states of the project apart: its place, its files, and who reads them."""
    digest = hashlib.sha256(str(project_dir).encode())
    for package in _PACKAGES:
        digest.update(f"{package}=={version(package)}\n".encode())
    files = [*project_dir.glob("*.yml")]
    for name in _FOLDERS:
        files += [path for path in (project_dir / name).rglob("*") if path.is_file()]
    for path in sorted(files):
        digest.update(f"{path.relative_to(project_dir)}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:24]


def _is_whole(folder: Path) -> bool:
    try:
        seal = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        return all(seal[name] == _checksum(folder / name) for name in _FILES)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _oldest(root: Path) -> Sequence[Path]:
    folders = [path for path in root.iterdir() if path.is_dir()]
    return sorted(folders, key=lambda folder: folder.stat().st_mtime)


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _named(data_dir: str) -> Iterator[None]:
    before = os.environ.get(_DATA_DIR)
    os.environ[_DATA_DIR] = data_dir
    try:
        yield
    finally:
        if before is None:
            del os.environ[_DATA_DIR]
        else:
            os.environ[_DATA_DIR] = before
