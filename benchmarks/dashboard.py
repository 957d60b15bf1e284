"""How fast the dashboard is to its readers: in a real browser, and with twenty of them at once.

It needs Chromium. Each figure is the better of two measurements, each with a server started anew
and its usual views worked out, which is measured, too. What nobody worked out ahead is asked for by
users of two priorities at once. The executive overview is measured beside the same page written in
Streamlit.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import streamlit_peer
from benchmarks.drawing import until_drawn
from benchmarks.options import LEFT_OUT, Options
from benchmarks.pipeline import run_once
from benchmarks.readers import PRIORITIES, USERS, memory_mb, users, wait_until_ready
from benchmarks.results import OURS, Row
from tests.dashboard.serving.tower import serving

__all__ = ["Figures", "measure", "rows"]

_PAGES: Final = {
    "overview": "/",
    "queues": "/queues",
    "bottlenecks": "/bottlenecks",
    "capacity": "/capacity",
    "quality": "/quality",
    "recommendations": "/recommendations",
}
_FOLLOWING: Final = ("overview", "queues", "bottlenecks", "quality")
_TICKETS: Final = (50_000, 1_000_000)
_AHEAD: Final = "dashboard: usual views worked out ahead, once a snapshot"
_COLD: Final = "dashboard: cold page, all charts drawn"
_FILTER: Final = "dashboard: click on a filter to all charts drawn, median"
_UNUSUAL: Final = "all pages, of two priorities at once"
_SECONDS = 30.0
_STEPS_OF_THE_SLIDER = 8
_TIMES = 2
_TIMEOUT_MS = 60_000

# Empty axes are drawn before there is data, so it is asked for what is drawn.
_DRAWN: Final = """() => {
  const bodies = [...document.querySelectorAll('.chart-body')];
  return bodies.length > 0 && bodies.every((body) => {
    const graph = body.querySelector('.js-plotly-plot');
    return body.classList.contains('is-hidden')
      || (graph && graph.querySelector('.main-svg') && (graph.data || []).length > 0);
  });
}"""
_WATCH: Final = until_drawn(
    "document.querySelectorAll(selector).forEach((graph) => graph.on('plotly_afterplot', isDrawn));"
)


@dataclass
class Figures:
    """What was measured.

    Attributes:
        ahead_s: Seconds the usual views took, at the lowest priority.
        ahead_mb: The most memory the process that works them out had.
        cold_s: Seconds from nothing to all charts drawn, by page.
        filter_ms: Median milliseconds from a click on a filter to all charts drawn, of the pages
            whose figures follow it.
        slider_ms: Likewise from a key on the process map's slider to the map drawn.
        answers_ms: Every answer to twenty users of all pages.
        unusual_ms: Likewise, of views that are not worked out ahead.
        overview_ms: Every answer to twenty users of the overview alone.
        first_load_mb: Transferred by the first page.
        worker_mb: Proportional memory of each worker after all but those, and what of it is no
            other process's.
        worker_after_unusual_mb: Likewise, after those, too.
    """

    ahead_s: float = 0.0
    ahead_mb: float = 0.0
    cold_s: dict[str, float] = field(default_factory=dict)
    filter_ms: dict[str, float] = field(default_factory=dict)
    slider_ms: float = float("inf")
    answers_ms: list[float] = field(default_factory=list)
    unusual_ms: list[float] = field(default_factory=list)
    overview_ms: list[float] = field(default_factory=list)
    first_load_mb: float = 0.0
    worker_mb: list[tuple[float, float]] = field(default_factory=list)
    worker_after_unusual_mb: list[tuple[float, float]] = field(default_factory=list)


@contextmanager
def _browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if path is None:
        raise SystemExit("no Chromium was found; on Debian: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def _reader(browser: Browser, address: str) -> Iterator[Page]:
    """Yield a page of a browser profile that has nothing yet."""
    context = browser.new_context(
        base_url=address, viewport={"width": 1440, "height": 1000}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(_TIMEOUT_MS)
    yield page
    context.close()


def _cold(browser: Browser, address: str) -> tuple[dict[str, float], float]:
    """Return the seconds each page takes a reader who was never here, and the first's megabytes."""
    seconds: dict[str, float] = {}
    received: list[float] = []
    for name, path in _PAGES.items():
        with _reader(browser, address) as page:
            network = page.context.new_cdp_session(page)
            network.send("Network.enable")
            sizes: list[float] = []
            network.on(
                "Network.loadingFinished", lambda one, to=sizes: to.append(one["encodedDataLength"])
            )
            began = time.perf_counter()
            page.goto(path, wait_until="commit")
            page.wait_for_function(_DRAWN)
            seconds[name] = time.perf_counter() - began
            page.wait_for_load_state("networkidle")
            received.append(sum(sizes) / 1e6)
    return seconds, received[0]


