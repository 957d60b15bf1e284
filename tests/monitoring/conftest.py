"""The published data directory the tests of bad input use, too."""

from tests.bad_input.conftest import data_dir, published_once

__all__ = ["data_dir", "published_once"]
