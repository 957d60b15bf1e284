"""How fast the dashboard is to its readers: in a real browser, and with twenty of them at once.

Run with `python -m benchmarks.dashboard [--data-dir DIR | --tickets N]`; it needs Chromium. Each
figure is the better of two measurements, each with a server started anew.
"""

import argparse
import http.client
import json
import random
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.pipeline import run_once
from tests.dashboard.asking import question
from tests.dashboard.serving.tower import ask, serving

__all__ = ["Figures", "main", "measure"]

_PAGES: Final = {
    "overview": "/",
    "queues": "/queues",
    "bottlenecks": "/bottlenecks",
    "capacity": "/capacity",
    "quality": "/quality",
    "recommendations": "/recommendations",
}
_FOLLOWING: Final = ("overview", "queues", "bottlenecks", "quality")
_USERS = 20
_SECONDS = 30.0
_PRIORITIES: Final = ("urgent", "high", "normal", "low")
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
# From the reader's click or key to the last chart drawn anew; then nothing more for a while.
_WATCH: Final = """([event, selector]) => {
  window.benchmark = new Promise((done, failed) => {
    let began = 0;
    let drawn = 0;
    document.addEventListener(event, () => { began = performance.now(); },
      { capture: true, once: true });
    document.querySelectorAll(selector).forEach((graph) => graph.on("plotly_afterplot", () => {
      if (began) drawn = performance.now();
    }));
    const look = () => {
      const now = performance.now();
      if (drawn && now - drawn > 600) done(drawn - began);
      else if (began && now - began > 20000) failed(new Error("no chart was drawn anew"));
      else setTimeout(look, 50);
    };
    look();
  });
}"""


@dataclass
class Figures:
    """What was measured.

    Attributes:
        cold_s: Seconds from nothing to all charts drawn, by page.
        filter_ms: Median milliseconds from a click on a filter to all charts drawn, of the pages
            whose figures follow it.
        slider_ms: Likewise from a key on the process map's slider to the map drawn.
        answers_ms: Every answer to twenty users.
        first_load_mb: Transferred by the first page.
        worker_mb: Proportional memory of each worker after all this.
    """

    cold_s: dict[str, float] = field(default_factory=dict)
    filter_ms: dict[str, float] = field(default_factory=dict)
    slider_ms: float = float("inf")
    answers_ms: list[float] = field(default_factory=list)
    first_load_mb: float = 0.0
    worker_mb: list[float] = field(default_factory=list)


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
            for priority in _PRIORITIES:
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


def _users(address: str) -> list[float]:
    """Return the milliseconds of every answer to users who each click once a second."""
    dependencies: Sequence[Mapping[str, Any]] = json.loads(
        ask(f"{address}/_dash-dependencies").body
    )
    taken: list[float] = []
    wrong: list[int] = []
    ends = time.perf_counter() + _SECONDS

    def click(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - readers, not secrets
        connection = http.client.HTTPConnection(str(urlsplit(address).netloc), timeout=60)
        due = time.perf_counter() + number / _USERS
        while due < ends:
            time.sleep(max(0.0, due - time.perf_counter()))
            page = chance.choice(list(_PAGES))
            chosen = {"period": chance.choice(("7d", "30d", "90d", "365d"))}
            if chance.random() < 0.7:
                chosen["priority"] = chance.choice(_PRIORITIES)
            body = json.dumps(question(dependencies, page, f"?{urlencode(chosen)}", _PAGES[page]))
            began = time.perf_counter()
            connection.request(
                "POST", "/_dash-update-component", body, {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            answer.read()
            taken.append(1000 * (time.perf_counter() - began))
            wrong.extend([answer.status] if answer.status != 200 else [])
            due += 1.0

    threads = [threading.Thread(target=click, args=(number,)) for number in range(_USERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong
    return taken


def measure(data_dir: Path) -> Figures:
    """Return the figures of a dashboard of a published snapshot, served as its users have it."""
    found = Figures()
    with serving(data_dir) as (address, process), _browser() as browser:
        found.cold_s, found.first_load_mb = _cold(browser, address)
        found.filter_ms = _filters(browser, address)
        found.slider_ms = _slider(browser, address)
        found.answers_ms = _users(address)
        workers = psutil.Process(process.pid).children()
        found.worker_mb = [worker.memory_full_info().pss / 1e6 for worker in workers]
    return found


def _better(runs: Sequence[Figures]) -> None:
    def least(values: Sequence[Mapping[str, float]]) -> dict[str, float]:
        return {name: min(one[name] for one in values) for name in values[0]}

    cold = least([run.cold_s for run in runs])
    filters = least([run.filter_ms for run in runs])
    for name in _PAGES:
        after = f"{filters[name]:>10.0f} ms a filter" if name in filters else ""
        print(f"{name:<20}{cold[name]:>10.2f} s cold{after}")
    print(f"{'all pages, median':<20}{statistics.median(cold.values()):>10.2f} s cold", end="")
    print(f"{statistics.median(filters.values()):>10.0f} ms a filter")
    print(f"{'slider to map':<20}{min(run.slider_ms for run in runs):>10.0f} ms")
    medians = [statistics.median(run.answers_ms) for run in runs]
    tails = [statistics.quantiles(run.answers_ms, n=20)[-1] for run in runs]
    print(f"{f'{_USERS} users':<20}{min(medians):>10.0f} ms median, {min(tails):.0f} ms p95")
    print(f"{'first load':<20}{runs[0].first_load_mb:>10.2f} MB")
    memory = min((run.worker_mb for run in runs), key=max)
    print(f"{'a worker':<20}{max(memory):>10.0f} MB", flush=True)


def main(data_dir: Path | None = None, tickets: int = 50_000) -> None:
    """Print the figures of a snapshot given, or of a simulated desk published for it."""
    with tempfile.TemporaryDirectory() as folder:
        if data_dir is None:
            data_dir = Path(folder)
            run_once(data_dir, "--tickets", str(tickets))
        _better([measure(data_dir) for _ in range(_TIMES)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--tickets", type=int, default=50_000)
    given = parser.parse_args()
    main(given.data_dir, given.tickets)
