"""Examples in the documents run, or are what the code takes."""

import re
from pathlib import Path

import duckdb
import pytest
import yaml

from control_tower.process_mining.reference_path import load_reference_path
from control_tower.raw.event_log import EventLogMapping
from control_tower.raw.event_log.mapping_file import load_mapping
from control_tower.raw.simulator.configuration import load_configuration
from control_tower.settings import PROJECT_ROOT
from tests.docs.documents import blocks
from tower_reference.tables import all_tables

HOW_TO = PROJECT_ROOT / "docs" / "how-to"
EXPLANATION = PROJECT_ROOT / "docs" / "explanation"


@pytest.mark.parametrize("name", ["add-an-asset", "add-a-page", "write-a-rule"])
def test_python_of_a_guide_runs(name: str) -> None:
    """The blocks of a guide are one program, which ends in assertions."""
    code = blocks(HOW_TO / f"{name}.md", "python")
    assert any("assert " in block for block in code)
    # A module of that name must be there for schemas to look up their annotations.
    exec(compile("\n".join(code), f"{name}.md", "exec"), {"__name__": __name__})  # noqa: S102


def test_every_mapping_is_one(tmp_path: Path) -> None:
    """What leaves out the three keys that are needed is a part of one that has them."""
    needed = {"case": "ticket", "activity": "what", "time": {"column": "when"}}
    found = blocks(HOW_TO / "event-log.md", "yaml")
    assert len(found) >= 4
    for number, block in enumerate(found):
        file = tmp_path / f"{number}.yaml"
        missing = {
            key: value for key, value in needed.items() if not re.search(rf"^{key}:", block, re.M)
        }
        file.write_text(block + (yaml.safe_dump(missing) if missing else ""), encoding="utf-8")
        assert isinstance(load_mapping(file), EventLogMapping)


@pytest.mark.parametrize(
    "document", [EXPLANATION / "simulator.md", PROJECT_ROOT / "docs" / "tutorial.md"]
)
def test_every_configuration_of_the_simulator_is_one(document: Path, tmp_path: Path) -> None:
    (block,) = blocks(document, "yaml")
    file = tmp_path / "desk.yaml"
    file.write_text(block, encoding="utf-8")
    assert load_configuration(file) != load_configuration(None)


def test_the_path_of_ones_own_is_one(tmp_path: Path) -> None:
    (block,) = blocks(EXPLANATION / "process-mining.md", "yaml")
    file = tmp_path / "path.yaml"
    file.write_text(block, encoding="utf-8")
    assert load_reference_path(file).name == "our way"


def test_the_mart_to_add_keeps_its_contract() -> None:
    """Built on empty tables, it has the columns and types its own yml promises."""
    (sql,) = blocks(HOW_TO / "add-an-asset.md", "sql+jinja")
    (promised,) = blocks(HOW_TO / "add-an-asset.md", "yaml")
    (model,) = yaml.safe_load(promised)["models"]
    with duckdb.connect() as connection:
        for table in all_tables():
            if table.schema == "marts":
                columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
                connection.execute("create schema if not exists marts")
                connection.execute(f"create table marts.{table.name} ({columns})")
        sql = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"marts.\1", sql)
        built = connection.execute(f"describe {sql}").fetchall()
    assert [(row[0], row[1].lower()) for row in built] == [
        (column["name"], column["data_type"]) for column in model["columns"]
    ]


def test_the_question_of_the_tutorial_can_be_asked() -> None:
    """Its columns are those of the mart."""
    (code,) = blocks(PROJECT_ROOT / "docs" / "tutorial.md", "python")
    query = code.split('"""')[1]
    (sla,) = (table for table in all_tables() if table.full_name == "marts.sla")
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        columns = ", ".join(f"{column.name} {column.type}" for column in sla.columns)
        connection.execute(f"create table marts.sla ({columns})")
        assert connection.execute(query).fetchall() == []
