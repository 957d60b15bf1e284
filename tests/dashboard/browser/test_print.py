"""What pages look like on paper."""

from playwright.sync_api import Page, expect

from tests.dashboard.browser.looking import go

SIZES = """() => [...document.querySelectorAll('.chart-body .main-svg:first-child')].map(
    (drawing) => [drawing.getBoundingClientRect().right,
     drawing.closest('.card').getBoundingClientRect().right])"""
INK = "(node) => getComputedStyle(node).fill.match(/\\d+/g).slice(0, 3).map(Number)"
PAPER = "(node) => getComputedStyle(node).backgroundColor"


def test_a_dark_page_prints_light_and_whole(page: Page) -> None:
    """No controls, the filters and the snapshot in words, dark ink, charts within their cards."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    go(page, "/?priority=high&period=90d")
    before = page.locator(".card").first.evaluate(PAPER)
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 718, "height": 1000})
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    for hidden in (".mantine-AppShell-header", ".mantine-AppShell-navbar", ".filters"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".card-head button").first).to_be_hidden()
    expect(page.locator("#filter-summary")).to_have_text("Filters: last 90 days · high")
    expect(page.locator(".freshness")).to_contain_text("Data as of")
    assert page.locator(".card").first.evaluate(PAPER) == "rgb(255, 255, 255)" != before
    # Ink is dark where the sum of red, green and blue is small.
    assert sum(page.locator(".chart-body .xtick text").first.evaluate(INK)) < 400
    drawn = page.evaluate(SIZES)
    assert len(drawn) == 5
    assert all(chart <= card for chart, card in drawn)
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen", color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert page.locator(".card").first.evaluate(PAPER) == before
    assert sum(page.locator(".chart-body .xtick text").first.evaluate(INK)) > 400
