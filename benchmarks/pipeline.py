"""How long the whole pipeline takes and how much memory, from nothing to a published snapshot.

Run with `python -m benchmarks.pipeline [tickets ...]`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

__all__ = ["main", "run_once"]

_SIZES = (50_000, 1_000_000)
_KIBIBYTE = 1024


def run_once(data_dir: Path, *options: str) -> tuple[float, float]:
    """Run the pipeline in a process of its own.

    Returns:
        Seconds from start to end, and peak memory in GiB.

    Raises:
        subprocess.CalledProcessError: If the run fails.
    """
    command = [sys.executable, "-m", "control_tower", "run", "--quiet"]
    command += ["--data-dir", str(data_dir), *options]
    started = time.perf_counter()
    process = subprocess.Popen(command)
    # wait4 tells of this child alone, where getrusage would give the largest so far.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise subprocess.CalledProcessError(code, command)
    return seconds, usage.ru_maxrss * _KIBIBYTE / (1 << 30)


def main(sizes: list[int] | None = None) -> None:
    """Print seconds and memory of a first and a second run at each size."""
    print(f"{'pipeline':<24}{'first run':>12}{'second run':>12}{'peak memory':>14}")
    for tickets in sizes or _SIZES:
        with tempfile.TemporaryDirectory() as folder:
            options = ("--tickets", str(tickets))
            first, _ = run_once(Path(folder), *options)
            second, memory = run_once(Path(folder), *options)
        print(
            f"{f'{tickets:,} tickets a year':<24}{first:>10.1f} s{second:>10.1f} s"
            f"{memory:>10.2f} GiB",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tickets", nargs="*", type=int)
    main(parser.parse_args().tickets)
