"""Run the daily job in this process, show how it goes, and say what came out of it."""

from pathlib import Path

from dagster import DagsterInstance, DagsterRunStatus
from dagster._core.utils import make_new_run_id
from rich.console import Console

from control_tower.findings import Findings, find
from control_tower.presentation import readable_hours, readable_share, readable_time
from control_tower.progress import RunProgress, output_kept_aside
from control_tower.publishing.snapshot import link_path
from control_tower.settings import Settings
from control_tower.warehouse import connect

__all__ = ["run_pipeline"]


def run_pipeline(settings: Settings, *, quiet: bool) -> int:
    """Run everything and return the exit code: 0 if a snapshot was published, else 1.

    What libraries print goes to `build/last_run.log` below the data directory.

    Raises:
        KeyboardInterrupt: If the run was interrupted.
    """
    log = settings.data_dir / "build" / "last_run.log"
    with output_kept_aside(log) as console:
        with RunProgress(console, quiet=quiet) as progress:
            succeeded = _execute(progress)
        if not succeeded:
            _say_why(progress, console, log)
            return 1
        if not quiet:
            snapshot = link_path(settings.data_dir).resolve()
            with connect(snapshot, read_only=True) as connection:
                _say_what_was_found(find(connection), settings, console)
    return 0


def _execute(progress: RunProgress) -> bool:
    # Loading the graph takes seconds, so it happens where progress can be shown.
    from control_tower.automation import DAILY_JOB  # noqa: PLC0415
    from control_tower.definitions import defs  # noqa: PLC0415

    job = defs.resolve_job_def(DAILY_JOB)
    run_id = make_new_run_id()
    with DagsterInstance.get() as instance:
        instance.add_event_listener(run_id, progress.handle)
        result = job.execute_in_process(instance=instance, run_id=run_id, raise_on_error=False)
        run = instance.get_run_by_id(run_id)
        if run and run.status in (DagsterRunStatus.CANCELED, DagsterRunStatus.CANCELING):
            raise KeyboardInterrupt
    return bool(result.success)


def _say_why(progress: RunProgress, console: Console, log: Path) -> None:
    for reason in dict.fromkeys(progress.reasons):
        console.print(f"[red]✗[/] {reason}")
    console.print(f"The run failed; the published snapshot is as it was. Everything said: {log}")


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
        "cycle time": f"median {readable_hours(findings.median_cycle_hours)}, "
        f"one in ten above {readable_hours(findings.p90_cycle_hours)}",
        "checks": f"{findings.checks_passed} passed, {findings.checks_warned} warned",
        "snapshot": str(link_path(settings.data_dir)),
    }
    console.print()
    for name, text in lines.items():
        console.print(f"  [bold]{name:<11}[/] {text}")
    console.print(
        "\nNext: [bold]make dagster[/] opens the asset graph; the snapshot opens with "
        f"[bold]duckdb -readonly {link_path(settings.data_dir)}[/]"
    )
