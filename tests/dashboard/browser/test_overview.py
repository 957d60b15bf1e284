"""The executive overview as a reader sees it, against the tables as they landed."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser.accessibility import grave_findings
from tests.dashboard.browser.looking import caption, choose, go, kpi, settled
from tests.dashboard.published_desk import AS_OF

LAST = date.fromisoformat(AS_OF) - timedelta(days=1)


def opened(desk_dir: Path, days: int, **wanted: str) -> int:
    """Count landed tickets created in the last days before the tower's clock."""
    tickets = pl.read_parquet(desk_dir / "raw" / "tickets.parquet").filter(~pl.col("is_deleted"))
    for column, value in wanted.items():
        tickets = tickets.filter(pl.col(column) == value)
    day = tickets["created_at"].dt.date()
    return int(day.is_between(LAST - timedelta(days=days - 1), LAST).sum())


def test_the_cards_show_the_landed_tickets(page: Page, desk_dir: Path) -> None:
    """The count on the card is that of the last thirty days."""
    go(page, "/")
    assert kpi(page, "tickets") == f"{opened(desk_dir, 30):,}"
    for metric in ("sla_attainment", "median_cycle_hours", "backlog", "cost_per_ticket"):
        assert kpi(page, metric) != "—"
    expect(page.locator(".freshness")).to_contain_text("Data as of 1 Jun 2026")
    assert page.locator(".headline").inner_text().endswith(".")


def test_filters_change_the_numbers_and_the_address(page: Page, desk_dir: Path) -> None:
    """What is chosen is counted, is in the URL, and survives reload and going back."""
    go(page, "/")
    choose(page, "priority", "high")
    wanted = f"{opened(desk_dir, 30, priority='high'):,}"
    expect(page.locator("#kpi-tickets .kpi-value")).to_have_text(wanted)
    assert page.url.endswith("/?priority=high")
    page.reload()
    settled(page)
    assert kpi(page, "tickets") == wanted
    expect(page.locator("#filter-summary")).to_contain_text("high")
    page.go_back()
    expect(page.locator("#kpi-tickets .kpi-value")).to_have_text(f"{opened(desk_dir, 30):,}")
    expect(page.locator("#filter-summary")).not_to_contain_text("high")


def test_a_link_opens_the_view_it_names(page: Page, desk_dir: Path) -> None:
    """Days and filters of a link are shown at once, in the controls, too."""
    first = LAST - timedelta(days=6)
    go(page, f"/?from={first}&to={LAST}&type=incident")
    assert kpi(page, "tickets") == f"{opened(desk_dir, 7, ticket_type='incident'):,}"
    expect(page.locator("#filter-days-place")).to_be_visible()


def test_a_link_that_means_nothing_is_told_of(page: Page, desk_dir: Path) -> None:
    """What is not understood is left out, said, and changes no number."""
    go(page, "/?priority=enormous&period=9y&from=yesterday")
    notices = page.locator(".notices")
    for word in ("enormous", "9y", "yesterday"):
        expect(notices).to_contain_text(word)
    assert kpi(page, "tickets") == f"{opened(desk_dir, 30):,}"


@pytest.mark.parametrize(
    ("search", "says"),
    [
        ("?priority=enormous", "last 30 days"),
        ("?from=2026-13-01&to=foo", "last 30 days"),
        ("?from=2026-05-20&to=2026-05-10", "last 30 days"),
        ("?from=2026-05-10&to=2026-05-20", "2026-05-10 to 2026-05-20"),
        ("?priority=high&priority=high", "last 30 days · high"),
        ("?period=7d&" + "&".join(f"type=t{one}" for one in range(60)), "last 30 days"),
    ],
)
def test_the_filters_in_words_are_those_in_force(page: Page, search: str, says: str) -> None:
    """What a link asks for in vain is neither said nor shown as chosen."""
    go(page, f"/{search}")
    expect(page.locator("#filter-summary")).to_have_text(f"Filters: {says}")
    assert page.locator(".filters .mantine-Pill-root").all_inner_texts() == says.split(" · ")[1:]
    is_custom = " to " in says
    expect(page.locator("#filter-days-place")).to_be_visible(visible=is_custom)


