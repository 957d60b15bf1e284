"""How a run is shown: as text for whoever watches, or as JSON lines for what collects logs."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, Protocol, Self

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from structlog.typing import FilteringBoundLogger

from control_tower.findings import Findings
from control_tower.presentation import readable_hours, readable_share, readable_time, readable_usd

__all__ = ["Display", "JsonDisplay", "TextDisplay"]

_STEP_NAMES: Final = {
    "landing": "landing the tickets",
    "landed_tables": "checking what landed",
    "marts": "building and testing the marts",
    "process_mining": "mining the process",
    "forecasting": "forecasting volume and capacity",
    "alerts": "rating what may breach",
    "recommendations": "ranking what to do",
    "meta__snapshot": "publishing the snapshot",
    "meta__briefing": "writing the briefing",
    "alerts__alert_log": "telling what is at risk",
}


class Display(Protocol):
    """Told of a run as it goes."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, *_: object) -> None:
        """Stop showing what runs now."""
        ...

    def step_started(self, step: str) -> None:
        """Show which step runs now."""
        ...

    def step_done(self, step: str, seconds: float) -> None:
        """Show that a step is done."""
        ...

    def fetching(self, news: str) -> None:
        """Show how far the landing has come."""
        ...

    def noted(self, says: str) -> None:
        """Show what is worth knowing of the step that runs."""
        ...

    def built(self, asset: str, seconds: float) -> None:
        """Show a table that is built, though not yet on record."""
        ...

    def materialized(self, asset: str, rows: int | None, seconds: float | None) -> None:
        """Show an asset that is on record."""
        ...

    def warned(self, says: str) -> None:
        """Show a warning."""
        ...

    def check_failed(self, asset: str, check: str, says: str, *, is_warning: bool) -> None:
        """Show a check that did not pass."""
        ...

    def run_failed(self, reasons: Sequence[str], kept: str, log: Path) -> None:
        """Show why the run failed, what readers see now, and where everything said is."""
        ...

    def run_succeeded(self, findings: Findings, repairs: pl.DataFrame, snapshot: Path) -> None:
        """Show what came out of it."""
        ...


class TextDisplay:
    """Lines for people, one per asset, and where there is a terminal one that says what runs."""

    def __init__(self, console: Console, errors: Console, *, quiet: bool) -> None:
        self._console = console
        self._errors = errors
        self._quiet = quiet
        self._status: Status | None = None
        self._shown: set[str] = set()

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_terminal:
            self._status = self._console.status("starting")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def step_started(self, step: str) -> None:
        """Name the step in words."""
        self._now(_STEP_NAMES.get(step, step))

    def step_done(self, step: str, seconds: float) -> None:
        """Say how long it took."""
        self._line(f"[dim]{_STEP_NAMES.get(step, step)}: {seconds:.1f} s[/]")

    def fetching(self, news: str) -> None:
        """Say how far the landing has come."""
        self._now(f"landing the tickets: {escape(news)}")

    def noted(self, says: str) -> None:
        """Write it on a line of its own."""
        self._line(f"  {escape(says)}")

    def built(self, asset: str, seconds: float) -> None:
        """Write the asset's one line."""
        self._done(asset, f"{seconds:.2f} s")

    def materialized(self, asset: str, rows: int | None, seconds: float | None) -> None:  # noqa: ARG002
        """Write the asset's one line, unless it has been written."""
        self._done(asset, "" if rows is None else f"{rows:,} rows")

    def warned(self, says: str) -> None:
        """Write the warning."""
        self._line(f"[yellow]![/] {escape(says)}")

    def check_failed(self, asset: str, check: str, says: str, *, is_warning: bool) -> None:
        """Write what the check said."""
        mark = "[yellow]![/]" if is_warning else "[red]✗[/]"
        self._line(f"{mark} {escape(f'{asset}: {check}: {says}')}")

    def run_failed(self, reasons: Sequence[str], kept: str, log: Path) -> None:
        """Write a line per reason, even if all else is kept quiet."""
        for reason in reasons:
            self._errors.print(f"[red]✗[/] {escape(reason)}")
        self._errors.print(f"The run failed; {kept}. Everything said: {log}")

    def run_succeeded(self, findings: Findings, repairs: pl.DataFrame, snapshot: Path) -> None:
        """Write the findings and what to do next."""
        if self._quiet:
            return
        self._console.print()
        for name, text in _findings(findings, repairs, snapshot).items():
            self._console.print(f"  [bold]{name:<11}[/] {escape(text)}")
        for rule in repairs.iter_rows(named=True):
            what = f"{rule['rule']} ({rule['treatment']}, {rule['rows']:,})"
            self._console.print(f"  {'':<11} [dim]{what}: {escape(rule['explanation'])}[/]")
        self._console.print(
            "\nNext: [bold]make app[/] serves the dashboard; [bold]make brief[/] writes the Monday "
            "briefing; [bold]make dagster[/] opens the asset graph; the snapshot opens with "
            f"[bold]duckdb -readonly {snapshot}[/]"
        )

    def _done(self, asset: str, what: str) -> None:
        if asset not in self._shown:
            self._shown.add(asset)
            self._line(f"[green]✓[/] {asset:<42} {what:>14}")

    def _now(self, what: str) -> None:
        if self._status:
            self._status.update(what)
        else:
            self._line(what)

    def _line(self, text: str) -> None:
        if not self._quiet:
            self._console.print(text)


