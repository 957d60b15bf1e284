"""A Sphinx extension that writes the reference pages from the code, before Sphinx reads them."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup", "write_pages"]


def write_pages(folder: Path) -> list[Path]:
    """Write every generated page below a folder and remove those no longer generated.

    A page that would not change is left alone, so that Sphinx need not read it again.

    Returns:
        The pages' files.
    """
    from tower_reference.pages import pages  # noqa: PLC0415 - seconds of imports

    made = {folder / path: text for path, text in pages().items()}
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in (folder / "tables").glob("*.md"):
        if path not in made:
            path.unlink()
    return list(made)


def _on_start(app: "Sphinx") -> None:
    write_pages(Path(app.srcdir) / "reference")


def setup(app: "Sphinx") -> dict[str, bool]:
    """Let Sphinx write the pages when a build begins."""
    app.connect("builder-inited", _on_start)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
