"""What is not read changes nothing: a desk's profile is the same with all there is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from control_tower.forecasting.assets import FORECASTING
from control_tower.forecasting.measured_capacity import handle_minutes_by_group
from control_tower.forecasting.recent_rows import DAYS_BACK
from control_tower.forecasting.staffing_inputs import build_profile
from control_tower.raw.landing import complete_tables
from control_tower.room import read_inputs
from control_tower.warehouse import connect, write_table
from tests.raw.simulator.desks import AS_OF, desk

_FORECAST = pl.DataFrame(
    schema={
        "series": pl.String,
        "day": pl.Date,
        "forecast": pl.Float64,
        "created_forecast": pl.Float64,
    }
)
_LONG_AGO = AS_OF - timedelta(days=DAYS_BACK + 30)


def _desk(retired_group: bool) -> dict[str, pl.DataFrame]:
    """Return a simulated desk, one of whose groups may have stopped working half a year ago."""
    tables = {name: frame for name, frame in complete_tables(desk()).items() if frame.height}
    if not retired_group:
        return tables
    old = tables["tickets"].filter(pl.col("closed_at") < _LONG_AGO)["ticket_id"].implode()
    is_old = pl.col("ticket_id").is_in(old)
    name = pl.when(is_old).then(pl.lit("Retired")).otherwise("group_name").alias("group_name")
    for table in ("tickets", "ticket_events", "ticket_costs"):
        tables[table] = tables[table].with_columns(name)
    return tables


def _whole(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return what the room would read of a desk if it read all; two metrics have targets."""
    sla = pl.concat(
        [
            tables["tickets"].select(
                "ticket_id",
                pl.lit(metric).alias("metric"),
                (pl.col("ticket_id") % 3 * minutes).cast(pl.Float64).alias("target_minutes"),
                pl.lit(value=True).alias("is_business_hours"),
            )
            for metric, minutes in (("total_resolution_time", 600.0), ("agent_work_time", 240.0))
        ]
    )
    daily = pl.DataFrame(
        schema={
            "day": pl.Date,
            "group_name": pl.String,
            "is_complete": pl.Boolean,
            **dict.fromkeys(FORECASTING.inputs["marts.daily_ops"][3:], pl.Int64),
        }
    )
    return {
        "marts.daily_ops": daily,
        "marts.sla": sla,
        **{
            name: tables[name.removeprefix("staging.stg_")].select(columns)
            for name, columns in FORECASTING.inputs.items()
            if name.startswith("staging.")
        },
    }


@pytest.mark.parametrize("retired_group", [False, True])
def test_the_profile_of_what_is_read_is_that_of_everything(
    tmp_path: Path, retired_group: bool
) -> None:
    """Also where a group's minutes can be measured on old tickets alone."""
    whole = _whole(_desk(retired_group))
    with connect(tmp_path / "build.duckdb") as connection:
        for name, frame in whole.items():
            schema, table = name.split(".")
            write_table(connection, schema, table, frame)
        read = read_inputs(connection, FORECASTING)
    events = "staging.stg_ticket_events"
    if not retired_group:
        assert read[events].height < 0.7 * whole[events].height
    assert read["marts.sla"]["metric"].unique().to_list() == ["agent_work_time"]
    for of_read, of_whole in zip(_measured(read), _measured(whole), strict=True):
        assert_frame_equal(of_read, of_whole)


def _measured(given: Mapping[str, pl.DataFrame]) -> list[pl.DataFrame]:
    as_of: datetime = given["staging.stg_landing"]["as_of"].item()
    minutes = handle_minutes_by_group(
        given["staging.stg_ticket_costs"],
        given["staging.stg_tickets"],
        given["staging.stg_ticket_events"],
        as_of.date(),
    )
    profile = build_profile(
        ticket_events=given["staging.stg_ticket_events"],
        tickets=given["staging.stg_tickets"],
        ticket_costs=given["staging.stg_ticket_costs"],
        sla=given["marts.sla"],
        group_capacity=given["staging.stg_group_capacity"],
        handle_minutes=minutes,
        forecast=_FORECAST,
        schedules=given["staging.stg_schedules"],
        open_intervals=given["staging.stg_open_intervals"],
        as_of=as_of,
    )
    return [minutes, *profile.tables().values()]
