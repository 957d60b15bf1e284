"""A dashboard that serves, and a browser that looks at it and minds its console."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from control_tower_dash import create_app
from control_tower_dash.settings import DashboardSettings
from tests.dashboard.browser.browser import chromium


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker have the browser: two would fight for the machine."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@contextmanager
def serve(data_dir: Path, **settings: object) -> Iterator[str]:
    """Serve the dashboard of a data directory on a port of its own, at the address yielded."""
    chosen = DashboardSettings.model_validate({"data_dir": data_dir, **settings})
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, create_app(chosen).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def address(desk_dir: Path) -> Iterator[str]:
    """Yield the address of a dashboard of the published desk."""
    with serve(desk_dir) as served:
        yield served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a headless browser."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """Yield a browser profile of the test's own; whatever it complains of fails the test."""
    context = browser.new_context(
        base_url=address, viewport={"width": 1440, "height": 1000}, accept_downloads=True
    )
    complaints: list[str] = []
    context.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    foreign: list[str] = []
    context.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else foreign.append(request.url)
        ),
    )
    yield context
    context.close()
    assert not complaints
    assert not foreign, "the dashboard asks nobody but its own server"


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Return an empty page."""
    return context.new_page()
