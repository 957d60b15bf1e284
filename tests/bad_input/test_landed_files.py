"""A landed file that went missing or was cut short is named, and nothing is built on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from dagster import AssetKey, AssetSelection

from control_tower.raw.landing import landed_path
from control_tower.settings import Settings
from tests.bad_input.tower import published, raw_room, reasons_of_failure, whole_graph

CHECKS = AssetSelection.checks_for_assets(AssetKey(["raw", "tickets"]))
ONE_MODEL = AssetSelection.assets(AssetKey(["staging", "stg_tickets"]))


def _missing(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


@pytest.mark.parametrize("damage", [_missing, _empty, _truncated])
def test_checks_name_the_damaged_file(data_dir: Path, damage: Callable[[Path], None]) -> None:
    path = landed_path(data_dir, "tickets")
    damage(path)
    reasons = reasons_of_failure(raw_room(Settings(data_dir=data_dir)), CHECKS)
    assert "raw/tickets: keeps_the_contract" in reasons[0]
    assert str(path) in reasons[0]
    assert "land the tables" in reasons[0]
    # What could not be judged says why, instead of passing.
    assert all("tickets could not be read" in reason for reason in reasons[1:-1])
    assert len(reasons) >= 3


def test_model_alone_is_not_built_on_a_damaged_file(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published(data_dir)
    graph = whole_graph(data_dir, monkeypatch)
    path = landed_path(data_dir, "tickets")
    for damage in (_truncated, _empty, _missing):
        damage(path)
        (reason,) = reasons_of_failure(graph, ONE_MODEL)
        assert str(path) in reason
        assert "land the tables" in reason
    assert published(data_dir) == before
