"""What a reader waits for, measured in a real browser: pages opened, filters chosen, a slider."""

import shutil
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.drawing import until_drawn
from benchmarks.readers import PRIORITIES
from control_tower_dash import pages

__all__ = [
    "FOLLOWING",
    "PAGES",
    "RESTS_MS",
    "added",
    "chromium",
    "cold",
    "filters",
    "reader",
    "slider",
]

PAGES: Final = {page.name: page.path for page in pages.PAGES if page.in_navigation and page.is_kept}
FOLLOWING: Final = ("overview", "queues", "bottlenecks", "quality")
"""Pages whose figures follow the filters."""

RESTS_MS: Final = 200
"""How long a pointer is at rest on what it is about to press."""

_STEPS_OF_THE_SLIDER = 8
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
    "document.querySelectorAll(selector).forEach((graph) =>"
    "  graph.on('plotly_afterplot', () => isDrawn(graph)));"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless Chromium.

    Raises:
        SystemExit: If there is none.
    """
    path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if path is None:
        raise SystemExit("no Chromium was found; on Debian: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def reader(browser: Browser, address: str) -> Iterator[Page]:
    """Yield a page of a browser profile that has nothing yet."""
    context = browser.new_context(
        base_url=address, viewport={"width": 1440, "height": 1000}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(_TIMEOUT_MS)
    yield page
    context.close()


def cold(browser: Browser, address: str) -> tuple[dict[str, float], float]:
    """Return the seconds each page takes a reader who was never here, and the first's megabytes."""
    seconds: dict[str, float] = {}
    received: list[float] = []
    for name, path in PAGES.items():
        with reader(browser, address) as page:
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


def filters(browser: Browser, address: str) -> dict[str, dict[str, float]]:
    """Return the milliseconds from choosing one priority to the charts of each page.

    Of `all` its charts, and of those `seen` without scrolling.
    """
    found = {}
    for name in FOLLOWING:
        taken = []
        with reader(browser, address) as page:
            _go(page, PAGES[name])
            for priority in PRIORITIES:
                taken.append(_choose(page, "priority", priority))
                # Taken away again.
                _choose(page, "priority", priority)
        found[name] = {
            what: statistics.median(one[what] for one in taken) for what in ("all", "seen")
        }
    return found


def added(browser: Browser, address: str, name: str, rests_ms: float) -> dict[str, float]:
    """Return the milliseconds from one more value of a filter to the charts in view, by page."""
    found = {}
    for page_name in FOLLOWING:
        with reader(browser, address) as page:
            _go(page, PAGES[page_name])
            page.locator(f"#filter-{name}").click()
            values = page.get_by_role("option").all_inner_texts()[: len(PRIORITIES)]
            page.keyboard.press("Escape")
            # The first by itself is a usual view.
            _choose(page, name, values[0])
            taken = [_choose(page, name, value, rests_ms)["seen"] for value in values[1:]]
        found[page_name] = statistics.median(taken)
    return found


def _choose(page: Page, name: str, value: str, rests_ms: float = 0) -> Mapping[str, float]:
    page.locator(f"#filter-{name}").click()
    option = page.get_by_role("option", name=value, exact=True)
    option.wait_for()
    page.wait_for_timeout(400)
    if rests_ms:
        option.hover()
        page.wait_for_timeout(rests_ms)
    taken = _until(page, "click", ".chart-body .js-plotly-plot", option.click)
    page.wait_for_load_state("networkidle")
    return taken


def slider(browser: Browser, address: str) -> float:
    """Return the milliseconds from one end of the slider of detail to the other, the map drawn."""
    with reader(browser, address) as page:
        _go(page, PAGES["bottlenecks"])
        thumb = page.locator("#map-detail [role=slider], #map-detail[role=slider]").first
        thumb.focus()
        map_ = '[aria-labelledby="heading-process-map"] .js-plotly-plot'
        taken = []
        for step in range(_STEPS_OF_THE_SLIDER):
            key = "Home" if step % 2 else "End"
            taken.append(_until(page, "keydown", map_, lambda key=key: thumb.press(key))["all"])
            page.wait_for_timeout(300)
    return statistics.median(taken)


def _go(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_function(_DRAWN)
    page.wait_for_load_state("networkidle")


def _until(page: Page, event: str, selector: str, act: Any) -> Mapping[str, float]:
    page.evaluate(_WATCH, [event, selector])
    act()
    taken: Mapping[str, float] = page.evaluate("() => window.benchmark")
    return taken
