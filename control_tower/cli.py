"""The control-tower command: run the pipeline, open the graph, look after the data."""

import os
import socket
import sys
import traceback
from datetime import datetime, timedelta
from enum import StrEnum
from io import StringIO
from pathlib import Path
from string import whitespace
from types import TracebackType
from typing import Annotated, Never, TypeVar
from uuid import uuid4

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from typer.exceptions import TyperException

from control_tower.environment import (
    UnusableDataDirectoryError,
    prepare,
    write_environment_file,
)
from control_tower.interruptible import INTERRUPTED, run_interruptibly
from control_tower.publishing.link import is_published_by
from control_tower.settings import PROJECT_ROOT, LogSettings, Settings

__all__ = ["main"]

FAILED = 1
WRONG_USE = 2

_INTERRUPTED = "interrupted; the published snapshot is as it was"
_INTERRUPTED_LATE = "interrupted; a new snapshot had just been published"

_LOOPBACK = "127.0.0.1"
_SHORTEST_PASSWORD = 8

AnySettings = TypeVar("AnySettings", bound=Settings)

app = typer.Typer(
    name="control-tower",
    help="A control tower for support operations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class BriefingFormats(StrEnum):
    """Which files the briefing is written to."""

    MARKDOWN = "markdown"
    HTML = "html"
    BOTH = "both"


DataDir = Annotated[Path | None, typer.Option(help="Where tables, builds and snapshots are kept.")]


def main() -> None:
    """Run the command; any way it ends other than well is a sentence and an exit code."""
    sys.excepthook = _tell_unforeseen
    try:
        # Calling the app itself would put typer's own hook in place of this one.
        command = typer.main.get_command(app)
        if _speaks_json():
            # Wrong use, too, is one line then.
            sys.exit(command(standalone_mode=False))
        command()
    except TyperException as error:
        _give_up(error.format_message(), error.exit_code)
    except SystemExit as ending:
        # An interrupt before the work begins ends the command without a word.
        if ending.code == INTERRUPTED:
            _give_up(_INTERRUPTED, INTERRUPTED)
        raise
    except UnusableDataDirectoryError as error:
        _give_up(str(error), FAILED)


def _tell_unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say in one sentence what nobody foresaw, and keep the trace for whoever mends it."""
    log = Settings().data_dir / "build" / "last_run.log"
    first_line = next(iter(str(error).splitlines()), "no reason given")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.writelines(traceback.format_exception(kind, error, trace))
        kept = f"the full trace is at the end of {log}"
    except OSError as obstacle:
        kept = f"the full trace could not be written to {log} ({obstacle.strerror or obstacle})"
    _say(f"stopped by an error that was not foreseen, {kind.__name__}: {first_line}; {kept}")


def _say(sentence: str) -> None:
    if _speaks_json():
        sys.stderr.write(_json_line("command failed", sentence))
        return
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"[red]control-tower:[/] {escape(sentence)}"
    )


def _speaks_json() -> bool:
    try:
        return LogSettings().log_format == "json"
    except ValidationError:
        return False


def _json_line(event: str, sentence: str, **fields: str) -> str:
    from control_tower.log_lines import json_logger  # noqa: PLC0415 - most commands need it not

    line = StringIO()
    json_logger(line).error(event, message=sentence, **fields)
    return line.getvalue()


def _give_up(sentence: str, code: int) -> Never:
    _say(sentence)
    sys.exit(code)


def _settings(**flags: object) -> Settings:
    """Return the settings, flags before environment, the same for every process started later."""
    return _read_settings(Settings, **flags)


def _read_settings(kind: type[AnySettings], **flags: object) -> AnySettings:
    for name, value in flags.items():
        if value is not None:
            text = value.isoformat() if isinstance(value, datetime) else str(value)
            os.environ[f"CONTROL_TOWER_{name.upper()}"] = text
    try:
        return kind()
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            # What belongs to no one setting comes with all of them, secrets among them.
            _give_up(f"settings: {first['msg']}", WRONG_USE)
        name = "CONTROL_TOWER_" + str(first["loc"][0]).upper()
        # An address may hold a password.
        is_shown = first["type"] != "no_safe_url"
        value = f"{first['input']!r} is not usable: " if is_shown else ""
        _give_up(f"{name}: {value}{first['msg']}", WRONG_USE)


def _implied_source(event_log: Path | None, zendesk_files: Path | None) -> str | None:
    if event_log and zendesk_files:
        _give_up("give --event-log or --zendesk-files, or say which with --source", WRONG_USE)
    return "event_log" if event_log else "zendesk_files" if zendesk_files else None


@app.command()
def run(
    data_dir: DataDir = None,
    source: Annotated[
        str | None, typer.Option(help="simulator, event_log, zendesk or zendesk_files.")
    ] = None,
    tickets: Annotated[int | None, typer.Option(help="Tickets a year, simulator.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the simulator.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The tower's clock, ISO 8601, UTC.")] = None,
    simulator_configuration: Annotated[
        Path | None, typer.Option(help="YAML file with numbers of the simulated team.")
    ] = None,
    event_log: Annotated[
        Path | None, typer.Option(help="Event log: .csv, .parquet, .xes, .xes.gz.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="What the event log's columns mean.")] = None,
    zendesk_files: Annotated[
        Path | None, typer.Option(help="Folder of Zendesk tables, or of its JSON export.")
    ] = None,
    wait_minutes: Annotated[
        float | None, typer.Option(help="How long to wait for another run.")
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build all tickets, not only what changed.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Land the tickets, build and test the marts, publish the snapshot, say what was found."""
    settings = _settings(
        data_dir=data_dir,
        source=source or _implied_source(event_log, zendesk_files),
        tickets=tickets,
        seed=seed,
        as_of=as_of,
        simulator_configuration=simulator_configuration,
        event_log=event_log,
        event_log_mapping=mapping,
        zendesk_files=zendesk_files,
        wait_minutes=wait_minutes,
        full_refresh=full_refresh or None,
    )
    prepare(settings)
    run_id = str(uuid4())

    def work() -> int:
        from control_tower.pipeline import run_pipeline  # noqa: PLC0415 - seconds of imports

        return run_pipeline(settings, run_id=run_id, quiet=quiet)

    def tell_others() -> None:
        from control_tower.pipeline import record_interruption  # noqa: PLC0415

        record_interruption(run_id)

    def sentence() -> str:
        is_out = is_published_by(settings.data_dir, run_id)
        says = _INTERRUPTED_LATE if is_out else _INTERRUPTED
        if settings.log_format == "text":
            return f"control-tower: {says}"
        return _json_line("interrupted", says, run_id=run_id).rstrip()

    sys.exit(run_interruptibly(work, sentence=sentence, tell_others=tell_others))


@app.command("app")
def dashboard(
    data_dir: DataDir = None,
    host: Annotated[str | None, typer.Option(help="Address it listens on; 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port it listens on; 8050.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer requests; 2.")] = None,
) -> None:
    """Serve the dashboard of the published snapshot."""
    # The one place that knows the dashboard: nothing of it is imported by any other command.
    from control_tower_dash.serving.memory import keep_little_memory  # noqa: PLC0415

    keep_little_memory()
    from control_tower_dash.serving.server import (  # noqa: PLC0415
        CannotListenError,
        serve,
    )
    from control_tower_dash.serving.sign_in.basic import UsersError  # noqa: PLC0415
    from control_tower_dash.settings import DashboardSettings  # noqa: PLC0415

    settings = _read_settings(
        DashboardSettings, data_dir=data_dir, host=host, port=port, workers=workers
    )
    try:
        serve(settings)
    except (CannotListenError, UsersError) as error:
        _give_up(str(error), FAILED)


@app.command()
def hash_password(
    name: Annotated[str, typer.Argument(help="Name the reader signs in with.")],
) -> None:
    """Ask for a password and print the line that lets its reader sign in."""
    from werkzeug.security import generate_password_hash  # noqa: PLC0415 - only here

    if ":" in name or not name or set(name) & set(whitespace):
        _give_up("a name has neither colons nor spaces; choose another", WRONG_USE)
    password = typer.prompt(
        f"Password of {name}", hide_input=True, confirmation_prompt=True, err=True
    )
    if len(password) < _SHORTEST_PASSWORD:
        _give_up(
            f"a password has at least {_SHORTEST_PASSWORD} characters; choose a longer one",
            WRONG_USE,
        )
    typer.echo(f"{name}:{generate_password_hash(password)}")


@app.command()
def dagster(
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web interface.")] = 3000,
) -> None:
    """Open the asset graph: Dagster's web interface and daemon, on this machine only."""
    settings = _settings(data_dir=data_dir)
    prepare(settings)
    with socket.socket() as probe:
        if probe.connect_ex((_LOOPBACK, port)) == 0:
            _give_up(
                f"port {port} is in use; stop what uses it or choose another with --port", FAILED
            )
    # Of a .env where it starts, Dagster would take settings before flags and the environment;
    # so it starts elsewhere, and paths must no longer depend on where they were typed.
    for name, value in settings:
        if isinstance(value, Path):
            os.environ[f"CONTROL_TOWER_{name.upper()}"] = str(value)
    os.chdir(settings.data_dir)
    workspace = str(PROJECT_ROOT / "workspace.yaml")
    command = [sys.executable, "-m", "dagster", "dev", "-w", workspace]
    if settings.log_format == "json":
        command += ["--log-format", "json"]
    os.execv(sys.executable, [*command, "-h", _LOOPBACK, "-p", str(port)])  # noqa: S606


@app.command()
def doctor(data_dir: DataDir = None) -> None:
    """Look at the machine and the data and say what is well and what is not."""
    settings = _settings(data_dir=data_dir)
    prepare(settings)
    from control_tower.doctor import diagnose  # noqa: PLC0415 - only this command needs it

    console = Console(highlight=False, soft_wrap=True)
    ill = 0
    for finding in diagnose(settings):
        ill += not finding.is_well
        mark = "[green]✓[/]" if finding.is_well else "[red]✗[/]"
        console.print(f"{mark} {finding.subject:<16} {finding.says}")
    sys.exit(FAILED if ill else 0)


@app.command()
def watch(data_dir: DataDir = None) -> None:
    """Tell the alert channels, once, that the daily run is late, failed, or is well again.

    For a timer. Ends with 1 while the run is late or the last one failed.
    """
    settings = _settings(data_dir=data_dir)
    from control_tower.alerts.delivery import complaints  # noqa: PLC0415 - only this command
    from control_tower.monitoring.watch import watch as look  # noqa: PLC0415

    try:
        watched = look(
            settings.data_dir, settings.alert_channels(), timedelta(hours=settings.stale_hours)
        )
    except OSError as error:
        _give_up(
            f"the watch's log in {settings.data_dir} cannot be written "
            f"({error.strerror or error}); free some space or correct its permissions",
            FAILED,
        )
    for trouble in watched.troubles:
        _say(trouble.says)
    for says in complaints(watched.deliveries):
        _say(says)
    sys.exit(FAILED if watched.troubles else 0)


@app.command()
def brief(
    data_dir: DataDir = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder the files go to; the data directory if not said.")
    ] = None,
    formats: Annotated[
        BriefingFormats, typer.Option("--format", help="Which files to write.")
    ] = BriefingFormats.BOTH,
    print_it: Annotated[
        bool, typer.Option("--print", help="Print the briefing as Markdown, too.")
    ] = False,
) -> None:
    """Write the Monday briefing of the published snapshot: a page to read and to forward."""
    settings = _settings(data_dir=data_dir)
    from control_tower.publishing.briefing import (  # noqa: PLC0415 - only this command needs it
        FORMATS,
        NoBriefingError,
        read_briefing,
        write_briefing,
    )
    from control_tower.warehouse import DatabaseBusyError  # noqa: PLC0415

    folder = output or settings.data_dir
    chosen = [name for name in FORMATS if formats in (BriefingFormats.BOTH, name)]
    try:
        briefing = read_briefing(settings.data_dir)
        paths = write_briefing(briefing, folder, chosen)
    except (NoBriefingError, DatabaseBusyError) as error:
        _give_up(str(error), FAILED)
    except OSError as error:
        _give_up(
            f"the briefing cannot be written to {folder} ({error.strerror or error}); name another "
            "folder with --output",
            FAILED,
        )
    for path in paths:
        # What is printed may be piped into a file, and the places are no part of the briefing.
        typer.echo(str(path), err=print_it)
    if print_it:
        typer.echo(briefing.markdown, nl=False)


