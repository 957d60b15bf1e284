"""Desks built once for all tests that look at them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pytest
from dbt.artifacts.schemas.run import RunExecutionResult, RunResult
from dbt.cli.main import dbtRunnerResult
from filelock import FileLock

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
def built_once(shared_dir: Path) -> Callable[[str, Desk], BuiltDesk]:
    """Build a desk under a name; processes that run tests side by side share what is built."""

    def built(name: str, desk: Desk) -> BuiltDesk:
        data_dir = shared_dir / f"desk-{name}"
        with FileLock(shared_dir / f"desk-{name}.lock"):
            # Written last: a desk whose building failed is built again.
            if not (data_dir / _WARNED).exists():
                land(data_dir, desk.as_of, **desk.tables)
                result = build(data_dir, "--exclude-resource-type", "unit_test")
                assert not failures(result)
                warned = [node.node.name for node in _nodes(result) if node.status == "warn"]
                (data_dir / _WARNED).write_text(json.dumps(warned), encoding="utf-8")
        return BuiltDesk(desk, data_dir)

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
