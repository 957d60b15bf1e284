"""What the project promises of every model: described, under contract, tested, checked."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from control_tower.marts.assets import marts_assets
from control_tower.marts.project import dbt_project
from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES, polars_schema
from tests.dbt.desk import PROJECT

_MARTS = {
    "agent_productivity",
    "daily_ops",
    "daily_totals",
    "group_performance",
    "sla",
    "sla_reconciliation",
    "ticket_outcomes",
}
_BY_TICKET = {
    "int_sla_breach_moments",
    "int_sla_clock_intervals",
    "int_sla_clock_readings",
    "int_sla_clocks",
    "int_sla_elapsed",
    "int_sla_priorities",
    "int_sla_targets",
    "int_ticket_lifetime",
    "int_ticket_paths",
    "int_ticket_states",
    "sla",
}
"""Models that take up only the tickets anything happened to."""

_SIX = {
    "stg_agents",
    "stg_satisfaction_ratings",
    "stg_sla_policies",
    "stg_ticket_costs",
    "stg_ticket_events",
    "stg_tickets",
}

_LANDED = (*RAW_TABLES, *REFERENCE_TABLES)

Manifest = Mapping[str, Any]


@pytest.fixture(scope="module")
def project_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the project has been parsed."""
    return tmp_path_factory.mktemp("parsed")


@pytest.fixture(scope="module")
def manifest(project_dir: Path) -> Manifest:
    """What dbt makes of the project."""
    path = dbt_project(project_dir).manifest_path
    parsed: Manifest = json.loads(path.read_text(encoding="utf-8"))
    return parsed


def _nodes(manifest: Manifest, kind: str) -> list[Mapping[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == kind]


def test_there_are_more_than_a_hundred_data_tests(manifest: Manifest) -> None:
    assert len(_nodes(manifest, "test")) >= 110


def test_every_data_test_is_a_check_of_an_asset(manifest: Manifest, project_dir: Path) -> None:
    checks = marts_assets(dbt_project(project_dir)).check_keys
    tests = {test["name"] for test in _nodes(manifest, "test")}

    assert {check.name for check in checks} == tests
    assert len(list(checks)) == len(_nodes(manifest, "test"))


def test_the_marts_are_tables_under_contract(manifest: Manifest) -> None:
    marts = {node["name"]: node for node in _nodes(manifest, "model") if node["schema"] == "marts"}

    assert set(marts) == _MARTS
    for mart in marts.values():
        kind = "incremental" if mart["name"] in _BY_TICKET else "table"
        assert mart["config"]["materialized"] == kind, mart["name"]
        assert mart["config"]["contract"]["enforced"], mart["name"]


def test_models_that_take_up_touched_tickets_follow_from_what_tells_them_touched(
    manifest: Manifest,
) -> None:
    """Of tables of tickets, of rules and hours whose change is noticed, and of models alike."""
    rules = {"sla_policies", "schedules", "open_intervals", "landing"}
    tickets = {name for name in _LANDED if "ticket_id" in polars_schema(name)}
    by_ticket = {
        node["name"]
        for node in _nodes(manifest, "model")
        if node["config"]["materialized"] == "incremental"
    }
    read_by = {
        node["name"]: sorted(_read_through_views(manifest, node))
        for node in _nodes(manifest, "model")
        if node["name"] in by_ticket
    }

    assert by_ticket == _BY_TICKET
    for model, read in read_by.items():
        assert set(read) <= rules | tickets | by_ticket, model
    for node in _nodes(manifest, "model"):
        assert ("is_touched(" in node["raw_code"]) == (node["name"] in by_ticket), node["name"]


def _read_through_views(manifest: Manifest, node: Mapping[str, Any]) -> Iterator[str]:
    for parent in node["depends_on"]["nodes"]:
        if parent in manifest["sources"]:
            yield manifest["sources"][parent]["name"]
        elif manifest["nodes"][parent]["config"]["materialized"] in ("view", "ephemeral"):
            yield from _read_through_views(manifest, manifest["nodes"][parent])
        else:
            yield manifest["nodes"][parent]["name"]


def test_staging_are_views_on_the_landed_files(manifest: Manifest) -> None:
    staging = {n["name"]: n for n in _nodes(manifest, "model") if n["schema"] == "staging"}

    assert set(staging) > _SIX
    for name, view in staging.items():
        assert view["config"]["materialized"] == "view", name
        # What a desk does not land itself may come from a seed.
        (source,) = (n for n in view["depends_on"]["nodes"] if n.startswith("source."))
        expected = "raw" if name in _SIX else "reference"
        assert manifest["sources"][source]["source_name"] == expected


def test_what_only_other_models_read_is_ephemeral(manifest: Manifest) -> None:
    ephemeral = {
        node["name"]
        for node in _nodes(manifest, "model")
        if node["config"]["materialized"] == "ephemeral"
    }

    assert ephemeral == {
        "int_desk_clocks",
        "int_desk_durations",
        "int_desk_tickets",
        "int_event_transitions",
    }


def test_every_model_seed_and_source_is_described_to_the_last_column(manifest: Manifest) -> None:
    described = [
        *_nodes(manifest, "model"),
        *_nodes(manifest, "seed"),
        *manifest["sources"].values(),
    ]
    missing = [
        f"{node['name']}.{column}"
        for node in described
        for column, about in {"": node, **node["columns"]}.items()
        if not about["description"] or not node["columns"]
    ]

    assert not missing


def test_every_model_and_seed_is_tested(manifest: Manifest) -> None:
    tested = {parent for test in _nodes(manifest, "test") for parent in test["depends_on"]["nodes"]}
    nodes = (*_nodes(manifest, "model"), *_nodes(manifest, "seed"))

    assert not {node["unique_id"] for node in nodes} - tested


def test_readers_of_every_mart_are_exposed(manifest: Manifest) -> None:
    read = {
        parent
        for exposure in manifest["exposures"].values()
        for parent in exposure["depends_on"]["nodes"]
    }

    assert {f"model.control_tower.{mart}" for mart in _MARTS} <= read


def test_the_only_clock_is_the_landing() -> None:
    forbidden = re.compile(
        r"current_(timestamp|date|time)|\bnow\(|\btoday\(|\bvar\((?!'touched_only')|get_current_"
    )
    folders = ("models", "macros", "tests", "seeds")
    files = [path for name in folders for path in (PROJECT / name).rglob("*.*")]

    assert len(files) > 50
    assert not [p.name for p in files if forbidden.search(p.read_text(encoding="utf-8"))]
