"""How long a first load from Zendesk takes against what its limit allows, and a run without news.

Run with `python -m benchmarks.zendesk [tickets] [window seconds]`. A server in a process of its own
answers as Zendesk does, ten requests to exports a window; Zendesk's window is a minute, here it is
shorter, so that our own share of the time shows more than it would.
"""

import argparse
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

__all__ = ["main", "measure"]

_TICKETS = 100_000
_WINDOW_SECONDS = 3.0
_REQUESTS_A_WINDOW = 10
_PER_PAGE = 1000
_ZENDESKS_WINDOW = 60.0
_KIBIBYTE = 1024


def measure(address: str, data_dir: Path) -> dict[str, float]:
    """Fetch and land in this process.

    Returns:
        Seconds in all, seconds held back by the limit, seconds of processor time, and peak memory
        in MiB.
    """
    from control_tower.raw.landing import (  # noqa: PLC0415 - not to be counted by the parent
        complete_tables,
        write_landed,
    )
    from control_tower.raw.zendesk import (  # noqa: PLC0415
        Credentials,
        ZendeskDesk,
        read_zendesk,
    )
    from tests.raw.zendesk.fake_zendesk import CLIENT_ID, CLIENT_SECRET  # noqa: PLC0415

    held = 0.0

    def sleep(seconds: float) -> None:
        nonlocal held
        held += seconds
        time.sleep(seconds)

    desk = ZendeskDesk("bench", Credentials(CLIENT_ID, CLIENT_SECRET), base_url=address)
    started = time.perf_counter()
    landing = read_zendesk(desk, data_dir, tell=lambda _: None, sleep=sleep)
    tickets = landing.tables["tickets"].height
    read = time.perf_counter() - started
    landing_id = landing.landing_id
    tables = complete_tables(landing)
    del landing
    write_landed(tables, data_dir, landing_id=landing_id)
    return {
        "tickets": tickets,
        "seconds": time.perf_counter() - started,
        "writing": time.perf_counter() - started - read,
        "held": held,
        "processor": time.process_time(),
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE / (1 << 20),
    }


def _serve(pipe: Connection, tickets: int, window: float) -> None:
    from tests.raw.zendesk.fake_zendesk import FakeZendesk, Faults  # noqa: PLC0415
    from tests.raw.zendesk.live_desk import desk, end_of  # noqa: PLC0415

    faults = Faults(requests_a_window=_REQUESTS_A_WINDOW, window_seconds=window)
    with FakeZendesk(
        desk(tickets), now=end_of(tickets), per_page=_PER_PAGE, faults=faults
    ) as server:
        pipe.send(server.address)
        while pipe.recv() == "count":
            pipe.send(sum("/incremental/" in path for path in server.requests))


def _run(address: str, folder: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.zendesk", "--measure", address, folder]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def main(tickets: int = _TICKETS, window: float = _WINDOW_SECONDS) -> None:
    """Print what a first load and a run without news cost."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(theirs, tickets, window), daemon=True)
    server.start()
    address = ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        asked = [0]
        for name in ("first load", "no news"):
            found = _run(address, folder)
            ours.send("count")
            asked.append(ours.recv())
            requests = asked[-1] - asked[-2]
            allowed = requests / _REQUESTS_A_WINDOW
            own = found["seconds"] - found["held"]
            print(
                f"{name}: {found['tickets']:,} tickets, {requests:,} requests to exports\n"
                f"  took {found['seconds']:.1f} s, the limit allows {allowed * window:.1f} s "
                f"({found['seconds'] / (allowed * window) - 1:+.1%}); at Zendesk's own limit it "
                f"allows {allowed * _ZENDESKS_WINDOW / 60:.0f} minutes\n"
                f"  not held back {own:.1f} s, of that processor {found['processor']:.1f} s and "
                f"checking and writing {found['writing']:.1f} s; peak memory "
                f"{found['mib']:.0f} MiB",
                flush=True,
            )
    ours.send("stop")
    server.join(5)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tickets", nargs="?", type=int, default=_TICKETS)
    parser.add_argument("window", nargs="?", type=float, default=_WINDOW_SECONDS)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure[0], Path(arguments.measure[1]))))
    else:
        main(arguments.tickets, arguments.window)
