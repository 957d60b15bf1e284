"""What stands in the way of those who read pages with other means than their eyes."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

__all__ = ["grave_findings"]

_GRAVE = ("serious", "critical")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def grave_findings(page: Page) -> list[str]:
    """Return what axe finds serious or critical on a page: rule, what it asks, where it fails."""
    found = Axe().run(page, options={"runOnly": _RULES, "resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {violation['help']} at "
        f"{[node['target'] for node in violation['nodes']][:4]}"
        for violation in found.response["violations"]
        if violation["impact"] in _GRAVE
    ]
