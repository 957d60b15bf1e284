"""The Monday briefing as files, taken from the published snapshot."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, TypeAlias

import duckdb

from control_tower.publishing.link import link_path
from control_tower.warehouse import connect, read_table

__all__ = ["FORMATS", "BriefingFormat", "NoBriefingError", "read_briefing", "write_briefing"]

BriefingFormat: TypeAlias = Literal["markdown", "html"]
FORMATS: Final[Mapping[BriefingFormat, str]] = {
    "markdown": "briefing.md",
    "html": "briefing.html",
}
"""The files the briefing is written to, by format."""


class NoBriefingError(RuntimeError):
    """There is no briefing to be had from the published snapshot."""


@dataclass(frozen=True)
class PublishedBriefing:
    """The briefing of the published snapshot, ready to read."""

    as_of: datetime
    title: str
    markdown: str
    html: str


def read_briefing(data_dir: Path) -> PublishedBriefing:
    """Return the briefing of the snapshot readers see now.

    Raises:
        NoBriefingError: If nothing was published yet, or the snapshot has no briefing.
    """
    link = link_path(data_dir)
    # Opened by its real path: DuckDB caches by path, and the link may lead elsewhere by then.
    snapshot = link.resolve()
    if not snapshot.is_file():
        raise NoBriefingError(f"there is no snapshot at {link} yet; run control-tower run first")
    try:
        with connect(snapshot, read_only=True) as connection:
            page = read_table(
                connection, "recommendations", "briefing", ["as_of", "title", "markdown", "html"]
            )
    except (duckdb.Error, UnicodeDecodeError) as error:
        first_line = str(error).splitlines()[0]
        raise NoBriefingError(
            f"the snapshot {snapshot} has no briefing that can be read ({first_line}); "
            "run control-tower run again"
        ) from None
    if page.is_empty():
        raise NoBriefingError(f"the briefing in {snapshot} is empty; run control-tower run again")
    return PublishedBriefing(**page.row(0, named=True))


def write_briefing(
    briefing: PublishedBriefing, folder: Path, formats: Sequence[BriefingFormat] = tuple(FORMATS)
) -> list[Path]:
    """Write a briefing below a folder, each file whole or not at all, and return the files.

    Args:
        briefing: What to write.
        folder: Where; made if need be.
        formats: Which of `briefing.md` and `briefing.html`.

    Raises:
        OSError: If a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts: Mapping[BriefingFormat, str] = {
        "markdown": briefing.markdown,
        "html": briefing.html,
    }
    written: list[Path] = []
    for name in formats:
        path = folder / FORMATS[name]
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            partial.write_text(texts[name], encoding="utf-8")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        written.append(path)
    return written
