"""Every figure this project claims, measured here: `make bench`."""

import subprocess
import sys

_BENCHMARKS = (
    "benchmarks.simulator",
    "benchmarks.marts",
    "benchmarks.process_mining",
    "benchmarks.forecasting",
    "benchmarks.capacity",
    "benchmarks.risk",
    "benchmarks.zendesk",
    "benchmarks.dashboard",
    "benchmarks.analysis",
    "benchmarks.pipeline",
)

if __name__ == "__main__":
    for benchmark in _BENCHMARKS:
        print(f"\n== {benchmark}", flush=True)
        subprocess.run([sys.executable, "-m", benchmark], check=True)