def test_other_filters_hold_while_days_are_still_to_be_chosen(page: Page, desk_dir: Path) -> None:
    """The period that was there goes on to hold, and the control waits for its days."""
    go(page, "/")
    page.locator("#filter-period").click()
    page.get_by_role("option", name="Other days …").click()
    expect(page.locator("#filter-days-place")).to_be_visible()
    choose(page, "priority", "high")
    assert page.url.endswith("/?priority=high")
    assert kpi(page, "tickets") == f"{opened(desk_dir, 30, priority='high'):,}"
    expect(page.locator("#filter-summary")).to_have_text("Filters: last 30 days · high")
    expect(page.locator("#filter-days-place")).to_be_visible()
    page.go_back()
    expect(page.locator("#filter-summary")).to_have_text("Filters: last 30 days")
    expect(page.locator("#filter-days-place")).to_be_hidden()


def test_what_matters_today_does_so_under_any_filter(page: Page) -> None:
    """The sentence stays, and says that it follows none."""
    go(page, "/")
    says = page.locator(".headline").inner_text()
    go(page, "/?group=Engineering&period=7d")
    assert page.locator(".headline").inner_text() == f"{says} Not filtered by period, group."


def test_figures_have_their_table_and_their_files(page: Page, desk_dir: Path) -> None:
    """Every figure can be read as a table and taken along; the files say what the figure says."""
    go(page, "/?period=7d")
    menu = page.get_by_role("button", name="Options of Tickets opened and solved")
    menu.click()
    page.get_by_role("menuitem", name="View as table").click()
    window = page.get_by_role("dialog")
    expect(window.locator(".ag-row")).to_have_count(7)
    page.keyboard.press("Escape")
    for kind in ("CSV", "Excel", "PNG", "SVG"):
        menu.click()
        with page.expect_download() as taken:
            page.get_by_role("menuitem", name=f"Download {kind}").click()
        content = taken.value.path().read_bytes()
        if kind == "CSV":
            rows = list(csv.DictReader(io.StringIO(content.decode())))
            assert sum(int(row["tickets"]) for row in rows) == opened(desk_dir, 7)
        if kind == "Excel":
            assert content.startswith(b"PK")
            sheet = pl.read_excel(io.BytesIO(content), engine="calamine")
            assert sheet["Opened"].sum() == opened(desk_dir, 7)
        if kind == "PNG":
            assert content.startswith(b"\x89PNG")
        if kind == "SVG":
            assert b"<svg" in content


def test_an_empty_view_says_so(page: Page) -> None:
    """Days without tickets show words, not empty axes."""
    go(page, "/?from=2001-01-01&to=2001-01-31")
    expect(page.locator(".state-empty").first).to_be_visible()
    assert caption(page, "tickets-by-day") == ""


def test_the_menu_of_a_card_is_worked_by_keyboard(page: Page) -> None:
    """Arrows go round its entries, Escape and Tab close it, and focus goes back to its button."""
    go(page, "/?period=7d")
    button = page.get_by_role("button", name="Options of SLA attainment", exact=True)
    menu = page.get_by_role("menu", name="Options of SLA attainment", exact=True)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    entries = menu.get_by_role("menuitem")
    expect(entries).to_have_text(
        ["View as table", "Download CSV", "Download Excel", "Download PNG", "Download SVG"]
    )
    expect(entries.nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(entries.nth(4)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(entries.nth(1)).to_be_focused()
    expect(entries.nth(1)).to_have_attribute("href", "/export/sla-by-day.csv?period=7d")
    assert not grave_findings(page)
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(button).to_be_focused()
    button.click()
    expect(menu).to_be_visible()
    page.locator("h1").click()
    expect(menu).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "false")


def test_the_menu_of_a_card_goes_along_with_its_button(page: Page) -> None:
    """A page that moves under an open menu takes it along; out of sight, it closes."""
    go(page, "/?period=7d")
    button = page.get_by_role("button", name="Options of SLA attainment", exact=True)
    menu = page.get_by_role("menu", name="Options of SLA attainment", exact=True)
    button.click()
    expect(menu).to_be_visible()
    before = _tops(page)
    page.evaluate("window.scrollBy({ top: 40, behavior: 'instant' })")
    page.wait_for_function(
        "(top) => document.querySelector('.options[aria-expanded=true]')"
        ".getBoundingClientRect().top === top - 40",
        arg=before["button"],
    )
    page.wait_for_function(
        "(top) => document.getElementById('options-menu').getBoundingClientRect().top === top - 40",
        arg=before["menu"],
    )
    page.evaluate("window.scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    expect(menu).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "false")


def _tops(page: Page) -> dict[str, float]:
    """Return how far down the open menu and its button are, in pixels."""
    tops: dict[str, float] = page.evaluate(
        "() => ({ menu: document.getElementById('options-menu').getBoundingClientRect().top,"
        " button: document.querySelector('.options[aria-expanded=true]')"
        ".getBoundingClientRect().top })"
    )
    return tops