@app.command()
def map_event_log(
    log: Annotated[Path, typer.Argument(help="Event log: .csv, .parquet, .xes, .xes.gz.")],
    output: Annotated[
        Path | None, typer.Option(help="Where to write; the folder you are in if not said.")
    ] = None,
) -> None:
    """Inspect an event log and write a mapping to start from."""
    from control_tower.raw.event_log import (  # noqa: PLC0415 - only this command needs it
        EventLogError,
        write_starter_mapping,
    )

    target = output or Path(f"{log.name.split('.')[0]}.mapping.yaml")
    try:
        write_starter_mapping(log, target)
    except EventLogError as error:
        _give_up(str(error), FAILED)
    typer.echo(
        f"{target} written; read it through, then: "
        f"control-tower run --source event_log --event-log {log} --mapping {target}"
    )


@app.command()
def sample(
    data_dir: DataDir = None,
    output: Annotated[Path, typer.Option(help="Folder the CSV files go to.")] = PROJECT_ROOT
    / "data"
    / "sample",
) -> None:
    """Write the first hundred landed tickets as small CSV files, for looking at."""
    settings = _settings(data_dir=data_dir)
    from control_tower.raw.contract import RAW_TABLES  # noqa: PLC0415 - only this command needs it
    from control_tower.raw.landing import LandedFileError, read_landed  # noqa: PLC0415
    from control_tower.raw.sample import sample_of, write_sample  # noqa: PLC0415

    try:
        tables = {name: read_landed(settings.data_dir, name) for name in RAW_TABLES}
    except LandedFileError as error:
        _give_up(str(error), FAILED)
    write_sample(sample_of(tables), output)
    typer.echo(f"{output} holds the first hundred tickets")


@app.command()
def setup(data_dir: DataDir = None) -> None:
    """Prepare the project's folder so that Dagster's own commands find their home in it."""
    settings = _settings(data_dir=data_dir)
    prepare(settings)
    typer.echo(f"{write_environment_file(settings)} names Dagster's home")
