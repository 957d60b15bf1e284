"""Small logs for tests: written by hand, mapped in words."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import polars as pl

from control_tower.raw.event_log import EventLogMapping, read_event_log
from control_tower.raw.landing import Landing

__all__ = ["PLAIN", "land", "mapping", "refused", "repairs", "write_csv", "write_xes"]

PLAIN: Mapping[str, Any] = {"case": "case", "activity": "activity", "time": "time"}


def mapping(**keys: Any) -> EventLogMapping:
    """Return a mapping of the columns case, activity and time, and whatever else is given."""
    return EventLogMapping.model_validate({**PLAIN, **keys})


def write_csv(path: Path, *lines: str) -> Path:
    """Write lines as they are."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_xes(path: Path, cases: Mapping[str, Sequence[Mapping[str, str]]]) -> Path:
    """Write cases as XES; attributes of an event are strings, `time` is its date."""
    traces = "".join(
        f'<trace><string key="concept:name" value={quoteattr(case)}/>'
        + "".join(
            "<event>"
            + "".join(
                f"<{'date' if key == 'time' else 'string'} key={quoteattr(key)} "
                f"value={quoteattr(value)}/>"
                for key, value in event.items()
            )
            + "</event>"
            for event in events
        )
        + "</trace>"
        for case, events in cases.items()
    )
    text = f'<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">{traces}</log>'
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def land(folder: Path, *lines: str, **keys: Any) -> Landing:
    """Read lines of CSV with a plain mapping."""
    return read_event_log(write_csv(folder / "log.csv", *lines), mapping(**keys))


def repairs(landing: Landing) -> dict[str, tuple[str, int]]:
    """Return treatment and rows by rule."""
    rows = landing.repairs.select("rule", "treatment", "rows").iter_rows()
    return {rule: (treatment, count) for rule, treatment, count in rows}


def refused(landing: Landing) -> int:
    """Return how many rows a landing refused."""
    return int(landing.repairs.filter(pl.col("treatment") == "refused")["rows"].sum())
