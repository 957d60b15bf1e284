"""The tables pages read are those a snapshot must have, and those a run publishes."""

import re

import pytest

from control_tower.settings import PROJECT_ROOT
from control_tower_dash.contract import COLUMNS, OPTIONAL_TABLES, TABLES
from control_tower_dash.warehouse import Snapshot

READ = re.compile(
    r"\b(?:from|join)\s+((?:staging|intermediate|seeds|marts|process_mining|forecasting|alerts|"
    r"recommendations|meta)\.\w*[a-z])\b"
)
QUERIES = sorted((PROJECT_ROOT / "control_tower_dash").rglob("*.py"))


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_what_queries_read_is_asked_of_a_snapshot(path: object) -> None:
    """A snapshot without it is refused when it is opened, or its page asks whether it is there."""
    text = (PROJECT_ROOT / str(path)).read_text(encoding="utf-8")
    assert set(READ.findall(text)) <= TABLES | OPTIONAL_TABLES


def test_a_run_publishes_what_is_asked(desk: Snapshot) -> None:
    """A published desk has every table and column."""
    assert not [table for table in TABLES if not desk.has(table)]
    for table, columns in COLUMNS.items():
        assert columns <= set(desk.query(f"select * from {table} limit 0").columns)
