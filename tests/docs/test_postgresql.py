"""Dagster's records in PostgreSQL, as the guide to deploying sets it up."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from control_tower.publishing.link import link_path
from control_tower.settings import PROJECT_ROOT

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
"""Where Debian puts PostgreSQL's own programs."""
SECONDS = 600

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed"),
    pytest.mark.skipif(
        importlib.util.find_spec("dagster_postgres") is None,
        reason="the extra 'postgres' is not installed",
    ),
]


def _as_its_user(*command: str) -> None:
    """Run one of PostgreSQL's programs, which refuse to be root."""
    is_root = os.geteuid() == 0
    switch = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if is_root else []
    subprocess.run(
        [*switch, f"{PROGRAMS[-1]}/{command[0]}", *command[1:]],
        check=True,
        timeout=SECONDS,
        cwd="/",
        stdout=subprocess.DEVNULL,
    )


@pytest.fixture
def database() -> Iterator[str]:
    """Return the address of an empty database in a cluster that lives as long as the test."""
    # Below /tmp, since pytest's own folders are closed to PostgreSQL's user, and the path of a
    # socket is short.
    root = Path(f"/tmp/control-tower-postgresql-{os.getpid()}")  # noqa: S108
    root.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(root, "postgres", "postgres")
    cluster = str(root / "cluster")
    try:
        _as_its_user("initdb", "-D", cluster, "-A", "trust", "-U", "postgres")
        listening = f"-c listen_addresses='' -k {root}"
        _as_its_user("pg_ctl", "-D", cluster, "-o", listening, "-l", f"{root}/log", "-w", "start")
        try:
            _as_its_user("createdb", "-h", str(root), "-U", "postgres", "dagster")
            yield f"postgresql+psycopg2://postgres@/dagster?host={root}"
        finally:
            _as_its_user("pg_ctl", "-D", cluster, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(root)


def test_a_run_publishes_and_is_on_record(database: str, tmp_path: Path) -> None:
    from sqlalchemy import create_engine, text

    data = tmp_path / "data"
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(PROJECT_ROOT / "deploy" / "postgresql"),
        "CONTROL_TOWER_DAGSTER_DATABASE": database,
        "CONTROL_TOWER_DATA_DIR": str(data),
    }
    command = [sys.executable, "-m", "control_tower", "run", "--tickets", "1000", "--quiet"]
    subprocess.run(command, check=True, env=environment, cwd=PROJECT_ROOT, timeout=SECONDS)

    assert link_path(data).exists()
    with create_engine(database).connect() as connection:
        assert connection.execute(text("select status from runs")).all() == [("SUCCESS",)]
    assert not [*data.rglob("runs.db")]
