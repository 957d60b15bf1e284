"""The reference pages are made of what the code declares."""

import json

import pytest

from control_tower.columns import share
from control_tower_dash.settings import DashboardSettings
from tests.test_graph import GRAPH
from tower_reference.pages import pages
from tower_reference.tables import all_tables
from tower_reference.units import unit_of


def test_every_table_of_the_graph_has_a_page() -> None:
    keys = {key.replace("/", ".") for key in json.loads(GRAPH.read_text(encoding="utf-8"))}
    stored = {table.full_name for table in all_tables() if table.is_stored}
    # These two assets write files and no table; the tables of meta beside the snapshot are its own.
    assert keys - {"meta.briefing", "alerts.alert_log"} == stored - {"meta.checks", "meta.tables"}


def test_every_column_has_a_type_and_a_meaning() -> None:
    for table in all_tables():
        assert table.description, table.full_name
        assert table.columns, table.full_name
        for column in table.columns:
            assert column.type, f"{table.full_name}.{column.name}"
            assert column.description, f"{table.full_name}.{column.name}"


def test_what_a_table_reads_is_a_table() -> None:
    names = {table.full_name for table in all_tables()}
    for table in all_tables():
        assert set(table.reads) <= names, table.full_name


def test_a_page_shows_grain_types_and_units() -> None:
    page = pages()["tables/marts.daily_ops.md"]
    assert "One row per `day`, `group_name`." in page
    assert "| `cost_usd` | `double` | USD |" in page
    assert "| `sla_attainment` | `double` | share of one |" in page


def test_every_setting_is_listed_and_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTROL_TOWER_SESSION_SECRET", "do not tell")
    page = pages()["settings.md"]
    for name in DashboardSettings.model_fields:
        assert f"`CONTROL_TOWER_{name.upper()}`" in page
    assert "do not tell" not in page


@pytest.mark.parametrize(
    ("name", "kind", "description", "unit"),
    [
        ("created_at", "timestamp with time zone", "When", "UTC"),
        ("day", "date", "UTC day", "day"),
        ("gap_fte_days", "double", "Gap", "FTE days"),
        ("lo_80", "double", "Lower bound of the 80 % interval, tickets", "tickets"),
        ("breach_rate", "double", "Share of tickets", "share of one"),
        ("csat_mean", "double", "Mean rating, 1 to 5", "1 to 5"),
        ("rank", "bigint", "1 for the worst", "ordinal"),
        ("tickets", "bigint", "Tickets", "count"),
        ("ticket_id", "bigint", "Ticket's key", ""),
        ("has_hours", "boolean", "Whether", ""),
    ],
)
def test_units_are_read_off(name: str, kind: str, description: str, unit: str) -> None:
    assert unit_of(name, kind, description) == unit


def test_a_declared_share_needs_no_telling_name() -> None:
    assert unit_of("fitness", "double", "How well it fits", share("How well")) == "share of one"
