"""The hand-written documents, and what can be read out of Markdown."""

import re
from collections.abc import Iterator
from pathlib import Path

from control_tower.settings import PROJECT_ROOT

__all__ = ["DOCUMENTS", "blocks", "fragments_of", "links", "named", "without_blocks"]

_GENERATED = "% Generated"

DOCUMENTS = tuple(
    path
    for path in (
        *sorted(PROJECT_ROOT.glob("*.md")),
        *sorted((PROJECT_ROOT / "docs").rglob("*.md")),
    )
    if "_build" not in path.parts and not path.read_text(encoding="utf-8").startswith(_GENERATED)
)
"""Every document written by hand."""


def named(path: Path) -> str:
    """Return a document's name in a test's id."""
    return path.relative_to(PROJECT_ROOT).as_posix()


def blocks(path: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language, in their order."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(
        rf"^```{re.escape(language)}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE
    )
    return [str(block) for block in found]


def without_blocks(text: str) -> str:
    """Return Markdown without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def links(path: Path) -> Iterator[str]:
    """Yield where a document's links and pictures lead within the project."""
    text = without_blocks(path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield target


def fragments_of(text: str) -> set[str]:
    """Return the names by which the headings of a document can be linked to."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
