"""What machine this is, as far as a figure depends on it, and nothing that tells whose it is."""

import importlib.metadata
import os
import platform
import re
from pathlib import Path
from typing import Final

import psutil

__all__ = ["described", "named"]

_PACKAGES: Final = (
    "duckdb",
    "polars",
    "numpy",
    "dbt-core",
    "dbt-duckdb",
    "dagster",
    "dash",
    "plotly",
    "statsforecast",
    "pandas",
    "statsmodels",
    "scikit-learn",
)


def described() -> dict[str, str]:
    """Return the processors, the memory, Python and the versions of the packages that matter."""
    memory = psutil.virtual_memory().total / 2**30
    found = {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": platform.system(),
        "Python": platform.python_version(),
    }
    return found | {name: importlib.metadata.version(name) for name in _PACKAGES}


def named() -> str:
    """Return the machine in a few words that do for a file's name."""
    memory = psutil.virtual_memory().total / 2**30
    words = f"{_processor()} {os.cpu_count()} cores {memory:.0f} gib"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
