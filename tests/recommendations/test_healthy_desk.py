"""A simulated desk with people enough, that seldom passes on or asks back, is left in peace."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from control_tower.raw.landing import complete_tables, write_landed
from control_tower.raw.simulator import SimulatorConfiguration, load_configuration, simulate
from control_tower.room import work
from control_tower.rooms import ROOMS
from control_tower.settings import Settings
from control_tower.warehouse import build_path, connect
from tests.dbt.conftest import failures
from tests.dbt.desk import build

_TICKETS = 4000
_SEED = 7
_AS_OF = datetime(2024, 7, 1, tzinfo=UTC)
_PEOPLE = 4.0
_ESCALATION = 0.1
_PENDING = 0.005


def _healthy() -> SimulatorConfiguration:
    usual = load_configuration(None)
    groups = tuple(
        group.model_copy(
            update={
                "fte": group.fte * _PEOPLE,
                "escalation": {
                    kind: share * _ESCALATION for kind, share in group.escalation.items()
                },
            }
        )
        for group in usual.groups
    )
    asking_little = usual.work.model_copy(update={"pending": _PENDING})
    return usual.model_copy(update={"groups": groups, "work": asking_little})


def _actions(data_dir: Path) -> pl.DataFrame:
    landing = simulate(_healthy(), seed=_SEED, tickets_per_year=_TICKETS, as_of=_AS_OF)
    write_landed(complete_tables(landing), data_dir, landing_id=landing.landing_id)
    assert not failures(build(data_dir, "--exclude-resource-type", "test", "unit_test"))
    settings = Settings(data_dir=data_dir, tickets=_TICKETS, as_of=_AS_OF)
    with connect(build_path(data_dir)) as connection:
        for room in ROOMS:
            _, made = work(connection, room, settings)
    return made["actions"]


def test_a_healthy_desk_gets_no_advice(tmp_path: Path) -> None:
    """Every rule looks at every table it would act on, and stays silent."""
    actions = _actions(tmp_path)
    assert actions.is_empty(), actions.rows()
