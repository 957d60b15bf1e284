"""How fast the dashboard is to its readers: in a real browser, and with twenty of them at once.

It needs Chromium. Each figure is the better of two measurements, each with a server started anew
and its usual views worked out, which is measured, too. What nobody worked out ahead is asked for by
users of two priorities at once, and by a reader who adds one value of a filter to the other: of
priorities, each pressed at once, and of channels, each after the pointer has come to rest on it for
as long as a hand takes at least. The executive overview is measured beside the same page written in
Streamlit.
"""

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from benchmarks import streamlit_peer
from benchmarks.in_browser import (
    FOLLOWING,
    PAGES,
    RESTS_MS,
    added,
    chromium,
    cold,
    filters,
    slider,
)
from benchmarks.options import LEFT_OUT, Options
from benchmarks.pipeline import run_once
from benchmarks.readers import USERS, memory_mb, users, wait_until_ready
from benchmarks.results import OURS, Row
from tests.dashboard.serving.tower import serving

__all__ = ["Figures", "measure", "rows"]

_TICKETS: Final = (50_000, 1_000_000)
_AHEAD: Final = "dashboard: usual views worked out ahead, once a snapshot"
_COLD: Final = "dashboard: cold page, all charts drawn"
_FILTER: Final = "dashboard: click on a filter to all charts drawn, median"
_SEEN: Final = "dashboard: click on a filter to the charts in view drawn, median"
_ADDED: Final = "dashboard: one more value of a filter, not worked out ahead, likewise in view"
_UNUSUAL: Final = "all pages, of two priorities at once"
_SECONDS = 30.0
_TIMES = 2


@dataclass
class Figures:
    """What was measured.

    Attributes:
        ahead_s: Seconds the usual views took, at the lowest priority.
        ahead_mb: The most memory the process that works them out had.
        cold_s: Seconds from nothing to all charts drawn, by page.
        filter_ms: Median milliseconds from choosing one priority to all charts drawn, of the pages
            whose figures follow it.
        seen_ms: Likewise, to those in view drawn.
        added_ms: Likewise, to those in view, of priorities added to one another.
        rested_ms: Likewise, of channels, the pointer at rest on each before it is pressed.
        slider_ms: Likewise from a key on the process map's slider to the map drawn.
        answers_ms: Every answer to twenty users of all pages.
        unusual_ms: Likewise, of views that are not worked out ahead.
        overview_ms: Every answer to twenty users of the overview alone.
        first_load_mb: Transferred by the first page.
        worker_mb: Proportional memory of each worker after all that is worked out ahead, and what
            of it is no other process's.
        worker_after_unusual_mb: Likewise, after the rest, too.
    """

    ahead_s: float = 0.0
    ahead_mb: float = 0.0
    cold_s: dict[str, float] = field(default_factory=dict)
    filter_ms: dict[str, float] = field(default_factory=dict)
    seen_ms: dict[str, float] = field(default_factory=dict)
    added_ms: dict[str, float] = field(default_factory=dict)
    rested_ms: dict[str, float] = field(default_factory=dict)
    slider_ms: float = float("inf")
    answers_ms: list[float] = field(default_factory=list)
    unusual_ms: list[float] = field(default_factory=list)
    overview_ms: list[float] = field(default_factory=list)
    first_load_mb: float = 0.0
    worker_mb: list[tuple[float, float]] = field(default_factory=list)
    worker_after_unusual_mb: list[tuple[float, float]] = field(default_factory=list)


def measure(data_dir: Path, seconds: float = _SECONDS) -> Figures:
    """Return the figures of a dashboard of a published snapshot, served as its users have it."""
    found = Figures()
    with serving(data_dir, views_ahead="true") as (address, process), chromium() as browser:
        dashboard = psutil.Process(process.pid)
        found.ahead_s, found.ahead_mb = wait_until_ready(dashboard)
        found.cold_s, found.first_load_mb = cold(browser, address)
        chosen = filters(browser, address)
        found.filter_ms = {name: taken["all"] for name, taken in chosen.items()}
        found.seen_ms = {name: taken["seen"] for name, taken in chosen.items()}
        found.slider_ms = slider(browser, address)
        found.overview_ms = users(address, seconds, [PAGES["overview"]])
        found.answers_ms = users(address, seconds, list(PAGES.values()))
        found.worker_mb = memory_mb(dashboard)
        found.added_ms = added(browser, address, "priority", rests_ms=0)
        found.rested_ms = added(browser, address, "channel", RESTS_MS)
        found.unusual_ms = users(address, seconds, list(PAGES.values()), priorities=2)
        found.worker_after_unusual_mb = memory_mb(dashboard)
    return found


