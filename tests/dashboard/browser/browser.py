"""Where a browser is, or what to do if there is none."""

import os
import shutil

import pytest

__all__ = ["chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Return the path of a browser; without one, fail where all must run, else skip."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    says = "no Chromium was found; install it, on Debian with: sudo apt-get install chromium"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(says)
    pytest.skip(says)
