"""The room as the graph sees it: which holidays it takes, and what it makes of an empty desk."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from dagster import Failure

from control_tower.forecasting.assets import FORECASTING
from control_tower.forecasting.capacity import GROUP_CAPACITY_COLUMNS
from control_tower.forecasting.holiday_calendar import CLOSED
from control_tower.raw.contract import polars_schema
from control_tower.raw.opening_hours import open_intervals
from control_tower.room import Frames
from control_tower.schema_rules import schema_violations
from control_tower.settings import Settings
from tests.forecasting.desks import daily_ops

_AS_OF = datetime(2025, 12, 20, 6, tzinfo=UTC)


def _given(daily: pl.DataFrame, closed: list[date]) -> Frames:
    schedules = pl.DataFrame(
        [(1, "Desk", "Europe/Berlin", weekday, 540, 1020, True, None) for weekday in range(5)],
        schema=polars_schema("schedules"),
        orient="row",
    )
    holidays = pl.DataFrame(
        [(1, day) for day in closed], schema=polars_schema("holidays"), orient="row"
    )
    intervals = open_intervals(
        schedules, holidays, first_day=date(2025, 12, 1), last_day=date(2026, 12, 31)
    )
    frames = {
        "marts.daily_ops": daily,
        "marts.sla": pl.DataFrame(schema=polars_schema("sla_applications")),
        "staging.stg_group_capacity": pl.DataFrame(
            schema=dict.fromkeys(GROUP_CAPACITY_COLUMNS, pl.Float64) | {"group_name": pl.String}
        ),
        "staging.stg_landing": pl.DataFrame({"as_of": [_AS_OF]}),
        "staging.stg_schedules": schedules,
        "staging.stg_open_intervals": intervals,
        **{
            f"staging.stg_{table}": pl.DataFrame(schema=polars_schema(table))
            for table in ("tickets", "ticket_events", "ticket_costs")
        },
    }
    return {name: frames[name].select(columns) for name, columns in FORECASTING.inputs.items()}


def _december() -> pl.DataFrame:
    return daily_ops({"First": {"created": [9, 8, 7] * 4}}, first=date(2025, 12, 8))


def _holidays_ahead(made: Frames) -> dict[date, str]:
    total = made["volume_forecast"].filter(pl.col("series") == "Total")
    named = total.filter(pl.col("holiday_name").is_not_null())
    return dict(named.select("day", "holiday_name").iter_rows())


def test_without_a_country_the_desks_own_closed_days_are_known() -> None:
    """Also those ahead."""
    closed = [date(2025, 12, 24), date(2026, 1, 2)]
    made = FORECASTING.compute(_given(_december(), closed), Settings())
    assert _holidays_ahead(made) == dict.fromkeys(closed, CLOSED)


def test_a_country_that_is_set_counts_instead() -> None:
    """With the holidays of its part."""
    settings = Settings(holidays_country="DE", holidays_subdivision="BY")
    made = FORECASTING.compute(_given(_december(), [date(2025, 12, 24)]), settings)
    assert list(_holidays_ahead(made)) == [
        date(2025, 12, 25),
        date(2025, 12, 26),
        date(2026, 1, 1),
        date(2026, 1, 6),
    ]


def test_a_country_no_one_knows_stops_the_room_with_a_sentence() -> None:
    """Not with a trace, and without another try."""
    with pytest.raises(Failure, match="no public holidays are known for XX") as caught:
        FORECASTING.compute(_given(_december(), []), Settings(holidays_country="XX"))
    assert not caught.value.allow_retries


def test_an_empty_desk_has_empty_tables() -> None:
    """A source without tickets is no error."""
    given = {
        name: frame if name == "staging.stg_landing" else frame.clear()
        for name, frame in _given(_december(), []).items()
    }
    made = FORECASTING.compute(given, Settings())
    assert set(made) == set(FORECASTING.tables)
    for name, schema in FORECASTING.tables.items():
        assert made[name].is_empty()
        assert not list(schema_violations(name, schema, made[name]))
    assert FORECASTING.figures(made)


def test_forecasts_begin_with_the_day_under_way() -> None:
    """The day after the last complete one."""
    made = FORECASTING.compute(_given(_december(), []), Settings())
    days = made["volume_forecast"].filter(pl.col("series") == "Total")["day"]
    assert days[0] == date(2025, 12, 20)
    assert days[-1] == days[0] + timedelta(days=29)
