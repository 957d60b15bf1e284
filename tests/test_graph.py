"""The asset graph: what is in it, what hangs on what, and what every asset has."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, AssetSpec
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES
from control_tower.settings import PROJECT_ROOT

GRAPH = Path(__file__).with_name("graph.json")
"""Every asset and what it reads; `python -m tests.test_graph` renews it. Review the change."""


def _graph() -> AssetGraph:
    from control_tower.definitions import defs

    return defs.resolve_asset_graph()


def _edges(graph: AssetGraph) -> dict[str, list[str]]:
    return {
        key.to_user_string(): sorted(
            parent.to_user_string() for parent in graph.get(key).parent_keys
        )
        for key in sorted(graph.get_all_asset_keys())
    }


@pytest.fixture(scope="module")
def graph() -> AssetGraph:
    """The whole asset graph."""
    return _graph()


@pytest.fixture(scope="module")
def specs() -> Mapping[AssetKey, AssetSpec]:
    """The specification of every asset, by key."""
    from control_tower.definitions import defs

    return {spec.key: spec for spec in defs.resolve_all_asset_specs()}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """What dbt knows of the project."""
    from control_tower.marts.project import dbt_project
    from control_tower.settings import Settings

    path = dbt_project(Settings().data_dir).manifest_path
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def test_assets_and_what_they_read_are_those_on_record(graph: AssetGraph) -> None:
    """An asset renamed, lost or rewired shows up in review."""
    assert _edges(graph) == json.loads(GRAPH.read_text(encoding="utf-8"))


def test_every_file_model_and_seed_is_an_asset(
    graph: AssetGraph, manifest: Mapping[str, Any]
) -> None:
    """Ephemeral models are parts of others and no tables."""
    from control_tower.rooms import ROOMS

    wanted = {f"raw/{name}" for name in RAW_TABLES}
    wanted |= {f"reference/{name}" for name in REFERENCE_TABLES}
    wanted |= {
        f"{node['schema']}/{node['name']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
        and node["config"]["materialized"] != "ephemeral"
    }
    wanted |= {f"{room.name}/{table}" for room in ROOMS for table in room.tables}
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} == wanted | {
        "meta/snapshot",
        "meta/briefing",
        "alerts/alert_log",
    }


def test_every_data_test_is_a_check_and_blocks_unless_it_warns(
    graph: AssetGraph, manifest: Mapping[str, Any]
) -> None:
    """Nothing is tested that the gate does not hear of."""
    tests = {n["name"] for n in manifest["nodes"].values() if n["resource_type"] == "test"}
    checks = {key.name for key in graph.asset_check_keys}
    assert tests <= checks
    assert len(tests) >= 100


def test_every_asset_says_what_it_is(specs: Mapping[AssetKey, AssetSpec]) -> None:
    """Description, owner, kinds, group, freshness and source are there for all."""
    for key, spec in specs.items():
        name = key.to_user_string()
        assert spec.description, name
        assert spec.owners, name
        assert spec.kinds, name
        assert spec.group_name not in (None, "default"), name
        assert spec.freshness_policy is not None, name
        assert "dagster/code_references" in spec.metadata, name


def test_raw_assets_show_the_contract(specs: Mapping[AssetKey, AssetSpec]) -> None:
    """Columns and their meaning are the contract's."""
    for name, schema in {**RAW_TABLES, **REFERENCE_TABLES}.items():
        room = "raw" if name in RAW_TABLES else "reference"
        shown = specs[AssetKey([room, name])].metadata["dagster/column_schema"].columns
        declared = schema.columns()
        assert [column.name for column in shown] == list(declared)
        assert all(column.description for column in shown), name


def test_job_schedule_and_sensors_are_there() -> None:
    """The daily job holds everything, the scan the alert log; the daemon has what it needs."""
    from control_tower.definitions import defs

    repository = defs.get_repository_def()
    job = repository.get_job("ops_daily_pipeline")
    assert job.asset_layer.selected_asset_keys == repository.asset_graph.get_all_asset_keys()
    scan = repository.get_job("alerts_scan").asset_layer.selected_asset_keys
    assert {key.to_user_string() for key in scan} == {"alerts/alert_log"}
    assert {schedule.job_name: schedule.cron_schedule for schedule in repository.schedule_defs} == {
        "ops_daily_pipeline": "0 5 * * *",
        "alerts_scan": "*/15 * * * *",
    }
    assert {sensor.name for sensor in repository.sensor_defs} == {
        "keep_downstream_fresh",
        "record_failed_runs",
        "tell_metrics",
        "watch_daily_run",
    }


def test_workspace_names_the_code_location() -> None:
    """Dagster's own commands find the graph."""
    text = (PROJECT_ROOT / "workspace.yaml").read_text(encoding="utf-8")
    assert "control_tower.definitions" in text


if __name__ == "__main__":
    GRAPH.write_text(json.dumps(_edges(_graph()), indent=2) + "\n", encoding="utf-8")
