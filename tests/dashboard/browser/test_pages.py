"""Every page as readers see it: real data, both themes, a narrow screen, links that lead on."""

import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from control_tower.recommendations.words import plural
from tests.dashboard.browser.accessibility import grave_findings
from tests.dashboard.browser.looking import caption, go, settled
from tests.dashboard.browser.pages import PATHS
from tests.dashboard.published_desk import AS_OF

LAST = date.fromisoformat(AS_OF) - timedelta(days=1)
FIRST = LAST - timedelta(days=29)


def landed(desk_dir: Path, table: str) -> pl.DataFrame:
    """Return a table as it landed."""
    return pl.read_parquet(desk_dir / "raw" / f"{table}.parquet")


def tickets_of(desk_dir: Path, moment: str, **wanted: str) -> pl.DataFrame:
    """Return landed tickets with a moment in the last thirty days."""
    found = landed(desk_dir, "tickets").filter(
        ~pl.col("is_deleted"), pl.col(moment).dt.date().is_between(FIRST, LAST)
    )
    return found.filter(*(pl.col(column) == value for column, value in wanted.items()))


def eventful(desk_dir: Path) -> int:
    """Return the ticket to which most happened."""
    return int(landed(desk_dir, "ticket_events")["ticket_id"].mode(maintain_order=True)[0])


