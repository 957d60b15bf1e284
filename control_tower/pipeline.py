"""Run the daily job in this process, show how it goes, and say what came out of it."""

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from traceback import print_exc
from typing import TextIO, cast

from dagster import DagsterInstance, DagsterRunStatus, EventLogEntry
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from control_tower.displays import Display, JsonDisplay, TextDisplay
from control_tower.failed_runs import FailedRun, record_failed_run
from control_tower.findings import find
from control_tower.jobs import DAILY_JOB
from control_tower.log_lines import json_logger
from control_tower.monitoring.metrics import LastRun
from control_tower.monitoring.metrics_file import metrics_path, write_metrics
from control_tower.monitoring.run_facts import RunFacts
from control_tower.progress import RunProgress, output_kept_aside
from control_tower.publishing.link import is_published_by, link_path
from control_tower.raw.landing import read_landed
from control_tower.settings import Settings
from control_tower.warehouse import connect

__all__ = ["record_interruption", "run_pipeline"]


def run_pipeline(settings: Settings, *, run_id: str, quiet: bool) -> int:
    """Run everything and return the exit code: 0 if a snapshot was published, else 1.

    What libraries print goes to `build/last_run.log` below the data directory.

    Raises:
        KeyboardInterrupt: If the run was interrupted.
    """
    log = settings.data_dir / "build" / "last_run.log"
    with output_kept_aside(log) as (console, errors):
        display = _display(settings, console, errors, run_id=run_id, quiet=quiet)
        progress, facts = RunProgress(display), RunFacts()
        started_at = time.time()
        with display:
            succeeded = _execute(progress, facts, run_id, settings.data_dir)
        ended_at = time.time()
        reasons = list(dict.fromkeys(progress.reasons))
        if not succeeded:
            _put_on_record(run_id, reasons, settings)
        _write_metrics(
            facts.last_run(succeeded=succeeded, started_at=started_at, ended_at=ended_at),
            settings,
            display,
        )
        if not succeeded:
            display.run_failed(reasons, _kept(settings, run_id), log)
            return 1
        if not quiet:
            link = link_path(settings.data_dir)
            with connect(link.resolve(), read_only=True) as connection:
                found = find(connection)
            display.run_succeeded(found, read_landed(settings.data_dir, "repairs"), link)
    return 0


def _display(
    settings: Settings, console: Console, errors: Console, *, run_id: str, quiet: bool
) -> Display:
    if settings.log_format == "json":
        return JsonDisplay(
            json_logger(cast(TextIO, errors.file), errors_only=quiet).bind(run_id=run_id)
        )
    return TextDisplay(console, errors, quiet=quiet)


def _execute(progress: RunProgress, facts: RunFacts, run_id: str, data_dir: Path) -> bool:
    def handle(entry: EventLogEntry) -> None:
        progress.handle(entry)
        facts.handle(entry)

    # Loading the graph takes seconds, so it happens where progress can be shown.
    from control_tower.marts.dbt_build import DbtProjectError  # noqa: PLC0415

    try:
        from control_tower.definitions import defs  # noqa: PLC0415

        job = defs.resolve_job_def(DAILY_JOB)
        with DagsterInstance.get() as instance:
            instance.add_event_listener(run_id, handle)
            result = job.execute_in_process(instance=instance, run_id=run_id, raise_on_error=False)
            run = instance.get_run_by_id(run_id)
            if run and run.status in (DagsterRunStatus.CANCELED, DagsterRunStatus.CANCELING):
                raise KeyboardInterrupt
    except DbtProjectError as error:
        progress.reasons.append(str(error))
        return False
    except (OSError, DBAPIError) as error:
        # Dagster's own records lie below the data directory too, and it does not catch this.
        with suppress(OSError):
            print_exc()
        first_line = str(error).splitlines()[0]
        progress.reasons.append(
            f"the run's records below {data_dir} could not be read or written ({first_line}); "
            "free some space or correct the permissions"
        )
        return False
    return bool(result.success)


def _write_metrics(run: LastRun, settings: Settings, display: Display) -> None:
    try:
        write_metrics(settings.data_dir, run)
    except OSError as error:
        display.warned(
            f"the run's metrics could not be written to {metrics_path(settings.data_dir)} "
            f"({error.strerror or error}); free some space or correct the permissions"
        )


def record_interruption(run_id: str) -> None:
    """Let Dagster know that a run will not go on, so that it does not show as running for ever."""
    with DagsterInstance.get() as instance:
        run = instance.get_run_by_id(run_id)
        if run and not run.is_finished:
            instance.report_run_canceled(run, message="interrupted from the keyboard")


def _kept(settings: Settings, run_id: str) -> str:
    if is_published_by(settings.data_dir, run_id):
        return "its snapshot was published before that"
    if link_path(settings.data_dir).exists():
        return "the published snapshot is as it was"
    return "nothing was published"


def _put_on_record(run_id: str, reasons: Sequence[str], settings: Settings) -> None:
    failed = FailedRun(
        failed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        run_id=run_id,
        job=DAILY_JOB,
        step="",
        reason="; ".join(reasons) or "no reason given",
    )
    # A full disk is often why the run failed, and must not hide it.
    with suppress(OSError):
        record_failed_run(settings.data_dir, failed)
