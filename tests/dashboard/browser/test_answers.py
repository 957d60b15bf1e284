"""What an answer changes is drawn anew, and nothing else; a slow one is waited for in sight."""

from datetime import date, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.dashboard.browser.looking import choose, go, kpi, settled
from tests.dashboard.published_desk import AS_OF

# A chart that only grows with its page is not drawn by way of this.
_COUNT = """() => {
  const draw = window.Plotly.react;
  window.drawn = 0;
  window.Plotly.react = (...how) => {
    window.drawn += 1;
    return draw(...how);
  };
}"""

# Counts frames, and tells in which one each chart was drawn last.
_FRAMES = """async (top) => {
  window.scrollTo(0, top);
  await new Promise((done) => setTimeout(done, 300));
  window.frames_of = {};
  let frame = 0;
  const count = () => { frame += 1; requestAnimationFrame(count); };
  count();
  document.querySelectorAll('.js-plotly-plot').forEach((graph) => {
    const name = graph.closest('section').getAttribute('aria-labelledby');
    graph.on('plotly_afterplot', () => { window.frames_of[name.slice(8)] = frame; });
  });
}"""

_SLOWLY = """() => {
  const quickly = window.fetch;
  window.fetch = async (...asked) => {
    await new Promise((done) => setTimeout(done, 1500));
    return quickly(...asked);
  };
}"""

_BROKEN = """() => {
  window.whole = window.fetch;
  window.fetch = (asked, ...how) => String(asked).startsWith('/answer')
    ? Promise.resolve(new Response('gone', { status: 502 })) : window.whole(asked, ...how);
}"""


def test_figures_that_stay_the_same_are_not_drawn_anew(page: Page) -> None:
    """The same days asked for by name and by date; then fewer tickets, which all charts tell of."""
    go(page, "/")
    page.evaluate(_COUNT)
    last = date.fromisoformat(AS_OF) - timedelta(days=1)
    search = f"?from={last - timedelta(days=29)}&to={last}"
    with page.expect_response("**/answer/**"):
        page.evaluate("(search) => window.dash_clientside.set_props('url', { search })", search)
    settled(page)
    expect(page.locator("#filter-days-place")).to_be_visible()
    assert page.evaluate("window.drawn") == 0
    choose(page, "priority", "high")
    page.wait_for_function("() => window.drawn >= 5")


def test_a_page_left_and_come_back_to_is_drawn_again(page: Page) -> None:
    """Its charts are new ones, though they are to show what the old ones showed."""
    go(page, "/")
    for name in ("Queue Performance", "Executive Overview"):
        page.get_by_role("navigation").get_by_role("link", name=name).click()
        expect(page.locator("h1")).to_have_text(name)
        settled(page)
    expect(page.locator(".caption").first).to_contain_text("tickets opened")


def test_a_slow_answer_is_waited_for_in_sight(page: Page) -> None:
    """What is there is old: a line above the page says so until the answer is in."""
    go(page, "/")
    expect(page.locator("._dash-loading-callback")).to_have_count(0)

    page.evaluate(_SLOWLY)
    page.locator("#filter-priority").click()
    page.get_by_role("option", name="high", exact=True).click()
    page.wait_for_function(
        """() => {
          const line = document.querySelector('._dash-loading-callback');
          return line && getComputedStyle(line).opacity > 0.2;
        }"""
    )
    page.keyboard.press("Escape")
    settled(page)
    expect(page.locator("._dash-loading-callback")).to_have_count(0)


def test_a_view_is_asked_for_once(page: Page) -> None:
    """As a choice is made, by mouse or keyboard, and not again when its control tells of it."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/answer/" in one.url else None)
    go(page, "/")
    choose(page, "priority", "high")
    page.locator("#filter-period").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator("#filter-summary")).to_have_text("Filters: last 90 days · high")
    assert [one.split("/answer")[1] for one in asked] == [
        "/",
        "/?priority=high",
        "/?period=90d&priority=high",
    ]


def test_what_the_pointer_rests_on_is_asked_for_ahead(page: Page) -> None:
    """It is not shown before it is chosen, and not asked for again when it is."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/answer/" in one.url else None)
    go(page, "/")
    before = kpi(page, "tickets")
    page.locator("#filter-priority").click()
    option = page.get_by_role("option", name="high", exact=True)
    with page.expect_response("**/answer/?priority=high"):
        option.hover()
    page.wait_for_load_state("networkidle")
    assert kpi(page, "tickets") == before
    option.click()
    expect(page.locator("#kpi-tickets .kpi-value")).not_to_have_text(before)
    page.keyboard.press("Escape")
    settled(page)
    assert [one.split("/answer")[1] for one in asked] == ["/", "/?priority=high"]


def test_charts_in_view_are_drawn_before_those_further_down(page: Page) -> None:
    """Where most are further down: the reader has the ones in view a frame earlier at least."""
    go(page, "/bottlenecks")
    for down, first, search in (
        (0, "process-map", "?priority=high"),
        (1_000_000, "deviation-costs", "?priority=low"),
    ):
        page.evaluate(_FRAMES, down)
        page.evaluate("(search) => window.dash_clientside.set_props('url', { search })", search)
        page.wait_for_function("() => Object.keys(window.frames_of).length === 7")
        drawn: dict[str, int] = page.evaluate("window.frames_of")
        assert drawn[first] == min(drawn.values()) < max(drawn.values())


def test_a_dashboard_that_does_not_answer_is_told_of(page: Page) -> None:
    """What was there stays, and the next answer takes the word back."""
    go(page, "/")
    before = kpi(page, "tickets")
    page.evaluate(_BROKEN)
    page.locator("#filter-priority").click()
    page.get_by_role("option", name="high", exact=True).click()
    expect(page.locator("#silence")).to_contain_text("did not answer")
    assert kpi(page, "tickets") == before
    page.evaluate("() => { window.fetch = window.whole; }")
    page.get_by_role("option", name="low", exact=True).click()
    expect(page.locator("#silence")).to_be_empty()
    page.keyboard.press("Escape")
    settled(page)
    assert kpi(page, "tickets") != before


def _shown_early(page: Page) -> tuple[Locator, str]:
    """Show a view that no control tells of; return a figure's place, and what it was before."""
    go(page, "/")
    before = kpi(page, "tickets")
    page.evaluate("() => window.controlTowerShowEarly('?priority=high')")
    value = page.locator("#kpi-tickets .kpi-value")
    expect(value).not_to_have_text(before)
    return value, before


def test_what_does_not_become_the_address_is_taken_back(page: Page) -> None:
    """A choice is shown as it is made; a page must not go on showing what its address denies."""
    value, before = _shown_early(page)
    expect(value).to_have_text(before)
    assert "priority" not in page.url
    choose(page, "priority", "high")
    expect(value).not_to_have_text(before)
    page.wait_for_timeout(1500)
    expect(value).not_to_have_text(before)


def test_what_is_taken_back_needs_no_answer(page: Page) -> None:
    """A dashboard that is gone by then cannot leave a page with what its address denies."""
    value, before = _shown_early(page)
    page.evaluate(_BROKEN)
    expect(value).to_have_text(before)
    expect(page.locator("#silence")).to_be_empty()