class JsonDisplay:
    """A JSON object a line; `event` is one of a few fixed phrases, `message` the sentence."""

    def __init__(self, logger: FilteringBoundLogger) -> None:
        """Take a logger that knows which run it is."""
        self._logger = logger

    def __enter__(self) -> Self:
        self._logger.info("run started")
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to stop."""

    def step_started(self, step: str) -> None:
        """Name the step as Dagster does."""
        self._logger.info("step started", step=step)

    def step_done(self, step: str, seconds: float) -> None:
        """Tell the seconds."""
        self._logger.info("step done", step=step, seconds=round(seconds, 3))

    def fetching(self, news: str) -> None:
        """Tell how far the landing has come."""
        self._logger.info("fetching", step="landing", message=news)

    def noted(self, says: str) -> None:
        """Tell it."""
        self._logger.info("note", message=says)

    def built(self, asset: str, seconds: float) -> None:
        """Leave it to the line that also knows the rows."""

    def materialized(self, asset: str, rows: int | None, seconds: float | None) -> None:
        """Tell rows and seconds as far as they are known."""
        known = {"rows": rows, "seconds": seconds}
        self._logger.info(
            "asset materialized",
            asset=asset,
            **{name: value for name, value in known.items() if value is not None},
        )

    def warned(self, says: str) -> None:
        """Tell the warning."""
        self._logger.warning("warning", message=says)

    def check_failed(self, asset: str, check: str, says: str, *, is_warning: bool) -> None:
        """Tell what the check said; as an error only if it keeps the run from publishing."""
        log = self._logger.warning if is_warning else self._logger.error
        event = "check warned" if is_warning else "check failed"
        log(event, asset=asset, check=check, message=says)

    def run_failed(self, reasons: Sequence[str], kept: str, log: Path) -> None:
        """Tell the reasons, each a sentence."""
        self._logger.error(
            "run failed", message=f"the run failed; {kept}", reasons=list(reasons), log=str(log)
        )

    def run_succeeded(self, findings: Findings, repairs: pl.DataFrame, snapshot: Path) -> None:
        """Tell the findings as figures."""
        figures = {name: value for name, value in asdict(findings).items() if value is not None}
        figures["as_of"] = findings.as_of.isoformat()
        self._logger.info(
            "run succeeded", **figures, repairs=repairs.height, snapshot=str(snapshot)
        )


def _findings(findings: Findings, repairs: pl.DataFrame, snapshot: Path) -> dict[str, str]:
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
        "snapshot": str(snapshot),
    }
    if findings.top_actions:
        # The lines that follow the first line up below it.
        lines["to do"] = f"\n  {'':<11} ".join(
            f"{rank}. {action.title} (worth {readable_usd(action.worth_usd)} a month)"
            for rank, action in enumerate(findings.top_actions, start=1)
        )
    if repairs.height:
        lines["repairs"] = f"{repairs.height} rules touched the source's rows:"
    return lines
