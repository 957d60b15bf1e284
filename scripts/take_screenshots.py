"""Take pictures of every page in both themes for docs/images, from the published snapshot.

Run by `make screenshots`; it needs Chromium (on Debian: sudo apt-get install chromium).
"""

import logging
import shutil
import sys
import threading
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from control_tower_dash import create_app, pages
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import NoSnapshotError, Warehouse

IMAGES: Final = Path(__file__).resolve().parent.parent / "docs" / "images"
PAGES: Final = {
    **{page.name: page.path for page in pages.PAGES if page.in_navigation},
    "tickets": "/tickets?show=breached&sort=slowest",
}
_DRAWN: Final = """() => [...document.querySelectorAll('.chart-body')].every((body) =>
    body.classList.contains('is-hidden') || body.querySelector('.main-svg'))"""


def main() -> int:
    """Serve the snapshot on a port of its own and save docs/images/<page>-<theme>.jpg."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser_path:
        print("no Chromium was found; on Debian: sudo apt-get install chromium", file=sys.stderr)
        return 1
    settings = DashboardSettings()
    try:
        reader = Warehouse(settings.data_dir).current()
    except NoSnapshotError as error:
        print(error, file=sys.stderr)
        return 1
    eventful = reader.query(
        "select ticket_id from marts.ticket_outcomes where reopens > 0 and escalations > 1 "
        "and csat_score is not null and not is_deleted order by created_at desc limit 1"
    )
    shown = dict(PAGES)
    if not eventful.is_empty():
        shown["ticket"] = f"/ticket/{eventful.item()}"
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, create_app(settings).server, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            page = browser.new_page(
                base_url=f"http://127.0.0.1:{server.server_port}",
                viewport={"width": 1280, "height": 900},
                color_scheme=theme,
                reduced_motion="reduce",
            )
            for name, path in shown.items():
                _take(page, path, IMAGES / f"{name}-{theme}.jpg")
                print(f"docs/images/{name}-{theme}.jpg")
        browser.close()
    server.shutdown()
    return 0


def _take(page: Page, path: str, file: Path) -> None:
    page.goto(path)
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_function(_DRAWN)
    page.wait_for_timeout(800)
    page.screenshot(path=file, type="jpeg", quality=72, full_page=True)


if __name__ == "__main__":
    sys.exit(main())
