"""The one form results have: rows, kept as lines of JSON, shown as a table."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks import machine
from benchmarks.steps import DONE, Ended

__all__ = [
    "FOLDER",
    "OURS",
    "Row",
    "Run",
    "kept_in",
    "latest",
    "new_file",
    "read",
    "read_all",
    "row_of",
]

OURS: Final = "ours"
FOLDER: Final = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Row:
    """One measured thing.

    Attributes:
        what: What was done.
        size: On how much, in words.
        who: `ours`, or what a user would pick instead, with its version.
        seconds: It took; null if time is not what was measured.
        peak_gib: Most memory of the process that did it.
        more: Other figures by name, the unit in the name.
        how: `done`, or why there are no figures.
        others: Share of the machine's processors that other work had meanwhile.
    """

    what: str
    size: str
    who: str = OURS
    seconds: float | None = None
    peak_gib: float | None = None
    more: Mapping[str, float | str] = field(default_factory=dict)
    how: str = DONE
    others: float | None = None


@dataclass(frozen=True)
class Run:
    """What one command measured: when, with what, on which machine."""

    began: str
    machine: Mapping[str, str]
    rows: Sequence[Row]


def row_of(what: str, size: str, who: str, ended: Ended, **figures: Any) -> Row:
    """Return the row of a step that ended; what it said is taken where nothing else is given.

    Args:
        what, size, who: As in the row.
        ended: How the step went.
        figures: seconds, peak_gib or more, of a step that was done.
    """
    if ended.how != DONE:
        return Row(what, size, who, how=ended.how, others=round(ended.others, 3))
    return Row(
        what,
        size,
        who,
        _rounded(figures.get("seconds", ended.said.get("seconds"))),
        _rounded(figures.get("peak_gib", ended.said.get("peak_gib"))),
        figures.get("more", {}),
        others=round(ended.others, 3),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def new_file(folder: Path = FOLDER) -> Path:
    """Return where today's results on this machine are kept."""
    return folder / f"{datetime.now(UTC):%Y-%m-%d}-{machine.named()}.jsonl"


def kept_in(path: Path, rows: Iterable[Row]) -> Iterable[Row]:
    """Yield rows as they come, each kept at once: what was measured outlives what fails after.

    A line that describes the run and the machine goes before the first row.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        began = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        file.write(json.dumps({"began": began, "machine": machine.described()}) + "\n")
        for row in rows:
            file.write(json.dumps(asdict(row)) + "\n")
            file.flush()
            yield row


def read(path: Path) -> list[Run]:
    """Return every run of a kept file.

    Raises:
        ValueError: If the file holds none.
    """
    runs: list[tuple[dict[str, Any], list[Row]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        found = json.loads(line)
        if "machine" in found:
            runs.append((found, []))
        else:
            runs[-1][1].append(Row(**found))
    if not runs:
        raise ValueError(f"{path.name} holds no results; make some with `make bench`")
    return [Run(head["began"], head["machine"], rows) for head, rows in runs]


def read_all(folder: Path = FOLDER) -> list[Run]:
    """Return every run kept of the machine that was measured last, oldest first."""
    files = sorted(folder.glob("*.jsonl"))
    return [
        run for path in files if _machine_in(path) == _machine_in(files[-1]) for run in read(path)
    ]


def _machine_in(path: Path) -> str:
    return path.stem[len("2026-01-01-") :]


def latest(runs: Sequence[Run]) -> list[Row]:
    """Return each thing's last measurement, things in the order they were first measured in.

    A benchmark's sizes stand together, smallest first, for runs measure them in that order.
    """
    found: dict[tuple[str, str, str], Row] = {}
    for run in runs:
        for row in run.rows:
            found[row.what, row.size, row.who] = row
    places = {what: place for place, what in enumerate(dict.fromkeys(key[0] for key in found))}
    return sorted(found.values(), key=lambda row: places[row.what])
