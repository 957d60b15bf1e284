"""How many tickets a second the simulator makes, and how much memory it takes.

Run with `python -m benchmarks.simulator [tickets ...]`. Compiling is not counted: each size is
simulated in a process of its own, after a small desk that loads the compiled loop.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime

__all__ = ["main", "measure"]

_SIZES = (50_000, 200_000, 1_000_000)
_AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
_KIBIBYTE = 1024


def measure(tickets_per_year: int) -> dict[str, float]:
    """Simulate a desk in this process.

    Returns:
        tickets and events landed, seconds, and peak memory in GiB.
    """
    from control_tower.raw.simulator import (  # noqa: PLC0415 - not to be counted by the parent
        load_configuration,
        simulate,
    )

    configuration = load_configuration(None)
    simulate(configuration, seed=7, tickets_per_year=100, as_of=_AS_OF)
    started = time.perf_counter()
    landing = simulate(configuration, seed=7, tickets_per_year=tickets_per_year, as_of=_AS_OF)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE / (1 << 30)
    return {
        "tickets": landing.tables["tickets"].height,
        "events": landing.tables["ticket_events"].height,
        "seconds": seconds,
        "peak_gib": peak,
    }


def main(sizes: list[int] | None = None) -> None:
    """Print tickets landed, seconds, tickets a second and memory at each size, on one core."""
    print(f"{'simulator':<24}{'landed':>12}{'seconds':>10}{'tickets/s':>12}{'peak memory':>14}")
    for tickets in sizes or _SIZES:
        code = f"import json, benchmarks.simulator as b; print(json.dumps(b.measure({tickets})))"
        command = ["taskset", "-c", "0", sys.executable, "-c", code]
        ended = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(ended.stdout)
        print(
            f"{f'{tickets:,} tickets a year':<24}{found['tickets']:>12,}{found['seconds']:>10.2f}"
            f"{found['tickets'] / found['seconds']:>12,.0f}{found['peak_gib']:>10.2f} GiB",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tickets", nargs="*", type=int)
    main(parser.parse_args().tickets)