def rows(options: Options) -> Iterator[Row]:
    """Yield the figures of a snapshot given, or of simulated desks published for it.

    The Streamlit page is measured on the first of these desks.
    """
    if options.data_dir:
        yield from _measured(options.data_dir, "the snapshot given", options)
        return
    for place, tickets in enumerate((2_000,) if options.is_quick else _TICKETS):
        with tempfile.TemporaryDirectory() as folder:
            run_once(Path(folder), "--tickets", str(tickets))
            size = f"{tickets:,} tickets a year"
            yield from _measured(Path(folder), size, options, beside_streamlit=not place)


def _measured(
    data_dir: Path, size: str, options: Options, *, beside_streamlit: bool = True
) -> Iterator[Row]:
    times, seconds = (1, 3.0) if options.is_quick else (_TIMES, _SECONDS)
    yield from _better([measure(data_dir, seconds) for _ in range(times)], size)
    if not beside_streamlit:
        return
    if options.streamlit is None:
        yield Row(_FILTER, f"{size}, overview", "Streamlit", how=LEFT_OUT)
        return
    with chromium() as browser:
        theirs = [
            streamlit_peer.measure(options.streamlit, browser, data_dir, USERS, seconds)
            for _ in range(times)
        ]
    others = streamlit_peer.differences(data_dir, theirs[0].figures)
    if others:
        raise RuntimeError(f"the Streamlit page shows other figures: {'; '.join(others)}")
    yield from _better_of_streamlit(theirs, size)


def _better(runs: Sequence[Figures], size: str) -> Iterator[Row]:
    ahead, megabytes = min((run.ahead_s, run.ahead_mb) for run in runs)
    yield Row(_AHEAD, size, OURS, round(ahead, 1), peak_gib=round(megabytes * 1e6 / 2**30, 3))
    for page in PAGES:
        seconds = min(run.cold_s[page] for run in runs)
        more = {"MB transferred": round(runs[0].first_load_mb, 2)} if page == "overview" else {}
        yield Row(_COLD, f"{size}, {page}", OURS, round(seconds, 3), more=more)
    for step, taken in (
        (_FILTER, [run.filter_ms for run in runs]),
        (_SEEN, [run.seen_ms for run in runs]),
        (_ADDED, [run.added_ms for run in runs]),
        (f"{_ADDED}, rested on for {RESTS_MS} ms", [run.rested_ms for run in runs]),
    ):
        for page in FOLLOWING:
            milliseconds = min(one[page] for one in taken)
            yield Row(step, f"{size}, {page}", OURS, round(milliseconds / 1000, 3))
    slider = min(run.slider_ms for run in runs)
    yield Row("dashboard: the process map's slider to the map drawn", size, OURS, slider / 1000)
    yield _answers(f"{size}, all pages", OURS, [run.answers_ms for run in runs])
    yield _answers(f"{size}, overview", OURS, [run.overview_ms for run in runs])
    yield _answers(f"{size}, {_UNUSUAL}", OURS, [run.unusual_ms for run in runs])
    memory = min((run.worker_mb for run in runs), key=max)
    yield _memory(f"{size}, all pages", OURS, *max(memory))
    memory = min((run.worker_after_unusual_mb for run in runs), key=max)
    yield _memory(f"{size}, {_UNUSUAL}", OURS, *max(memory))


def _better_of_streamlit(runs: Sequence[streamlit_peer.Figures], size: str) -> Iterator[Row]:
    who, overview = f"Streamlit {runs[0].version}", f"{size}, overview"
    cold = min(run.cold_s for run in runs)
    transferred = {"MB transferred": round(runs[0].first_load_mb, 2)}
    yield Row(_COLD, overview, who, round(cold, 3), more=transferred)
    yield Row(_FILTER, overview, who, round(min(run.filter_ms for run in runs) / 1000, 3))
    yield _answers(overview, who, [run.answers_ms for run in runs])
    yield _memory(overview, who, *min(run.worker_mb for run in runs))


def _answers(size: str, who: str, runs: Sequence[Sequence[float]]) -> Row:
    median = min(map(statistics.median, runs))
    tail = min(statistics.quantiles(run, n=20)[-1] for run in runs)
    more = {"p95 s": round(tail / 1000, 3), "answers": max(map(len, runs))}
    return Row(
        f"dashboard: {USERS} users who each click once a second, an answer, median",
        size,
        who,
        round(median / 1000, 4),
        more=more,
    )


def _memory(size: str, who: str, megabytes: float, own: float) -> Row:
    gib, own_gib = (round(one * 1e6 / 2**30, 3) for one in (megabytes, own))
    more = {"to itself GiB": own_gib}
    return Row("dashboard: memory of a worker after all this", size, who, peak_gib=gib, more=more)
