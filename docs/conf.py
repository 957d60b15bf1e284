"""How Sphinx builds the documentation; `make docs-build` runs it."""

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(_DOCS / "_ext"))

_project = tomllib.loads((_DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "Operations Control Tower"
author = copyright = "the Operations Control Tower authors"  # noqa: A001 - Sphinx's name
version = release = _project["version"]

extensions = ["myst_parser", "tower_reference"]
exclude_patterns = ["_build", "_ext"]

myst_heading_anchors = 3
myst_links_external_new_tab = False

html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"top_of_page_buttons": []}


def setup(app: "Sphinx") -> None:
    """Show what Pygments has no lexer for as it is."""
    app.add_lexer("csv", TextLexer)
