"""Every link within the project leads somewhere."""

from pathlib import Path

import pytest

from tests.docs.documents import DOCUMENTS, fragments_of, links, named


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    """Return the pages that are written when the documentation is built."""
    from control_tower.settings import PROJECT_ROOT
    from tower_reference.pages import pages

    return {PROJECT_ROOT / "docs" / "reference" / path: text for path, text in pages().items()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document: Path, generated: dict[Path, str]) -> None:
    for link in links(document):
        place, _, fragment = link.partition("#")
        target = (document.parent / place).resolve() if place else document
        assert target in generated or target.exists(), f"{link} leads nowhere"
        if fragment:
            text = generated.get(target) or target.read_text(encoding="utf-8")
            assert fragment in fragments_of(text), f"{link}: there is no such heading"


def test_every_page_is_in_a_table_of_contents(generated: dict[Path, str]) -> None:
    """A page nobody can find might as well not be there."""
    from control_tower.settings import PROJECT_ROOT

    docs = PROJECT_ROOT / "docs"
    written = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS if docs in path.parents}
    listed = set()
    for path, text in {**written, **generated}.items():
        for block in text.split("```{toctree}\n")[1:]:
            for line in block.split("```", 1)[0].splitlines():
                if line and not line.startswith(":"):
                    listed.add((path.parent / f"{line}.md").resolve())
    assert {*written, *generated} == listed | {docs / "index.md"}
