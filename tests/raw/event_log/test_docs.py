"""The document's worked example, done."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from pydantic import BaseModel

from control_tower.raw.event_log import (
    EventLogMapping,
    load_mapping,
    read_event_log,
    write_starter_mapping,
)
from control_tower.raw.event_log.mapping import ROLES
from control_tower.raw.landing import Landing, complete_tables

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "event-log.md"


def section(title: str) -> str:
    """Return the text under a heading of the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.split(r"^## ", text.split(f"\n## {title}\n", 1)[1], maxsplit=1, flags=re.M)[0]


def block(text: str, language: str) -> str:
    """Return the first block of that language."""
    return text.split(f"```{language}\n", 1)[1].split("```", 1)[0]


def table(text: str, first_column: str) -> list[tuple[str, ...]]:
    """Return the rows of the table whose header begins with a column."""
    lines = text[text.index(f"| {first_column} |") :].splitlines()
    rows = []
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        rows.append(tuple(cell.strip() for cell in line.strip().strip("|").split("|")))
    return rows


@pytest.fixture
def example(tmp_path: Path) -> Landing:
    """The worked example, landed."""
    text = section("A worked example")
    log, mapping = tmp_path / "tickets.csv", tmp_path / "tickets.yaml"
    log.write_text(block(text, "csv"), encoding="utf-8")
    mapping.write_text(block(text, "yaml"), encoding="utf-8")
    return read_event_log(log, load_mapping(mapping))


def test_example_lands_the_tickets_shown(example: Landing) -> None:
    tickets = complete_tables(example)["tickets"]
    shown = table(section("A worked example"), "external_id")

    landed = tickets.select(
        "external_id",
        pl.col("created_at").dt.strftime("%Y-%m-%d %H:%M"),
        "status",
        pl.col("solved_at").dt.strftime("%Y-%m-%d %H:%M").fill_null(""),
        "priority",
        "group_name",
    )
    assert landed.rows() == shown


def test_example_makes_the_repairs_shown(example: Landing) -> None:
    shown = table(section("A worked example"), "rule")

    made = example.repairs.select("rule", "treatment", pl.col("rows").cast(pl.String))
    assert made.rows() == shown
    assert example.tables["ticket_events"].height == 9


def test_example_log_gets_a_starter_mapping_that_reads_it(tmp_path: Path) -> None:
    log, target = tmp_path / "tickets.csv", tmp_path / "tickets.mapping.yaml"
    log.write_text(block(section("A worked example"), "csv"), encoding="utf-8")

    write_starter_mapping(log, target)
    mapping = load_mapping(target)

    assert (mapping.case, mapping.time.column) == ("ticket", "when")
    assert mapping.time.formats == ("%d/%m/%Y %H:%M",)
    assert read_event_log(log, mapping).tables["tickets"].height == 3


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def keys_of(model: type[BaseModel]) -> set[str]:
    keys = set(model.model_fields)
    for field in model.model_fields.values():
        for part in models_in(field.annotation):
            keys |= keys_of(part)
    return keys


def test_every_key_is_explained() -> None:
    explained = set(re.findall(r"[a-z_]+", section("The mapping, key by key")))
    assert keys_of(EventLogMapping) <= explained
    assert set(ROLES) <= explained


def test_every_rule_that_can_be_recorded_is_explained() -> None:
    text = section("Rules for dirty data")
    room = DOCUMENT.parents[2] / "control_tower" / "raw" / "event_log"
    recorded = {
        name
        for module in room.glob("*.py")
        for name in re.findall(r'add\(\s*f?"([^"]+)"', module.read_text(encoding="utf-8"))
    }
    assert len(recorded) > 12
    for rule in recorded:
        ending = rule.rsplit("}", 1)[-1]
        assert ending in text, rule