def _filters(browser: Browser, address: str) -> dict[str, float]:
    """Return the milliseconds from choosing a priority to the charts of each page."""
    found: dict[str, float] = {}
    for name in _FOLLOWING:
        with _reader(browser, address) as page:
            _go(page, _PAGES[name])
            taken: list[float] = []
            for priority in PRIORITIES:
                page.locator("#filter-priority").click()
                option = page.get_by_role("option", name=priority, exact=True)
                option.wait_for()
                page.wait_for_timeout(400)
                taken.append(_until(page, "click", ".chart-body .js-plotly-plot", option.click))
                page.wait_for_load_state("networkidle")
            found[name] = statistics.median(taken)
    return found


def _slider(browser: Browser, address: str) -> float:
    """Return the milliseconds from one end of the slider of detail to the other, the map drawn."""
    with _reader(browser, address) as page:
        _go(page, _PAGES["bottlenecks"])
        thumb = page.locator("#map-detail [role=slider], #map-detail[role=slider]").first
        thumb.focus()
        map_ = '[aria-labelledby="heading-process-map"] .js-plotly-plot'
        taken = []
        for step in range(_STEPS_OF_THE_SLIDER):
            key = "Home" if step % 2 else "End"
            taken.append(_until(page, "keydown", map_, lambda key=key: thumb.press(key)))
            page.wait_for_timeout(300)
    return statistics.median(taken)


def _go(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_function(_DRAWN)
    page.wait_for_load_state("networkidle")


def _until(page: Page, event: str, selector: str, act: Any) -> float:
    page.evaluate(_WATCH, [event, selector])
    act()
    return float(page.evaluate("() => window.benchmark"))


def measure(data_dir: Path, seconds: float = _SECONDS) -> Figures:
    """Return the figures of a dashboard of a published snapshot, served as its users have it."""
    found = Figures()
    with serving(data_dir, views_ahead="true") as (address, process), _browser() as browser:
        dashboard = psutil.Process(process.pid)
        found.ahead_s, found.ahead_mb = wait_until_ready(dashboard)
        found.cold_s, found.first_load_mb = _cold(browser, address)
        found.filter_ms = _filters(browser, address)
        found.slider_ms = _slider(browser, address)
        found.overview_ms = users(address, seconds, [_PAGES["overview"]])
        found.answers_ms = users(address, seconds, list(_PAGES.values()))
        found.worker_mb = memory_mb(dashboard)
        found.unusual_ms = users(address, seconds, list(_PAGES.values()), priorities=2)
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
    with _browser() as browser:
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
    for page in _PAGES:
        seconds = min(run.cold_s[page] for run in runs)
        more = {"MB transferred": round(runs[0].first_load_mb, 2)} if page == "overview" else {}
        yield Row(_COLD, f"{size}, {page}", OURS, round(seconds, 3), more=more)
    for page in _FOLLOWING:
        milliseconds = min(run.filter_ms[page] for run in runs)
        yield Row(_FILTER, f"{size}, {page}", OURS, round(milliseconds / 1000, 3))
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
