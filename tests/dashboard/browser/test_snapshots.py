"""What open pages do when a snapshot comes, and what they say when there is none."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from control_tower.publishing.link import link_path, snapshot_id_of, snapshot_path
from tests.dashboard.browser.conftest import serve
from tests.dashboard.browser.looking import go, kpi
from tests.dashboard.published_desk import publish_copy


@pytest.fixture
def own_desk(desk_dir: Path, tmp_path: Path) -> Path:
    """Return a data directory with the desk's snapshot, to publish into."""
    publish_copy(tmp_path, link_path(desk_dir).resolve(), "first")
    return tmp_path


def test_an_open_page_takes_the_new_snapshot(browser: Browser, own_desk: Path) -> None:
    """Without a reload, well within half a minute."""
    with serve(own_desk, refresh_seconds=1) as address:
        page = browser.new_page(base_url=address)
        go(page, "/")
        before = kpi(page, "tickets")
        old = link_path(own_desk).resolve()
        publish_copy(own_desk, old, "second", "update marts.daily_totals set created = 2 * created")
        expect(page.locator("#kpi-tickets .kpi-value")).not_to_have_text(before, timeout=30_000)
        after, once = (int(said.replace(",", "")) for said in (kpi(page, "tickets"), before))
        assert after == 2 * once
        page.close()


def test_without_a_snapshot_pages_say_how_to_get_one(browser: Browser, tmp_path: Path) -> None:
    """Each page stands and names the command."""
    with serve(tmp_path, refresh_seconds=1) as address:
        page = browser.new_page(base_url=address)
        for path in ("/", "/queues", "/tickets"):
            page.goto(path)
            expect(page.locator(".notices")).to_contain_text("make pipeline", timeout=20_000)
        page.close()


def test_a_broken_snapshot_takes_nothing_away(browser: Browser, own_desk: Path) -> None:
    """The last good one stays on the page, and a sentence says that a newer one is broken."""
    with serve(own_desk, refresh_seconds=1) as address:
        page = browser.new_page(base_url=address)
        go(page, "/")
        before = kpi(page, "tickets")
        broken = snapshot_path(own_desk, snapshot_id_of(datetime.now(UTC), "broken00"))
        broken.write_bytes(b"this is no database")
        (own_desk / ".new").symlink_to(broken)
        (own_desk / ".new").replace(link_path(own_desk))
        go(page, "/?period=30d")
        assert kpi(page, "tickets") == before
        expect(page.locator("body")).to_contain_text("cannot be read", timeout=20_000)
        page.close()
