"""A first load from Zendesk against what its limit allows, and a run without news.

A server in a process of its own answers as Zendesk does, ten requests to exports a window;
Zendesk's window is a minute, here it is shorter, so that our own share of the time shows more than
it would.
"""

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from benchmarks.options import Options
from benchmarks.options import tickets as in_words
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, Ended, module, run
from benchmarks.telling import tell

__all__ = ["rows"]

_TICKETS: Final = 100_000
_WINDOW_SECONDS: Final = 3.0
_REQUESTS_A_WINDOW: Final = 10
_PER_PAGE: Final = 1000
_ZENDESKS_WINDOW: Final = 60.0


def rows(options: Options) -> Iterator[Row]:
    """Yield what a first load and a run without news cost."""
    count = 1000 if options.is_quick else _TICKETS
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(
        target=_serve, args=(theirs, count, _WINDOW_SECONDS), daemon=True
    )
    server.start()
    address = ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        asked = 0
        for name in ("first load", "no news"):
            ended = run(module("benchmarks.zendesk", address, folder), options.bounds)
            ours.send("count")
            before, asked = asked, ours.recv()
            more = _more(ended, asked - before) if ended.how == DONE else {}
            yield row_of(f"Zendesk: {name}", in_words(count), OURS, ended, more=more)
    ours.send("stop")
    server.join(5)


def _more(ended: Ended, requests: int) -> dict[str, float | str]:
    said, windows = ended.said, requests / _REQUESTS_A_WINDOW
    return {
        "requests to exports": requests,
        "limit allows s": round(windows * _WINDOW_SECONDS, 1),
        "not held back s": round(said["seconds"] - said["held"], 1),
        "of that processor s": round(said["processor"], 1),
        "checking and writing s": round(said["writing"], 1),
        "Zendesk's own limit allows minutes": round(windows * _ZENDESKS_WINDOW / 60),
    }


def _measure(address: str, data_dir: Path) -> None:
    """Fetch and land in this process."""
    from control_tower.raw.landing import (  # noqa: PLC0415
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
    tell(
        tickets=tickets,
        seconds=time.perf_counter() - started,
        writing=time.perf_counter() - started - read,
        held=held,
        processor=time.process_time(),
    )


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


if __name__ == "__main__":
    _measure(sys.argv[1], Path(sys.argv[2]))
