"""Rooms: what is read, computed, written together, checked, shown; and what is said when not."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from dagster import (
    AssetKey,
    AssetSpec,
    DagsterInstance,
    ExecuteInProcessResult,
    MaterializeResult,
    ResourceDefinition,
    asset,
    materialize,
)

from control_tower.columns import count, text
from control_tower.room import Frames, Room, TableCheck, landing_of, read_inputs, room_assets
from control_tower.settings import Settings
from control_tower.warehouse import build_path, connect, read_table, write_table

TICKETS = pl.DataFrame({"group_name": ["A", "A", "B"], "channel": ["email", "web", "web"]})


class Sizes(dy.Schema):
    """One row per group: how many tickets it has."""

    group_name = text("Group", key=True)
    tickets = count("Tickets it has")


class Largest(dy.Schema):
    """One row: the group with most tickets."""

    group_name = text("Group", key=True)


def _sizes(inputs: Frames, settings: Settings) -> Mapping[str, pl.DataFrame]:
    del settings
    sizes = (
        inputs["marts.tickets"]
        .group_by("group_name")
        .agg(pl.len().cast(pl.Int64).alias("tickets"))
        .sort("tickets", descending=True)
    )
    return {"sizes": sizes, "largest": sizes.head(1).select("group_name")}


def _lost(inputs: Frames, tables: Frames) -> Sequence[str]:
    given, found = inputs["marts.tickets"].height, tables["sizes"]["tickets"].sum()
    return [] if given == found else [f"{given} tickets were given and {found} counted"]


def _room(**changes: Any) -> Room:
    usual: dict[str, Any] = {
        "name": "counting",
        "tables": {"sizes": Sizes, "largest": Largest},
        "inputs": {"marts.tickets": ["group_name"]},
        "compute": _sizes,
        "checks": [TableCheck("sizes", "every_ticket_is_counted", "None is lost", _lost)],
        "figures": lambda tables: {"sizes": {"groups": tables["sizes"].height}},
    }
    return Room(**{**usual, **changes})


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory whose build database holds one mart."""
    build_path(tmp_path).parent.mkdir()
    with connect(build_path(tmp_path)) as connection:
        write_table(connection, "marts", "tickets", TICKETS)
        write_table(connection, "counting", "of_an_older_version", TICKETS)
    return tmp_path


def _materialized(
    room: Room, data_dir: Path, instance: DagsterInstance | None = None
) -> ExecuteInProcessResult:
    @asset(key=AssetKey(["marts", "tickets"]))
    def tickets() -> MaterializeResult[None]:
        return MaterializeResult(metadata={"landing_id": "monday"})

    return materialize(
        [tickets, room_assets(room)],
        instance=instance,
        raise_on_error=False,
        resources={
            "settings": ResourceDefinition.hardcoded_resource(Settings(data_dir=data_dir)),
            "run_lock": ResourceDefinition.none_resource(),
        },
    )


def _reason(result: ExecuteInProcessResult) -> str:
    (failure,) = (event.step_failure_data for event in result.get_step_failure_events())
    assert failure.user_failure_data
    return failure.user_failure_data.description or ""


def _failed_checks(result: ExecuteInProcessResult) -> dict[str, str | None]:
    return {
        f"{evaluation.asset_key.path[-1]}.{evaluation.check_name}": evaluation.description
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed
    }


def test_tables_are_written_shown_and_checked(data_dir: Path) -> None:
    result = _materialized(_room(), data_dir)

    assert result.success
    assert _failed_checks(result) == {}
    assert len(result.get_asset_check_evaluations()) == 3
    (shown,) = result.asset_materializations_for_node("counting")[:1]
    assert shown.metadata["dagster/row_count"].value == 2
    assert shown.metadata["landing_id"].value == "monday"
    assert shown.metadata["groups"].value == 2
    assert "| A " in str(shown.metadata["preview"].value)
    with connect(build_path(data_dir), read_only=True) as connection:
        assert read_table(connection, "counting", "sizes").rows() == [("A", 2), ("B", 1)]
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'counting' order by all"
        ).fetchall()
    assert tables == [("largest",), ("sizes",)]


