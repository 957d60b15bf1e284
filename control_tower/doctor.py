"""Looks at the machine and the data directory and says what is well and what is not."""

import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from control_tower.failed_runs import read_failed_runs
from control_tower.presentation import readable_time
from control_tower.publishing.link import link_path
from control_tower.raw.contract import RAW_TABLES
from control_tower.raw.landing import LandedFileError, landing_id_of
from control_tower.settings import Settings
from control_tower.warehouse import DatabaseBusyError, build_path, connect

__all__ = ["Finding", "diagnose"]

_FREE_BYTES_NEEDED = 1 << 30
_SUPPORTED = ((3, 11), (3, 14))


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what, whether it is well, and what to know or do about it."""

    subject: str
    is_well: bool
    says: str


def diagnose(settings: Settings, dagster_port: int = 3000) -> Iterator[Finding]:
    """Yield one finding per thing the tower depends on."""
    version = sys.version_info[:2]
    yield Finding(
        "Python",
        _SUPPORTED[0] <= version < _SUPPORTED[1],
        f"{version[0]}.{version[1]} (3.11 to 3.13 are supported)",
    )
    yield _disk(settings)
    yield _landed(settings)
    yield _build(settings)
    yield _snapshot(settings)
    yield _port(dagster_port)
    yield _failures(settings)


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("data directory", False, f"{folder}: {error.strerror or error}")
    return Finding(
        "data directory", free >= _FREE_BYTES_NEEDED, f"{folder}, {free / (1 << 30):.1f} GiB free"
    )


def _landed(settings: Settings) -> Finding:
    try:
        ids = {landing_id_of(settings.data_dir, table) for table in RAW_TABLES}
    except LandedFileError as error:
        return Finding("landed files", False, str(error))
    said = f"landing {ids.pop()}" if len(ids) == 1 else "of several landings; run the pipeline"
    return Finding("landed files", not ids, said)


def _build(settings: Settings) -> Finding:
    path = build_path(settings.data_dir)
    if not path.exists():
        return Finding("build database", False, "not there yet; control-tower run makes it")
    try:
        with connect(path, read_only=True) as connection:
            tables = connection.execute("select count(*) from duckdb_tables()").fetchall()[0][0]
    except DatabaseBusyError:
        return Finding("build database", True, "in use by a run")
    except duckdb.Error as error:
        first_line = str(error).splitlines()[0]
        return Finding("build database", False, f"{first_line}; the next run sets it aside")
    return Finding("build database", True, f"{tables} tables")


def _snapshot(settings: Settings) -> Finding:
    link = link_path(settings.data_dir)
    if not link.exists():
        return Finding("snapshot", False, "none published yet; control-tower run publishes one")
    try:
        with connect(link.resolve(), read_only=True) as connection:
            published_at = connection.execute("select published_at from meta.snapshot").fetchall()
    except duckdb.Error as error:
        return Finding("snapshot", False, str(error).splitlines()[0])
    moment = published_at[0][0].astimezone(UTC)
    hours = (datetime.now(UTC) - moment).total_seconds() / 3600
    return Finding("snapshot", True, f"published {readable_time(moment)}, {hours:.1f} h ago")


def _port(port: int) -> Finding:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    said = "in use, by Dagster or another program" if taken else "free"
    return Finding(f"port {port}", True, said)


def _failures(settings: Settings) -> Finding:
    runs = read_failed_runs(settings.data_dir)
    if not runs:
        return Finding("failed runs", True, "none on record")
    last = runs[-1]
    return Finding(
        "failed runs", True, f"{len(runs)} on record, last {last.failed_at}: {last.reason}"
    )
