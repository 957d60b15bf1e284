"""What pages look like on paper."""

from playwright.sync_api import Page, expect

from tests.dashboard.browser.looking import go

SIZES = """() => [...document.querySelectorAll('.chart-body .main-svg:first-child')].map(
    (drawing) => [drawing.getBoundingClientRect().right,
     drawing.closest('.card').getBoundingClientRect().right])"""
INK = """() => getComputedStyle(document.querySelector('.chart-body .xtick text'))
    .fill.match(/\\d+/g).slice(0, 3).map(Number)"""
ROWS = """() => [...document.querySelectorAll('.tower-grid')].map((grid) => [
    grid.querySelectorAll('.ag-center-cols-container .ag-row').length,
    window.dash_ag_grid.getApi(grid.id).paginationGetRowCount(), grid.dataset.leftOff || ''])"""
CELLS = """() => [...document.querySelectorAll('.tower-grid')].map((grid) => [
    grid.querySelectorAll('.ag-header-cell').length,
    grid.querySelector('.ag-row[row-index="0"]').querySelectorAll('.ag-cell').length])"""
# The printer looks when all who listen have been told, and waits for nothing.
PRINTED = "(look) => { window.dispatchEvent(new Event('beforeprint')); return eval(look)(); }"
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
    assert sum(page.evaluate(INK)) < 400
    drawn = page.evaluate(SIZES)
    assert len(drawn) == 5
    assert all(chart <= card for chart, card in drawn)
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen", color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert page.locator(".card").first.evaluate(PAPER) == before
    assert sum(page.evaluate(INK)) > 400


def test_tables_are_printed_in_full(page: Page) -> None:
    """All rows and columns at once, not the page of twelve; afterwards the page it was."""
    go(page, "/tickets")
    page.get_by_role("button", name="Next Page").click()
    shown = page.evaluate(ROWS)
    ((_, count, _),) = shown
    assert shown == [[25, count, ""]]
    assert 50 < count <= 200
    assert page.evaluate(PRINTED, ROWS) == [[count, count, ""]]
    ((headers, cells),) = page.evaluate(CELLS)
    assert headers == cells > 12
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(f"() => ({ROWS})()[0][0] === 25")
    expect(page.locator(".ag-paging-description")).to_contain_text("2")
    assert page.evaluate(ROWS) == shown


def test_what_is_left_off_paper_is_said(page: Page) -> None:
    """Two hundred rows, and how many more there are."""
    go(page, "/data")
    printed = page.evaluate(PRINTED, ROWS)
    long = [rows for rows in printed if rows[1] > 200]
    assert long
    assert [[200, count, f"{count - 200} more rows: export the table"] for _, count, _ in long] == (
        long
    )
    assert all(drawn == count and not said for drawn, count, said in printed if count <= 200)
