"""Trouble that keeps every rule is found, and desks without it are left in peace."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from control_tower.raw.landing import complete_tables
from control_tower.raw.trouble import cost_outliers, groups_without_hours, missing_days
from tests.raw.simulator.desks import desk

AS_OF = datetime(2026, 3, 2, 9, tzinfo=UTC)
NO_HOURS = pl.DataFrame(
    schema={"opens_at": pl.Datetime("us", "UTC"), "closes_at": pl.Datetime("us", "UTC")}
)


def _tickets(per_day: int, *, weeks: int = 10, without: tuple[date, ...] = ()) -> pl.DataFrame:
    days = [AS_OF.date() - timedelta(days=ago) for ago in range(7 * weeks)]
    moments = [
        datetime(day.year, day.month, day.day, 1 + number % 20, tzinfo=UTC)
        for day in days
        if day not in without
        for number in range(per_day)
    ]
    return pl.DataFrame({"created_at": moments}, schema={"created_at": pl.Datetime("us", "UTC")})


def test_a_day_without_tickets_is_named() -> None:
    lost = date(2026, 2, 24)
    (sentence,) = missing_days(_tickets(12, without=(lost,)), NO_HOURS, AS_OF)
    assert "Tuesday 2026-02-24" in sentence
    assert "12" in sentence


@pytest.mark.parametrize(
    ("per_day", "weeks", "lost"),
    [
        (9, 10, date(2026, 2, 24)),  # may be chance
        (12, 3, date(2026, 2, 24)),  # too little history
        (12, 10, date(2026, 2, 1)),  # longer ago than a fortnight
        (12, 10, AS_OF.date()),  # the day is not over
    ],
)
def test_other_days_without_tickets_are_not(per_day: int, weeks: int, lost: date) -> None:
    tickets = _tickets(per_day, weeks=weeks, without=(lost,))
    assert not list(missing_days(tickets, NO_HOURS, AS_OF))


def test_a_day_on_which_everybody_is_closed_is_no_trouble() -> None:
    lost = date(2026, 2, 24)
    open_days = [AS_OF.date() - timedelta(days=ago) for ago in range(70)]
    hours = pl.DataFrame(
        {
            "opens_at": [datetime(d.year, d.month, d.day, 9, tzinfo=UTC) for d in open_days],
            "closes_at": [datetime(d.year, d.month, d.day, 17, tzinfo=UTC) for d in open_days],
        },
        schema=NO_HOURS.schema,
    )
    tickets = _tickets(12, without=(lost,))
    assert list(missing_days(tickets, hours, AS_OF))
    closed = hours.filter(pl.col("opens_at").dt.date() != lost)
    assert not list(missing_days(tickets, closed, AS_OF))


def test_no_tickets_at_all_is_for_others_to_tell() -> None:
    assert not list(missing_days(_tickets(0), NO_HOURS, AS_OF))


def _desk(*, is_default: bool) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    tickets = pl.DataFrame(
        {
            "ticket_id": [1, 2, 3, 4],
            "group_name": ["A", "B", "B", "C"],
            "is_deleted": [False, False, False, True],
        }
    )
    schedules = pl.DataFrame({"is_default": [False, is_default]})
    return tickets, schedules, pl.DataFrame({"ticket_id": [1, 3]})


def test_groups_whose_tickets_have_no_hours_are_named() -> None:
    """One of B's has a schedule, the other none; A's has one, C's is deleted."""
    (sentence,) = groups_without_hours(*_desk(is_default=False))
    assert "1 of B" in sentence


def test_a_default_schedule_is_for_all() -> None:
    assert not list(groups_without_hours(*_desk(is_default=True)))
    tickets, schedules, rows = _desk(is_default=False)
    assert not list(groups_without_hours(tickets, schedules.clear(), rows))


def _costs(*more: tuple[int, str, float, float | None]) -> pl.DataFrame:
    rows: list[tuple[int, str, float, float | None]] = [
        (number, "Tier 1", 10.0 + number % 21, (10.0 + number % 21) * 0.6) for number in range(100)
    ]
    return pl.DataFrame(
        [*rows, *more],
        schema={
            "ticket_id": pl.Int64,
            "group_name": pl.String,
            "handle_minutes": pl.Float64,
            "cost_usd": pl.Float64,
        },
        orient="row",
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((900, "Tier 1", 100_000.0, 60_000.0), "ticket 900 took Tier 1 100,000 minutes"),
        ((901, "Tier 1", 20.0, 1_200.0), "a minute of Tier 1 on ticket 901 costs 60.00 USD"),
        ((902, "Tier 1", 20.0, 0.5), "ticket 902 costs 0.03 USD"),
    ],
)
def test_times_and_costs_beyond_belief_are_named(
    row: tuple[int, str, float, float], words: str
) -> None:
    (sentence,) = cost_outliers(_costs(row))
    assert words in sentence


def test_what_is_only_long_rare_or_unknown_is_believed() -> None:
    believed = _costs(
        (900, "Tier 1", 90.0, 54.0),
        (901, "Tier 1", 2.0, 90.0),  # the least that is billed
        (902, "Tier 1", 20.0, None),
        (903, "Small group", 100_000.0, 1.0),
    )
    assert not list(cost_outliers(believed))
    assert not list(cost_outliers(believed.clear()))


def test_time_booked_by_the_piece_has_no_outliers_next_to_it() -> None:
    costs = _costs().with_columns(handle_minutes=pl.lit(15.0), cost_usd=pl.lit(9.0))
    near = _costs((900, "Tier 1", 45.0, 27.0)).tail(1)
    assert not list(cost_outliers(pl.concat([costs, near])))


@pytest.mark.parametrize("seed", range(5))
def test_a_simulated_desk_has_none_of_it(seed: int) -> None:
    landing = desk(tickets=8_000, seed=seed)
    tables = complete_tables(landing)
    assert not list(cost_outliers(tables["ticket_costs"]))
    assert not list(
        groups_without_hours(tables["tickets"], tables["schedules"], tables["ticket_schedules"])
    )
    # Every day is judged once in the course of a fortnight.
    for weeks in range(0, 40, 2):
        as_of = landing.as_of - timedelta(weeks=weeks)
        tickets = tables["tickets"].filter(pl.col("created_at") < as_of)
        assert not list(missing_days(tickets, tables["open_intervals"], as_of))
