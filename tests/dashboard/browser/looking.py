"""How tests look at a page: go there, wait until it is filled, read what it says."""

from playwright.sync_api import Page, expect

__all__ = ["caption", "choose", "go", "kpi", "settled"]


def go(page: Page, path: str) -> None:
    """Go to a page and wait until it is filled."""
    page.goto(path)
    settled(page)


def settled(page: Page) -> None:
    """Wait until a page shows its figures, not just axes, and asks its server for nothing more."""
    expect(page.locator("h1")).to_be_visible(timeout=20_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        """() => [...document.querySelectorAll('.chart-body')].every((body) =>
            body.classList.contains('is-hidden') || (body.querySelector('.main-svg')
              && (body.querySelector('.js-plotly-plot').data || []).length
              && !body.querySelector('.dash-graph--pending')))
          && [...document.querySelectorAll('.table-body:not(.is-hidden) .tower-grid')].every(
            (grid) => grid.querySelector('.ag-row, .ag-overlay-no-rows-center'))""",
        timeout=20_000,
    )


def kpi(page: Page, metric: str) -> str:
    """Return the value a card shows."""
    return page.locator(f"#kpi-{metric} .kpi-value").inner_text()


def caption(page: Page, element: str) -> str:
    """Return the sentence below a figure or table."""
    section = page.locator("section", has=page.locator(f"#heading-{element}"))
    return section.locator(".caption").inner_text()


def choose(page: Page, name: str, value: str) -> None:
    """Choose a value of a filter, as a reader does."""
    page.locator(f"#filter-{name}").click()
    page.get_by_role("option", name=value, exact=True).click()
    page.keyboard.press("Escape")
    settled(page)
