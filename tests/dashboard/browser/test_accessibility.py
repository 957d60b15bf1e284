"""Nothing serious stands in the way of those who read pages with other means than their eyes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext

from tests.dashboard.browser.looking import go
from tests.dashboard.browser.pages import PATHS

_GRAVE = ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_no_grave_finding(context: BrowserContext, path: str, scheme: str) -> None:
    """The axe rules of WCAG 2.1 AA find nothing serious or critical."""
    page = context.new_page()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    go(page, path)
    found = Axe().run(
        page,
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
            "resultTypes": ["violations"],
        },
    )
    grave = [
        (violation["id"], violation["help"], [node["target"] for node in violation["nodes"]][:4])
        for violation in found.response["violations"]
        if violation["impact"] in _GRAVE
    ]
    assert not grave
