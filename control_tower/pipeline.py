"""Run the daily job in this process, show how it goes, and say what came out of it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from traceback import print_exc

from dagster import DagsterInstance, DagsterRunStatus
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import DBAPIError

from control_tower.failed_runs import FailedRun, record_failed_run
from control_tower.findings import Findings, find
from control_tower.presentation import readable_hours, readable_share, readable_time, readable_usd
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
        with RunProgress(console, quiet=quiet) as progress:
            succeeded = _execute(progress, run_id, settings.data_dir)
        if not succeeded:
            reasons = list(dict.fromkeys(progress.reasons))
            _say_why(reasons, settings, run_id, errors, log)
            _put_on_record(run_id, reasons, settings)
            return 1
        if not quiet:
            snapshot = link_path(settings.data_dir).resolve()
            with connect(snapshot, read_only=True) as connection:
                _say_what_was_found(find(connection), settings, console)
    return 0


def _execute(progress: RunProgress, run_id: str, data_dir: Path) -> bool:
    # Loading the graph takes seconds, so it happens where progress can be shown.
    from control_tower.automation import DAILY_JOB  # noqa: PLC0415
    from control_tower.marts.dbt_build import DbtProjectError  # noqa: PLC0415

    try:
        from control_tower.definitions import defs  # noqa: PLC0415

        job = defs.resolve_job_def(DAILY_JOB)
        with DagsterInstance.get() as instance:
            instance.add_event_listener(run_id, progress.handle)
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


def record_interruption(run_id: str) -> None:
    """Let Dagster know that a run will not go on, so that it does not show as running for ever."""
    with DagsterInstance.get() as instance:
        run = instance.get_run_by_id(run_id)
        if run and not run.is_finished:
            instance.report_run_canceled(run, message="interrupted from the keyboard")


def _say_why(
    reasons: Sequence[str], settings: Settings, run_id: str, console: Console, log: Path
) -> None:
    for reason in reasons:
        console.print(f"[red]✗[/] {escape(reason)}")
    if is_published_by(settings.data_dir, run_id):
        kept = "its snapshot was published before that"
    elif link_path(settings.data_dir).exists():
        kept = "the published snapshot is as it was"
    else:
        kept = "nothing was published"
    console.print(f"The run failed; {kept}. Everything said: {log}")


def _put_on_record(run_id: str, reasons: Sequence[str], settings: Settings) -> None:
    failed = FailedRun(
        failed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        run_id=run_id,
        job="ops_daily_pipeline",
        step="",
        reason="; ".join(reasons) or "no reason given",
    )
    # A full disk is often why the run failed, and must not hide it.
    with suppress(OSError):
        record_failed_run(settings.data_dir, failed)


def _say_what_was_found(findings: Findings, settings: Settings, console: Console) -> None:
    worst = findings.worst_cell
    lines = {
        "tickets": f"{findings.tickets:,} with {findings.events:,} events, "
        f"{findings.open_tickets:,} open ({findings.described_as})",
        "as of": readable_time(findings.as_of),
        "SLA": "no targets in this source"
        if findings.sla_attainment is None
        else f"{readable_share(findings.sla_attainment)} of decided targets within SLA"
        + (f"; worst: {worst.name}, {readable_share(worst.attainment)}" if worst else ""),
        "breaches": "no targets in this source"
        if findings.share_without_breach is None
        else f"{readable_share(1 - findings.share_without_breach)} of tickets missed a target",
        "cycle time": f"median {readable_hours(findings.median_cycle_hours)}, "
        f"one in ten above {readable_hours(findings.p90_cycle_hours)}",
        "to do": "nothing: no figure calls for action beyond chance",
        "checks": f"{findings.checks_passed} passed, {findings.checks_warned} warned",
        "snapshot": str(link_path(settings.data_dir)),
    }
    if findings.top_actions:
        # The lines that follow the first line up below it.
        lines["to do"] = f"\n  {'':<11} ".join(
            f"{rank}. {action.title} (worth {readable_usd(action.worth_usd)} a month)"
            for rank, action in enumerate(findings.top_actions, start=1)
        )
    touched = read_landed(settings.data_dir, "repairs")
    if touched.height:
        lines["repairs"] = f"{touched.height} rules touched the source's rows:"
    console.print()
    for name, text in lines.items():
        console.print(f"  [bold]{name:<11}[/] {escape(text)}")
    for rule in touched.iter_rows(named=True):
        what = f"{rule['rule']} ({rule['treatment']}, {rule['rows']:,})"
        console.print(f"  {'':<11} [dim]{what}: {escape(rule['explanation'])}[/]")
    console.print(
        "\nNext: [bold]make app[/] serves the dashboard; [bold]make brief[/] writes the Monday "
        "briefing; [bold]make dagster[/] opens the asset graph; the snapshot opens with "
        f"[bold]duckdb -readonly {link_path(settings.data_dir)}[/]"
    )