@pytest.mark.parametrize("path", [*PATHS, "/ticket/{}"])
def test_a_page_shows_data_to_everybody(page: Page, desk_dir: Path, path: str) -> None:
    """Nothing failed; every figure is drawn or says why not; both themes can be read; it fits."""
    path = path.format(eventful(desk_dir))
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    go(page, path)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator(".state-error")).to_have_count(0)
    for section in page.locator("section:has(.chart-body)").all():
        drawn = section.locator(".chart-body:not(.is-hidden) .main-svg").count()
        assert drawn or section.locator(".state").count(), section.inner_text()
        if drawn:
            expect(section.locator(".caption")).not_to_be_empty()
    assert page.title().endswith("Operations Control Tower")
    assert not grave_findings(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    settled(page)
    assert not grave_findings(page)
    page.set_viewport_size({"width": 375, "height": 800})
    page.wait_for_function("() => document.documentElement.scrollWidth <= 375", timeout=10_000)


def test_the_queues_count_what_was_solved(page: Page, desk_dir: Path) -> None:
    """Filters reach the queues."""
    go(page, "/queues?priority=high")
    solved = tickets_of(desk_dir, "solved_at", priority="high").height
    assert caption(page, "groups").startswith(f"{solved:,} tickets solved")


def test_the_bottlenecks_mine_what_was_opened(page: Page, desk_dir: Path) -> None:
    """Filters reach the mined tables."""
    go(page, "/bottlenecks?type=incident")
    opened = tickets_of(desk_dir, "created_at", ticket_type="incident").height
    expect(page.get_by_text(f"of {opened:,} tickets", exact=False).first).to_be_visible()


def test_the_quality_page_counts_ratings(page: Page, desk_dir: Path) -> None:
    """Ratings of the period, of tickets of the tier."""
    go(page, "/quality?tier=enterprise")
    tickets = landed(desk_dir, "tickets").filter(
        ~pl.col("is_deleted"), pl.col("customer_tier") == "enterprise"
    )
    given = landed(desk_dir, "satisfaction_ratings").filter(
        pl.col("rated_at").dt.date().is_between(FIRST, LAST),
        pl.col("ticket_id").is_in(tickets["ticket_id"].implode()),
    )
    assert caption(page, "csat-distribution").startswith(f"{given.height:,} ratings")


def test_a_row_leads_to_its_tickets_and_a_ticket_to_its_story(page: Page, desk_dir: Path) -> None:
    """From the list to a ticket that says what landed of it, and back."""
    go(page, "/tickets?priority=urgent")
    opened = tickets_of(desk_dir, "created_at", priority="urgent")
    expect(page.locator(".tickets-found strong")).to_have_text(f"{opened.height:,}")
    link = page.locator(".ag-row a").first
    number = int(link.inner_text().removeprefix("#"))
    assert number in opened["ticket_id"]
    link.click()
    expect(page).to_have_url(re.compile(rf"/ticket/{number}"))
    settled(page)
    expect(page.get_by_role("heading", name=f"Ticket #{number}")).to_be_visible()
    happened = landed(desk_dir, "ticket_events").filter(pl.col("ticket_id") == number)
    assert caption(page, "ticket-course").startswith(plural(happened.height, "event"))
    page.go_back()
    expect(page.locator(".tickets-found strong")).to_have_text(f"{opened.height:,}")


def test_a_mark_leads_to_the_tickets_behind_it(page: Page) -> None:
    """A click on a bar opens the list, with words that say whose tickets they are."""
    go(page, "/")
    section = page.locator("section", has=page.locator("#heading-sla-by-group-priority-type"))
    section.locator(".bars .point path").first.click(force=True)
    expect(page).to_have_url(re.compile(r"/tickets\?"))
    settled(page)
    assert int(page.locator(".tickets-found strong").inner_text().replace(",", "")) > 0
    expect(page.locator(".ag-row").first).to_be_visible()


def test_a_ticket_that_is_not_there_is_told_of(page: Page) -> None:
    """Any key may be asked for; none breaks the page."""
    for key in ("999999999999", "1%20or%201=1", "none"):
        go(page, f"/ticket/{key}")
        expect(page.get_by_text("There is no ticket")).to_be_visible()


def test_recommendations_lead_to_their_evidence_and_the_briefing(page: Page) -> None:
    """The first action says why; the briefing comes as files."""
    go(page, "/recommendations")
    expect(page.locator(".actions article").first).to_contain_text("Why:")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Markdown", exact=True).click()
    assert taken.value.path().read_text(encoding="utf-8").startswith("# Monday briefing")
    link = page.get_by_role("link", name=re.compile("Open the .* behind it")).first
    wanted = re.search(r"\d+", link.inner_text())
    link.click()
    settled(page)
    assert wanted
    expect(page.locator(".tickets-found strong")).to_have_text(wanted.group())


def test_a_plan_is_in_the_address(page: Page) -> None:
    """A plan somebody sends opens as it was made."""
    go(page, "/capacity?volume=1.5")
    expect(page.get_by_text(re.compile(r"\+50\s?%|50\s?% more|1\.5")).first).to_be_visible()


# Words of headings that stand on two lines.
_BROKEN_WORDS = """() => [...document.querySelectorAll('.ag-header-cell-text')].flatMap((cell) => {
  const text = cell.firstChild;
  return text ? [...text.data.matchAll(/\\S+/g)].filter(({ 0: word, index }) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    return range.getClientRects().length > 1;
  }).map(([word]) => word) : [];
})"""

# Charts whose legend reaches into the plot.
_LEGENDS_ON_PLOTS = """() => [...document.querySelectorAll('.js-plotly-plot')].filter((graph) => {
  const legend = graph.querySelector('.legend');
  const plot = graph.querySelector('.nsewdrag');
  return legend && plot
    && legend.getBoundingClientRect().bottom > plot.getBoundingClientRect().top + 1;
}).map((graph) => graph.closest('section').getAttribute('aria-labelledby'))"""


@pytest.mark.parametrize("path", [*PATHS, "/capacity?group=Engineering&group=Tier+1+Support"])
def test_a_narrow_page_breaks_no_word_and_covers_no_chart(page: Page, path: str) -> None:
    """Headings of tables break between words; legends have rows of their own."""
    page.set_viewport_size({"width": 375, "height": 812})
    go(page, path)
    assert page.evaluate(_BROKEN_WORDS) == []
    assert page.evaluate(_LEGENDS_ON_PLOTS) == []
