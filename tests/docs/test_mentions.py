"""Commands, settings and tables that the documents name are there."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.documents import DOCUMENTS, named
from tower_reference.pages import commands, make_targets, setting_names
from tower_reference.tables import all_tables

_DAGSTERS_OWN = {"CONTROL_TOWER_DAGSTER_DIR", "CONTROL_TOWER_DAGSTER_DATABASE"}
"""Variables that dagster.yaml reads, and no setting of the tower."""


@cache
def _tables() -> frozenset[str]:
    return frozenset(table.full_name for table in all_tables())


def _text(document: Path) -> str:
    # A command may go on in the next line.
    return document.read_text(encoding="utf-8").replace("\\\n", " ")


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_and_their_flags_exist(document: Path) -> None:
    for name, rest in re.findall(
        r"(?<![\w-])control-tower ([a-z][a-z-]*)\b([^\n`|]*)", _code(_text(document))
    ):
        assert name in commands(), f"control-tower {name}"
        known = {option for one in commands()[name].params for option in one.opts} | {"--help"}
        for flag in re.findall(r"(?<!\S)(--[a-z-]+)", rest.split("#")[0]):
            assert flag in known, f"control-tower {name} {flag}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_make_targets_exist(document: Path) -> None:
    for name in re.findall(r"(?:`|\$ (?:sudo )?)make ([a-z][a-z-]*)", _text(document)):
        assert name in make_targets(), f"make {name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_settings_exist(document: Path) -> None:
    known = setting_names() | _DAGSTERS_OWN
    for name in re.findall(r"\bCONTROL_TOWER_[A-Z_]+[A-Z]\b", _text(document)):
        assert name in known, name
    for ending in re.findall(r"`…(_[A-Z_]+)`", _text(document)):
        assert any(name.endswith(ending) for name in known), ending


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_tables_exist(document: Path) -> None:
    schemas = "|".join(sorted({table.split(".")[0] for table in _tables()}))
    for name in re.findall(rf"`((?:{schemas})\.[a-z_]+)`", _text(document)):
        assert name in _tables() or name.endswith(".log"), name


def _code(text: str) -> str:
    """Return what stands in blocks and between backticks, a line each."""
    fenced = re.findall(r"^```.*?^```$", text, flags=re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", text)
    return "\n".join([*fenced, *inline])
