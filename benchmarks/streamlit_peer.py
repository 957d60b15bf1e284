"""Measures the executive overview written in Streamlit as `dashboard` measures ours."""

import statistics
import subprocess
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
from playwright.sync_api import Browser

from benchmarks.drawing import until_drawn
from benchmarks.in_browser import reader
from benchmarks.steps import DONE, module, run
from control_tower.settings import PROJECT_ROOT
from control_tower_dash.filters import Filters
from control_tower_dash.queries.overview import key_figures
from control_tower_dash.warehouse import Warehouse
from tests.dashboard.serving.tower import ask, free_port

__all__ = ["Figures", "differences", "measure"]

_PAGE: Final = PROJECT_ROOT / "benchmarks" / "streamlit_page.py"
_PRIORITIES: Final = ("urgent", "high", "normal", "low")
_CHARTS: Final = 5
_SHOWN: Final = {
    "tickets": ("Tickets", ",.0f"),
    "sla_attainment": ("SLA attainment", ".1%"),
    "median_cycle_hours": ("Median cycle time, hours", ",.1f"),
    "backlog": ("Open backlog", ",.0f"),
    "cost_per_ticket": ("Cost per ticket, USD", ",.2f"),
    "csat_mean": ("CSAT", ",.2f"),
}
_SECONDS_TO_START: Final = 60
_DRAWN: Final = """(charts) => {
  const graphs = [...document.querySelectorAll('.js-plotly-plot')];
  return graphs.length === charts && graphs.every(
    (graph) => graph.querySelector('.main-svg') && (graph.data || []).length > 0)
    && !document.querySelector('[data-testid="stSkeleton"]');
}"""
# It puts new elements in the place of old ones, so changes within charts are watched, not events.
_WATCH: Final = until_drawn(
    """new MutationObserver((changes) => {
      const isOfChart = ({ target }) =>
        target instanceof Element && target.closest('.js-plotly-plot');
      if (changes.some(isOfChart)) isDrawn();
    }).observe(document.body, { subtree: true, childList: true, attributes: true });"""
)


@dataclass(frozen=True)
class Figures:
    """What was measured, as of ours; figures are the key figures the page shows at first."""

    version: str
    cold_s: float
    first_load_mb: float
    filter_ms: float
    answers_ms: list[float]
    worker_mb: tuple[float, float]
    figures: dict[str, str]


def measure(python: str, browser: Browser, data_dir: Path, users: int, seconds: float) -> Figures:
    """Return the figures of the page on a published snapshot, served by a Python that has it.

    Raises:
        RuntimeError: If the page fails.
    """
    snapshot = (data_dir / "ops.duckdb").resolve()
    with _serving(python, snapshot) as (address, process):
        cold_s, first_load_mb = _cold(browser, address)
        filter_ms = _filter(browser, address)
        asked = run(
            module("benchmarks.peers.streamlit_users", address, users, seconds, python=python)
        )
        if asked.how != DONE:
            raise RuntimeError(f"users of the Streamlit page: {asked.how}")
        memory = psutil.Process(process.pid).memory_full_info()
    return Figures(
        asked.said["version"],
        cold_s,
        first_load_mb,
        filter_ms,
        asked.said["answers_ms"],
        (memory.pss / 1e6, memory.uss / 1e6),
        asked.said["figures"],
    )


def differences(data_dir: Path, figures: dict[str, str]) -> list[str]:
    """Return the key figures that the page shows otherwise than ours does."""
    found = key_figures(Warehouse(data_dir).current(), Filters())
    ours = {
        _SHOWN[metric][0]: format(value, _SHOWN[metric][1])
        for metric, value in found.select("metric", "value").iter_rows()
        if value is not None
    }
    return [
        f"{name}: {figures.get(name)}, ours {text}"
        for name, text in ours.items()
        if figures.get(name) != text
    ]


@contextmanager
def _serving(python: str, snapshot: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    command = [python, "-m", "streamlit", "run", str(_PAGE)]
    command += [f"--{name}={value}" for name, value in options.items()]
    process = subprocess.Popen(
        [*command, "--", str(snapshot)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{address}/_stcore/health", process)
        yield address, process
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _SECONDS_TO_START
    while process.poll() is None and time.monotonic() < ends:
        try:
            if ask(address).status == 200:
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError("Streamlit did not come up; see what `streamlit run` says of the page")


def _cold(browser: Browser, address: str) -> tuple[float, float]:
    with reader(browser, address) as page:
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        sizes: list[float] = []
        network.on("Network.loadingFinished", lambda one: sizes.append(one["encodedDataLength"]))
        began = time.perf_counter()
        page.goto("/", wait_until="commit")
        page.wait_for_function(_DRAWN, arg=_CHARTS)
        seconds = time.perf_counter() - began
        page.wait_for_load_state("networkidle")
    return seconds, sum(sizes) / 1e6


def _filter(browser: Browser, address: str) -> float:
    taken: list[float] = []
    with reader(browser, address) as page:
        page.goto("/")
        page.wait_for_function(_DRAWN, arg=_CHARTS)
        page.wait_for_load_state("networkidle")
        for priority in _PRIORITIES:
            page.locator('[data-testid="stSelectbox"]').filter(has_text="Priority").locator(
                "input"
            ).click()
            option: Any = page.get_by_role("option", name=priority, exact=True)
            option.wait_for()
            page.wait_for_timeout(400)
            page.evaluate(_WATCH, ["click", ""])
            option.click()
            taken.append(float(page.evaluate("() => window.benchmark")["all"]))
            page.wait_for_timeout(600)
    return statistics.median(taken)
