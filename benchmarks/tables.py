"""Results as a table: for a terminal as they come, and for the documentation from a kept file."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from benchmarks.pipeline import bounds_of_a_run
from benchmarks.results import Row, Run, latest
from benchmarks.steps import DONE, Bounds

__all__ = ["HEADER", "PAGE", "in_line", "page_of"]

HEADER: Final = f"{'seconds':>10}{'GiB':>8}{'others':>8}  what"
PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "reference" / "benchmarks.md"
_BUSY: Final = 0.05

_INTRODUCTION: Final = """# Benchmarks

`make bench` measures all of this on your machine, prints it, and keeps it with the machine and the
date in `benchmarks/results/`; `python -m benchmarks --render` makes this page of what is kept of
the machine measured last, the latest of each figure. Do not edit it.

Each step has a process of its own, at most {step.seconds:g} seconds and {step.gib:g} GiB, of ours
as of the others; the pipeline, which is many steps in several processes, {pipeline.seconds:g}
seconds and {pipeline.gib:g} GiB. What would take more is stopped and says so. Memory is the peak of
that process, of the pipeline and dbt that of all their processes together. *Others* is the share of
the machine's processors that work beside the step had meanwhile, shown from {busy:.0%} on: such
times are upper bounds. What is not ours is named with its version.
"""


def in_line(row: Row) -> str:
    """Return a row as a line for a terminal."""
    figures = f"{_seconds(row):>10}{_gib(row):>8}{_others(row):>8}"
    more = f"  ({_more(row)})" if row.more or row.how != DONE else ""
    return f"{figures}  {row.what} | {row.size} | {row.who}{more}"


def page_of(runs: Sequence[Run], step: Bounds) -> str:
    """Return the documentation's page: the machines, and the latest row of everything measured.

    Args:
        runs: What was measured.
        step: What each step was held to.
    """
    introduction = _INTRODUCTION.format(step=step, pipeline=bounds_of_a_run(step), busy=_BUSY)
    parts = [introduction, _machine(runs)]
    for what, rows in groupby(latest(runs), lambda row: row.what):
        parts += [f"## {what[0].upper()}{what[1:]}\n", _table(rows)]
    return "\n".join(parts)


def _machine(runs: Sequence[Run]) -> str:
    began = [run.began for run in runs]
    facts = ", ".join(f"{name} {value}" for name, value in runs[-1].machine.items())
    when = min(began) if len(runs) == 1 else f"{min(began)} to {max(began)}"
    return f"Measured {when}: {facts}.\n"


def _table(rows: Iterable[Row]) -> str:
    lines = ["| size | by | seconds | GiB | others | more |", "|---|---|---:|---:|---:|---|"]
    for row in rows:
        cells = (row.size, row.who, _seconds(row), _gib(row), _others(row), _more(row))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _seconds(row: Row) -> str:
    if row.seconds is None:
        return ""
    return f"{row.seconds:.{3 if row.seconds < 1 else 2 if row.seconds < 10 else 1}f}"


def _gib(row: Row) -> str:
    return "" if row.peak_gib is None else f"{row.peak_gib:.2f}"


def _others(row: Row) -> str:
    return "" if row.others is None or row.others < _BUSY else f"{row.others:.0%}"


def _more(row: Row) -> str:
    if row.how != DONE:
        return row.how
    return ", ".join(
        f"{name} {value:,}" if isinstance(value, int | float) else f"{name} {value}"
        for name, value in row.more.items()
    )
