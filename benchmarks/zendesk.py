"""What a load from Zendesk costs beyond what its rate limit does, and how much memory it takes.

Run with `python -m benchmarks.zendesk [tickets ...]`. A Zendesk of our own answers from a process
of its own, without a limit; what a limit of ten requests a minute would have cost is worked out. A
last run is held back for real, on a clock that goes faster.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from control_tower.raw.landing import complete_tables, write_landed
from control_tower.raw.zendesk import Credentials, ZendeskDesk, read_zendesk
from tests.raw.zendesk.fake_zendesk import CLIENT_ID, CLIENT_SECRET, FakeZendesk, Faults
from tests.raw.zendesk.live_desk import desk, end_of

__all__ = ["Cost", "load", "main", "serving"]

_SIZES = (10_000, 100_000)
_PER_PAGE = 1000
_REQUESTS_A_MINUTE = 10
_HELD_BACK_TICKETS = 10_000
_HELD_BACK_WINDOW = 6.0
_MEBIBYTE_IN_KIBIBYTES = 1024


@dataclass(frozen=True)
class Cost:
    """What one load took.

    Attributes:
        seconds: From start to end, the time of imports included.
        processor_seconds: Time the processor worked for it.
        peak_mib: Most memory at once, MiB.
    """

    seconds: float
    processor_seconds: float
    peak_mib: float


@contextmanager
def serving(tickets: int, window_seconds: float = 0) -> Iterator[str]:
    """Run a Zendesk with so many tickets in a process of its own, and give its address."""
    command = [sys.executable, "-m", "benchmarks.zendesk", "--serve", str(tickets)]
    command += ["--window", str(window_seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as own:
        assert own.stdout is not None
        try:
            yield own.stdout.readline().strip()
        finally:
            own.terminate()


def load(address: str, data_dir: Path) -> Cost:
    """Load from a Zendesk and land its tables, in a process of its own.

    Raises:
        subprocess.CalledProcessError: If that fails.
    """
    command = [sys.executable, "-m", "benchmarks.zendesk", "--load", address, str(data_dir)]
    started = time.perf_counter()
    process = subprocess.Popen(command)
    # wait4 tells of this child alone, where getrusage would give the largest so far.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise subprocess.CalledProcessError(code, command)
    peak = usage.ru_maxrss / _MEBIBYTE_IN_KIBIBYTES
    return Cost(seconds, usage.ru_utime + usage.ru_stime, peak)


def main(sizes: list[int] | None = None) -> None:
    """Print what a first load, one with nothing new, and one that is held back cost."""
    print(
        f"{'Zendesk':<18}{'requests':>9}{'limit takes':>13}{'first load':>12}{'above limit':>12}"
        f"{'peak':>10}{'no news':>10}{'peak':>10}"
    )
    for tickets in sizes or _SIZES:
        requests = _export_requests(tickets)
        allowed = requests * 60 / _REQUESTS_A_MINUTE
        with tempfile.TemporaryDirectory() as folder, serving(tickets) as address:
            first = load(address, Path(folder))
            second = load(address, Path(folder))
        print(
            f"{f'{tickets:,} tickets':<18}{requests:>9,}{allowed:>11,.0f} s{first.seconds:>10.1f} s"
            f"{first.seconds / allowed:>12.2%}{first.peak_mib:>6.0f} MiB{second.seconds:>8.1f} s"
            f"{second.peak_mib:>6.0f} MiB",
            flush=True,
        )
    _main_held_back()


def _main_held_back() -> None:
    requests = _export_requests(_HELD_BACK_TICKETS)
    # The first window is free, and the last need not be waited out.
    allowed = (-(-requests // _REQUESTS_A_MINUTE) - 1) * _HELD_BACK_WINDOW
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(_HELD_BACK_TICKETS, _HELD_BACK_WINDOW) as address,
    ):
        cost = load(address, Path(folder))
    speed = 60 / _HELD_BACK_WINDOW
    print(
        f"held back, {_HELD_BACK_TICKETS:,} tickets, a clock {speed:.0f} times as fast: the limit "
        f"takes {allowed:.0f} s, the load {cost.seconds:.1f} s, so {cost.seconds - allowed:.1f} s "
        f"more; of {allowed * speed:,.0f} s on Zendesk's clock that is "
        f"{(cost.seconds - allowed) / (allowed * speed):.1%}"
    )


def _export_requests(tickets: int) -> int:
    """Return how many requests to exports a first load of the desk makes."""
    records = desk(tickets)
    return sum(
        -(-len(records[name]) // _PER_PAGE)
        for name in ("tickets", "ticket_events", "ticket_metric_events")
    )


def _serve(tickets: int, window_seconds: float) -> None:
    limit = _REQUESTS_A_MINUTE if window_seconds else 0
    faults = Faults(requests_a_window=limit, window_seconds=window_seconds)
    now = end_of(tickets)
    with FakeZendesk(desk(tickets), now=now, per_page=_PER_PAGE, faults=faults) as zendesk:
        print(zendesk.address, flush=True)
        sys.stdin.read()


def _load(address: str, data_dir: Path) -> None:
    asked = ZendeskDesk("acme", Credentials(CLIENT_ID, CLIENT_SECRET), base_url=address)
    landed = read_zendesk(asked, data_dir, tell=lambda _: None)
    write_landed(complete_tables(landed), data_dir, landing_id=landed.landing_id)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tickets", nargs="*", type=int)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--window", type=float, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--load", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        _serve(given.serve, given.window)
    elif given.load:
        _load(given.load[0], Path(given.load[1]))
    else:
        main(given.tickets)
