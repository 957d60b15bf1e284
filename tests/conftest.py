"""What several tests need: a small landing made by hand, and the folder of real logs."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from control_tower.raw.contract import polars_schema
from control_tower.raw.landing import Landing

_DATA_DIR = "CONTROL_TOWER_DATA_DIR"


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests out of the project's own data: all of them use a directory made for them."""
    if not hasattr(config, "workerinput"):
        os.environ[_DATA_DIR] = tempfile.mkdtemp(prefix="control-tower-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take that directory away."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[_DATA_DIR], ignore_errors=True)


AS_OF = datetime(2026, 3, 10, tzinfo=UTC)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a moment in March 2026, UTC."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def frame(table: str, *rows: Mapping[str, object]) -> pl.DataFrame:
    """Return rows of a contract table; columns not given are null."""
    schema = polars_schema(table)
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def small_tables() -> dict[str, pl.DataFrame]:
    """Return two tickets, one closed and one open, in tables that keep the contract."""
    ticket = {"ticket_type": "question", "priority": "high", "group_name": "Tier 1 Support"}
    event = {"priority": "high", "group_name": "Tier 1 Support", "is_public": False}
    return {
        "agents": frame("agents", {"agent_id": 1, "agent_name": "Ada"}),
        "tickets": frame(
            "tickets",
            {
                **ticket,
                "ticket_id": 1,
                "created_at": at(2, 9),
                "assignee_id": 1,
                "status": "closed",
                "solved_at": at(2, 12),
                "closed_at": at(6, 12),
                "is_deleted": False,
            },
            {
                **ticket,
                "ticket_id": 2,
                "created_at": at(9, 9),
                "status": "new",
                "is_deleted": False,
            },
        ),
        "ticket_events": frame(
            "ticket_events",
            *(
                {
                    **event,
                    "event_id": number,
                    "ticket_id": ticket_id,
                    "occurred_at": moment,
                    "activity": activity,
                    "status": status,
                    "actor": actor,
                }
                for number, (ticket_id, moment, activity, status, actor) in enumerate(
                    [
                        (1, at(2, 9), "created", "new", "customer"),
                        (1, at(2, 10), "assigned", "open", "system"),
                        (1, at(2, 12), "solved", "solved", "agent"),
                        (1, at(6, 12), "closed", "closed", "system"),
                        (2, at(9, 9), "created", "new", "customer"),
                    ],
                    start=1,
                )
            ),
        ),
        "schedules": frame(
            "schedules",
            *(
                {
                    "schedule_id": 1,
                    "schedule_name": "Office",
                    "time_zone": "Europe/Berlin",
                    "weekday": weekday,
                    "opens": 540,
                    "closes": 1020,
                    "is_default": True,
                }
                for weekday in range(5)
            ),
        ),
    }


@pytest.fixture
def small_landing() -> Landing:
    """A landing of two tickets."""
    return Landing(
        source="event_log",
        described_as="two tickets",
        fingerprint="two tickets",
        as_of=AS_OF,
        tables=small_tables(),
    )


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is the same for every worker, for what is made once and only read."""
    root = tmp_path_factory.getbasetemp()
    return root.parent if "PYTEST_XDIST_WORKER" in os.environ else root


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real service-desk logs; tests that need it skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real service-desk logs are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def published_once(shared_dir: Path) -> Path:
    """A data directory after an ordinary run that spoke JSON; every test worker uses the same one.

    What the run printed lies beside it, by `printed_by_run`.
    """
    # Only tests of real runs need Dagster, which takes seconds to import.
    from tests.bad_input.tower import command

    folder = shared_dir / "published-once"
    with FileLock(shared_dir / "published-once.lock"):
        if not (folder / "ops.duckdb").exists():
            outcome = subprocess.run(
                command(folder),
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "CONTROL_TOWER_LOG_FORMAT": "json"},
            )
            assert outcome.returncode == 0, outcome.stdout + outcome.stderr
            for name in ("stdout", "stderr"):
                printed_by_run(folder, name).write_text(getattr(outcome, name), encoding="utf-8")
    return folder


def printed_by_run(published_once: Path, stream: str) -> Path:
    """Return the file of what the run of `published_once` printed on `stdout` or `stderr`."""
    return published_once.with_suffix(f".{stream}")


@pytest.fixture
def data_dir(published_once: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own, with a published snapshot."""
    return Path(shutil.copytree(published_once, tmp_path / "data", symlinks=True))
