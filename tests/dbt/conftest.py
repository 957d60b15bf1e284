"""Desks built once for all tests that look at them."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pytest
from dbt.artifacts.schemas.run import RunExecutionResult, RunResult
from dbt.cli.main import dbtRunnerResult
from filelock import FileLock

from control_tower.warehouse import build_path
from tests.dbt.applications import with_applications
from tests.dbt.desk import build, land, query
from tests.dbt.desk_figures import with_desk_figures
from tests.dbt.random_desk import Desk, random_desk
from tests.dbt.sla_oracle import DeskOracle

_TICKETS = 400
_WARNED = "warned.json"


@dataclass(frozen=True)
class BuiltDesk:
    """A desk, the folder its marts were built in, and what they ought to say."""

    desk: Desk
    data_dir: Path

    @cached_property
    def oracle(self) -> DeskOracle:
        """What can be said of the desk by going through it ticket by ticket."""
        return DeskOracle(self.desk)

    @cached_property
    def warned(self) -> set[str]:
        """Names of the data tests that warned when the marts were built."""
        return set(json.loads((self.data_dir / _WARNED).read_text(encoding="utf-8")))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the marts built from the desk."""
        return query(self.data_dir, sql)


def failures(result: dbtRunnerResult) -> list[str]:
    """Return what failed in a run of dbt, and why."""
    if result.exception is not None:
        return [str(result.exception)]
    return [
        f"{node.node.name}: {node.message}"
        for node in _nodes(result)
        if node.status in ("error", "fail", "skipped")
    ]


def _nodes(result: dbtRunnerResult) -> Sequence[RunResult]:
    return cast(RunExecutionResult, result.result).results


@pytest.fixture(scope="session")
def built_once(
    shared_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Desk], BuiltDesk]:
    """Build a desk under a name; processes that run tests side by side share what is built.

    Every desk is built in one folder and its warehouse then moved out: dbt reads its project
    anew, for seconds, whenever the folder changes. Views read what was landed last, so that tests
    look at tables only.
    """
    workshop = tmp_path_factory.mktemp("workshop")

    def built(name: str, desk: Desk) -> BuiltDesk:
        finished = build_path(shared_dir / f"desk-{name}")
        with FileLock(shared_dir / f"desk-{name}.lock"):
            if not finished.exists():
                land(workshop, desk.as_of, **desk.tables)
                result = build(workshop, "--exclude-resource-type", "unit_test")
                assert not failures(result)
                warned = [node.node.name for node in _nodes(result) if node.status == "warn"]
                finished.parent.mkdir(parents=True)
                (shared_dir / f"desk-{name}" / _WARNED).write_text(
                    json.dumps(warned), encoding="utf-8"
                )
                shutil.move(build_path(workshop), finished)
        return BuiltDesk(desk, shared_dir / f"desk-{name}")

    return built


@pytest.fixture(scope="session")
def policies_desk(built_once: Callable[[str, Desk], BuiltDesk]) -> BuiltDesk:
    """A random desk whose targets come from its policies."""
    return built_once("policies", with_desk_figures(random_desk(1, tickets=_TICKETS)))


@pytest.fixture(scope="session")
def applications_desk(built_once: Callable[[str, Desk], BuiltDesk]) -> BuiltDesk:
    """A random desk that says which targets it applied, and what came of some."""
    desk = with_applications(random_desk(2, tickets=_TICKETS), 3)
    return built_once("applications", with_desk_figures(desk))


@pytest.fixture(params=["policies_desk", "applications_desk"])
def random_built_desk(request: pytest.FixtureRequest) -> BuiltDesk:
    """Either of the random desks."""
    desk: BuiltDesk = request.getfixturevalue(request.param)
    return desk
