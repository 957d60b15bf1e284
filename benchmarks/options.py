"""What the one command is asked, and where it finds what a user would pick instead."""

import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.steps import Bounds
from control_tower.settings import PROJECT_ROOT

__all__ = ["LEFT_OUT", "Options", "python_with", "tickets"]

LEFT_OUT: Final = "not installed: left out"


@dataclass(frozen=True)
class Options:
    """What to measure.

    Attributes:
        sizes: Tickets, or tickets a year.
        bounds: Of each step.
        is_quick: Whether to do everything at sizes that say nothing, so as to see that it works.
        logs: Folder of the real logs.
        pm4py: A Python that has it, if there is one.
        streamlit: Likewise.
        data_dir: A published snapshot to serve instead of one made for it.
    """

    sizes: Sequence[int] = (50_000, 500_000, 5_000_000)
    bounds: Bounds = field(default_factory=Bounds)
    is_quick: bool = False
    logs: Path = PROJECT_ROOT.parent / "shared" / "data"
    pm4py: str | None = None
    streamlit: str | None = None
    data_dir: Path | None = None


def python_with(package: str, given: str | None = None) -> str | None:
    """Return a Python that has a package: the one given, the environment's, or this one.

    `BENCHMARK_<PACKAGE>_PYTHON` names one. Neither pm4py, for its licence, nor Streamlit, for what
    it brings, is a dependency; each is installed by hand into an environment of its own.
    """
    named = given or os.environ.get(f"BENCHMARK_{package.upper()}_PYTHON")
    return named or (sys.executable if importlib.util.find_spec(package) else None)


def tickets(count: int) -> str:
    """Return a size in words."""
    return f"{count:,} tickets"
