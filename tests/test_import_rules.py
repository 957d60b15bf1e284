"""Who may import whom: the flow goes one way, and only its edges know Dagster."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from control_tower.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "control_tower"

FLOW = (
    "raw",
    "marts",
    "process_mining",
    "forecasting",
    "alerts",
    "recommendations",
    "publishing",
)
"""Rooms in the order of the flow; a room reads only what lies left of it."""

EDGES = {
    "automation.py",
    "definitions.py",
    "monitoring/run_facts.py",
    "pipeline.py",
    "progress.py",
    "resources.py",
    "room.py",
    "run_records.py",
    # How dbt's nodes appear in the graph, and where dagster-dbt finds them.
    "marts/project.py",
    "marts/translator.py",
}

PURE_OF = ("dagster", "dagster_dbt", "dagster_duckdb", "dagster_shared")


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    yield from _imports_in(ast.parse(path.read_text(encoding="utf-8")))


def _imports_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_only_edges_import_dagster(path: Path) -> None:
    """Assets, checks and the wiring know Dagster; what they call does not."""
    if path.name in ("assets.py", "checks.py") or _name(path) in EDGES:
        return
    assert not [name for name in _imports(path) if name.split(".")[0] in PURE_OF]


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_rooms_read_only_what_lies_left_of_them(path: Path) -> None:
    """Data moves left to right and never back."""
    room = path.relative_to(PACKAGE).parts[0]
    if room not in FLOW:
        return
    rightwards = FLOW[FLOW.index(room) + 1 :]
    for name in _imports(path):
        parts = name.split(".")
        assert not (parts[0] == "control_tower" and len(parts) > 1 and parts[1] in rightwards), name


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_rooms_do_not_read_settings(path: Path) -> None:
    """Settings are handed to functions by the assets; only the dbt project's place is looked up."""
    room = path.relative_to(PACKAGE).parts[0]
    is_edge = path.name in ("assets.py", "checks.py") or _name(path) in EDGES
    if room in FLOW and not is_edge:
        assert "control_tower.settings" not in set(_imports(path))


def test_nothing_imports_the_dashboard() -> None:
    """The graph does not know its readers; the command that serves them imports them when run."""
    for path in _modules():
        imported = _imports_when_imported(path) if _name(path) == "cli.py" else _imports(path)
        assert not [
            name for name in imported if name.split(".")[0] in ("control_tower_dash", "dash")
        ]


def _imports_when_imported(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            yield from _imports_in(node)


DASHBOARD = PROJECT_ROOT / "control_tower_dash"

WITHOUT_DASH = {
    "filters.py",
    "metrics.py",
    "elements.py",
    "formats.py",
    "theme.py",
    "settings.py",
    "warehouse.py",
    "exports.py",
    "queries",
    "figures",
    "serving",
}
"""Parts of the dashboard that are tested, and could be used, without Dash."""


def _dashboard_modules() -> list[Path]:
    return sorted(DASHBOARD.rglob("*.py"))


def _packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in _imports(path) if not _is_for_types(path, name)}


def _is_for_types(path: Path, name: str) -> bool:
    """Return whether a module is named for type checkers only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return name in set(_imports_in(ast.Module(node.body, [])))
    return False


@pytest.mark.parametrize("path", _dashboard_modules(), ids=lambda path: path.stem)
def test_the_dashboards_parts_keep_to_themselves(path: Path) -> None:
    """Queries and figures know no Dash, one module knows DuckDB, and none knows Dagster."""
    packages = _packages(path)
    part = path.relative_to(DASHBOARD).parts[0]
    assert not packages & set(PURE_OF)
    if part != "warehouse.py":
        assert "duckdb" not in packages
    if part in WITHOUT_DASH:
        assert not packages & {"dash", "dash_ag_grid", "dash_mantine_components"}
    if part != "serving":
        assert not packages & {"gunicorn", "authlib", "joserfc", "requests"}
    assert not packages & {"pandas", "statsforecast"}
