"""A run's events as they come, told to whatever shows them; and where all other output goes."""

import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from dagster import (
    AssetCheckEvaluation,
    DagsterEventType,
    DagsterExecutionInterruptedError,
    EventLogEntry,
)
from dagster._core.execution.plan.objects import StepFailureData
from dagster_shared.error import SerializableErrorInfo
from rich.console import Console

from control_tower.displays import Display

__all__ = ["RunProgress", "failure_reason", "output_kept_aside"]

_BUILT = re.compile(r"built (?P<table>\S+) in (?P<seconds>[\d.]+) s$")
_FETCHING = re.compile(r"^fetching (?P<news>.+)$")
_EXTENT = re.compile(r"^(?P<extent>.* tickets are built anew: .+)$")
_OWN_ERROR = re.compile(r"^control_tower(\.\w+)+: ")
"""The class of an error of this project; what it says is a sentence without that."""


@contextmanager
def output_kept_aside(log: Path) -> Iterator[tuple[Console, Console]]:
    """Send all that libraries and child processes print to a log, and yield two consoles that show.

    They write where the command's own output and its errors went before.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    # Emptied, then appended to: another run may be writing to it, and keeps its place that way.
    log.write_bytes(b"")
    sys.stdout.flush()
    sys.stderr.flush()
    kept_out, kept_err = os.dup(1), os.dup(2)
    with (
        log.open("a", encoding="utf-8") as file,
        _Undeterred(os.dup(1)) as shown,
        _Undeterred(os.dup(2)) as complained,
    ):
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield (
                Console(file=shown, highlight=False, soft_wrap=True),
                Console(file=complained, highlight=False, soft_wrap=True),
            )
        finally:
            _flush(sys.stdout.flush, 1)
            _flush(sys.stderr.flush, 2)
            os.dup2(kept_out, 1)
            os.dup2(kept_err, 2)
            os.close(kept_out)
            os.close(kept_err)


class _Undeterred(TextIOWrapper):
    """Writes to a descriptor for as long as somebody takes it, and from then on nowhere.

    Readers may leave, as `head` does when it has seen enough, and disks may be full. Neither is a
    reason to break off a run, least of all from within a thread of a library that shows progress.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(os.fdopen(descriptor, "wb"), encoding="utf-8", errors="replace")

    def write(self, text: str) -> int:
        """Write a text, or let it go."""
        try:
            return super().write(text)
        except OSError:
            _let_go(self.fileno())
            return len(text)

    def flush(self) -> None:
        """Hand over what was written, or let it go."""
        if not self.closed:
            _flush(super().flush, self.fileno())


def _flush(flush: Callable[[], None], descriptor: int) -> None:
    try:
        flush()
    except OSError:
        # On a full disk, what the log cannot take must not end up on the terminal instead.
        _let_go(descriptor)
        flush()


def _let_go(descriptor: int) -> None:
    """Lead what is still written to a descriptor nowhere."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), descriptor)


class RunProgress:
    """Turns a run's events into what is shown of it, and keeps why it failed."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._started: dict[str, float] = {}
        self.reasons: list[str] = []
        self.warnings: list[str] = []

    def handle(self, entry: EventLogEntry) -> None:
        """Take one event of the run, in the order they happen."""
        event = entry.dagster_event
        if event is None:
            self._handle_message(entry)
        elif event.event_type == DagsterEventType.STEP_START and event.step_key:
            self._started[event.step_key] = time.monotonic()
            self._display.step_started(event.step_key)
        elif event.event_type == DagsterEventType.STEP_SUCCESS and event.step_key:
            started = self._started.get(event.step_key, time.monotonic())
            self._display.step_done(event.step_key, time.monotonic() - started)
        elif event.event_type == DagsterEventType.ASSET_MATERIALIZATION and event.asset_key:
            self._handle_materialization(entry)
        elif event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            self._handle_check(event.asset_check_evaluation_data)
        elif event.event_type in (DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE):
            self._handle_failure(entry)

    def _handle_message(self, entry: EventLogEntry) -> None:
        found = _BUILT.search(entry.user_message)
        if found:
            self._display.built(found["table"], float(found["seconds"]))
        elif fetching := _FETCHING.search(entry.user_message):
            self._display.fetching(fetching["news"])
        elif extent := _EXTENT.search(entry.user_message):
            self._display.noted(extent["extent"])
        elif int(entry.level) == logging.WARNING:
            self._display.warned(entry.user_message)

    def _handle_materialization(self, entry: EventLogEntry) -> None:
        event = entry.get_dagster_event()
        materialization = event.step_materialization_data.materialization
        rows = materialization.metadata.get("dagster/row_count")
        seconds = materialization.metadata.get("seconds")
        self._display.materialized(
            materialization.asset_key.to_user_string(),
            rows.value if rows and isinstance(rows.value, int) else None,
            seconds.value if seconds and isinstance(seconds.value, float) else None,
        )

    def _handle_check(self, evaluation: AssetCheckEvaluation) -> None:
        if evaluation.passed:
            return
        asset = evaluation.asset_key.to_user_string()
        says = evaluation.description or "failed"
        is_warning = evaluation.severity.value == "WARN"
        told = self.warnings if is_warning else self.reasons
        told.append(f"{asset}: {evaluation.check_name}: {says}")
        self._display.check_failed(asset, evaluation.check_name, says, is_warning=is_warning)

    def _handle_failure(self, entry: EventLogEntry) -> None:
        event = entry.get_dagster_event()
        reason: str | None
        if event.event_type == DagsterEventType.STEP_FAILURE:
            reason = failure_reason(event.step_failure_data)
        else:
            # A run fails because a step did, unless it could not even start.
            reason = None if self.reasons else _root_cause(event.job_failure_data.error)
        if reason:
            self.reasons.append(" ".join(reason.split()))


def failure_reason(failure: StepFailureData) -> str | None:
    """Return why a step failed: the sentence it gave, or else the first cause of its error."""
    said = failure.user_failure_data.description if failure.user_failure_data else None
    return said or _root_cause(failure.error)


def _root_cause(error: SerializableErrorInfo | None) -> str | None:
    while error and error.cause:
        error = error.cause
    if error and error.cls_name == DagsterExecutionInterruptedError.__name__:
        return "it was interrupted, as by a restart of what had started it"
    return _OWN_ERROR.sub("", error.message.strip()) if error else None
