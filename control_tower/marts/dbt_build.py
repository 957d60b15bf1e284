"""dbt in this process: parse the project, build and test its nodes, say how each one went.

A process of its own would import dbt a second time, which costs more seconds than the queries.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

__all__ = ["DbtBuild", "DbtProjectError", "NodeResult", "build", "parse"]

OnBuilt = Callable[[str, str, float], None]
"""Told schema, table and seconds as each model or seed is built."""

_PROGRESS_EVENTS = ("LogModelResult", "LogSeedResult")


class DbtProjectError(ValueError):
    """dbt cannot read the project."""


@dataclass(frozen=True)
class NodeResult:
    """How one node went.

    Attributes:
        unique_id: The node's key in the manifest.
        name: The node's name.
        status: success, pass, warn, fail, error, skipped or no-op, as dbt reports it.
        message: What dbt said of it, on one line.
        failures: Rows a test found.
        seconds: Time it took.
        sql: The statement as it was run; empty for seeds.
    """

    unique_id: str
    name: str
    status: str
    message: str
    failures: int
    seconds: float
    sql: str

    @property
    def is_test(self) -> bool:
        """Whether the node is a test of data."""
        return self.unique_id.startswith("test.")

    @property
    def is_bad(self) -> bool:
        """Whether it failed, or could not be run."""
        return self.status in ("fail", "error")

    @property
    def has_warned(self) -> bool:
        """Whether it found rows that do not stand in the way."""
        return self.status == "warn"


@dataclass(frozen=True)
class DbtBuild:
    """How a build went: its nodes in the order they ended, and what kept it from running at all."""

    results: Sequence[NodeResult]
    error: str | None


def parse(project_dir: Path, target_path: Path) -> None:
    """Read the project and write its manifest to the target folder.

    Raises:
        DbtProjectError: If dbt cannot read the project.
    """
    outcome = _invoke(dbtRunner(), ["parse"], project_dir, target_path)
    if not outcome.success:
        raise DbtProjectError(f"dbt cannot read {project_dir}: {_one_line(outcome.exception)}")


def build(
    project_dir: Path,
    target_path: Path,
    *,
    manifest: Manifest | None = None,
    names: Collection[str] | None = None,
    touched_only: bool = False,
    on_built: OnBuilt | None = None,
) -> DbtBuild:
    """Build and test nodes of the project; the database is let go of afterwards.

    The models' unit tests are left out: they guard the code, not the data.

    Args:
        project_dir: The dbt project.
        target_path: Where dbt keeps what it writes.
        manifest: The project as parsed before; it is parsed anew if None.
        names: Names of the models, seeds and tests to run; all of them if None.
        touched_only: Whether models that can be added to take up only the tickets of
            `changes.touched_tickets`; they are built whole otherwise.
        on_built: Told of every model and seed as it is built.

    Returns:
        How it went; failing nodes do not raise.
    """
    arguments = ["build", "--exclude-resource-type", "unit_test", "--no-write-json"]
    if names is not None:
        arguments += ["--indirect-selection", "empty", "--select", *sorted(names)]
    # Whole or in part, never as dbt would choose by itself.
    arguments += ["--vars", "{touched_only: true}"] if touched_only else ["--full-refresh"]
    lock = Lock()

    def tell(message: Any) -> None:
        if on_built and message.info.name in _PROGRESS_EVENTS:
            relation = message.data.node_info.node_relation
            with lock:
                on_built(relation.schema, relation.alias, float(message.data.execution_time))

    try:
        outcome = _invoke(
            dbtRunner(manifest, callbacks=[tell]), arguments, project_dir, target_path
        )
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    results = [_node_result(result) for result in getattr(outcome.result, "results", [])]
    error = _one_line(outcome.exception) if outcome.exception else None
    return DbtBuild(results, error)


def _invoke(
    runner: dbtRunner, arguments: Sequence[str], project_dir: Path, target_path: Path
) -> dbtRunnerResult:
    outcome = runner.invoke(
        [
            "--quiet",
            "--no-send-anonymous-usage-stats",
            "--no-version-check",
            "--log-level-file",
            "info",
            "--log-path",
            str(target_path),
            *arguments,
            "--project-dir",
            str(project_dir),
            "--profiles-dir",
            str(project_dir),
            "--target-path",
            str(target_path),
        ]
    )
    # dbt hands an interrupt back like any other ending, at times as what went wrong because of it.
    # Ctrl-C is one, and what Dagster makes of SIGTERM; neither is an Exception, nor has words.
    cause = outcome.exception
    while cause is not None:
        if not isinstance(cause, Exception | SystemExit):
            raise type(cause)
        cause = cause.__cause__ or cause.__context__
    return outcome


def _node_result(result: Any) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        status=str(result.status),
        message=" ".join((result.message or "").split()),
        failures=int(result.failures or 0),
        seconds=float(result.execution_time),
        sql=getattr(result.node, "compiled_code", None) or "",
    )


def _one_line(exception: BaseException | None) -> str:
    if exception is None:
        return "no reason given"
    return " ".join(str(exception).split()) or type(exception).__name__