def test_only_the_columns_named_are_read(data_dir: Path) -> None:
    read: list[list[str]] = []

    def compute(inputs: Frames, settings: Settings) -> Frames:
        read.append(inputs["marts.tickets"].columns)
        return _sizes(inputs, settings)

    assert _materialized(_room(compute=compute), data_dir).success
    assert read == [["group_name"]]


def test_a_table_that_breaks_its_schema_or_a_promise_fails_its_check(data_dir: Path) -> None:
    def compute(inputs: Frames, settings: Settings) -> Frames:
        made = dict(_sizes(inputs, settings))
        made["sizes"] = made["sizes"].with_columns(pl.lit("A").alias("group_name")).head(2)
        made["sizes"] = made["sizes"].with_columns(pl.lit(1).cast(pl.Int64).alias("tickets"))
        return made

    failed = _failed_checks(_materialized(_room(compute=compute), data_dir))

    assert failed.keys() == {"sizes.keeps_the_contract", "sizes.every_ticket_is_counted"}
    assert "occurs more than once" in str(failed["sizes.keeps_the_contract"])
    assert failed["sizes.every_ticket_is_counted"] == "3 tickets were given and 2 counted"


def test_a_failure_half_way_leaves_all_tables_as_they_were(data_dir: Path) -> None:
    assert _materialized(_room(), data_dir).success

    def compute(inputs: Frames, settings: Settings) -> Frames:
        made = dict(_sizes(inputs, settings))
        return {"sizes": made["sizes"].head(0)}

    assert not _materialized(_room(compute=compute), data_dir).success
    with connect(build_path(data_dir), read_only=True) as connection:
        assert read_table(connection, "counting", "sizes").height == 2


@pytest.mark.parametrize(
    ("inputs", "word"),
    [({"marts.unknown": ["a"]}, "unknown"), ({"marts.tickets": ["nothing"]}, "nothing")],
)
def test_a_table_not_built_yet_is_named(
    data_dir: Path, inputs: Mapping[str, Sequence[str]], word: str
) -> None:
    room = _room(inputs=inputs)

    reason = _reason(_materialized(room, data_dir))

    assert "counting could not be computed" in reason
    assert word in reason
    assert "run the whole pipeline" in reason


def test_a_room_reads_what_it_asks_for(data_dir: Path) -> None:
    """By a query in place of a table, or texts as categories."""
    query = "select group_name, 1 as more from marts.tickets where channel = 'web'"
    by_query = _room(queries={"marts.tickets": query})
    as_codes = _room(coded={"marts.tickets": ["group_name"]})
    with connect(build_path(data_dir)) as connection:
        some = read_inputs(connection, by_query)["marts.tickets"]
        coded = read_inputs(connection, as_codes)["marts.tickets"]
    assert some.rows() == [("A", 1), ("B", 1)]
    assert coded.schema["group_name"] == pl.Categorical
    assert coded["group_name"].to_list() == TICKETS["group_name"].to_list()


def test_which_landing_a_table_was_built_from(data_dir: Path) -> None:
    room = _room(inputs={"marts.tickets": ["group_name"], "marts.channels": ["channel"]})
    with connect(build_path(data_dir)) as connection:
        write_table(connection, "marts", "channels", TICKETS.select("channel"))
    with DagsterInstance.ephemeral() as instance:
        # The second input was never materialized, so nobody knows which landing it is of.
        assert _materialized(room, data_dir, instance).success
        assert landing_of(instance, AssetKey(["marts", "tickets"])) == "monday"
        assert landing_of(instance, AssetKey(["counting", "sizes"])) == "several landings"
        assert landing_of(instance, AssetKey(["marts", "channels"])) is None


def test_what_the_graph_shows_of_a_table() -> None:
    specs: dict[str, AssetSpec] = {spec.key.path[-1]: spec for spec in room_assets(_room()).specs}

    assert specs["sizes"].description == Sizes.__doc__
    assert specs["sizes"].group_name == "counting"
    assert [dependency.asset_key for dependency in specs["sizes"].deps] == [
        AssetKey(["marts", "tickets"])
    ]
    columns = specs["sizes"].metadata["dagster/column_schema"].columns
    assert [(column.name, column.description) for column in columns] == [
        ("group_name", "Group"),
        ("tickets", "Tickets it has"),
    ]
