"""The outlook as a whole, and the checks that guard it."""

import warnings
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest

from control_tower.forecasting.anomalies import anomalies
from control_tower.forecasting.checks import CHECKS, DAILY_OPS
from control_tower.forecasting.figures import FIGURES
from control_tower.forecasting.models import CANDIDATES
from control_tower.forecasting.series import desk_from_daily
from control_tower.forecasting.tables import TABLES
from control_tower.forecasting.volume import outlook
from control_tower.schema_rules import schema_violations
from tests.forecasting.desks import FIRST_DAY, daily_ops, poisson_desk

Made = dict[str, pl.DataFrame]


def _made(daily: pl.DataFrame, holidays: dict[date, str] | None = None) -> Made:
    desk = desk_from_daily(daily)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = outlook(desk, holidays or {})
        spotted = anomalies(desk, holidays or {})
    return {
        "volume_forecast": found.forecast,
        "forecast_accuracy": found.accuracy,
        "volume_anomalies": spotted,
    }


def _problems(daily: pl.DataFrame, made: Made) -> list[str]:
    broken = [p for name in made for p in schema_violations(name, TABLES[name], made[name])]
    return broken + [p for check in CHECKS for p in check.problems({DAILY_OPS: daily}, made)]


@pytest.fixture(scope="module")
def daily() -> pl.DataFrame:
    """Twenty weeks of a desk."""
    return poisson_desk(140)


@pytest.fixture(scope="module")
def made(daily: pl.DataFrame) -> Made:
    """Its tables."""
    return _made(daily)


DESKS: dict[str, pl.DataFrame] = {
    "no rows": poisson_desk(3).clear(),
    "one ticket": daily_ops({"First": {"created": [1]}}),
    "three days": poisson_desk(3),
    "ten days": poisson_desk(10),
    "three weeks": poisson_desk(21),
    "five weeks": poisson_desk(35),
    "constant": daily_ops({"First": {"created": [5] * 60}}),
    "one group alone": daily_ops({"Unassigned": {"created": [3, 0, 4, 1, 0, 0, 2] * 12}}),
    "silent for long": daily_ops({"First": {"created": [9] * 40 + [0] * 80}}),
    "a new group": daily_ops(
        {"First": {"created": [9, 8, 7] * 20}, "Second": {"received": [0] * 58 + [1, 2]}}
    ),
    "no tickets created": daily_ops({"First": {"received": [3, 2, 4] * 10}}),
}


@pytest.mark.parametrize("given", DESKS.values(), ids=DESKS)
def test_any_desk_is_forecast_and_its_tables_keep_their_promises(given: pl.DataFrame) -> None:
    """Short, empty, constant, gappy: without a warning, a broken rule or a failed check."""
    made = _made(given)
    assert _problems(given, made) == []
    for shown in FIGURES.values():
        for show in shown.values():
            assert show(made)


def test_the_fallback_of_a_short_history_is_stated() -> None:
    """The model's name says what was done, the windows how often it could be tested."""
    for days, model, windows in ((5, "PlainMean", 0), (20, "WeekdayMean", 4), (40, None, 6)):
        accuracy = _made(poisson_desk(days))["forecast_accuracy"]
        total = accuracy.filter(pl.col("series") == "Total")
        assert total["model"].to_list() == ([model] if model else list(CANDIDATES))
        assert set(total["windows"]) == {windows}
        if not windows:
            assert total["rmsse"].null_count() == total["coverage_80"].null_count() == 1


def test_a_full_history_makes_all_models_compete(made: Made) -> None:
    """Each with six windows, none as good as none at all, the best of them the champion."""
    accuracy = made["forecast_accuracy"]
    total = accuracy.filter(pl.col("series") == "Total")
    assert set(total["model"]) == set(CANDIDATES)
    assert set(total["windows"]) == {6}
    best = total.sort("rmsse").row(0, named=True)
    assert best["is_champion"]
    assert best["rmsse"] < 1
    forecast = made["volume_forecast"].filter(pl.col("series") == "Total")
    assert set(forecast["model"]) == {best["model"]}


def test_the_forecast_is_near_what_the_desk_is_made_of(made: Made) -> None:
    """The desk's mean week is known."""
    forecast = made["volume_forecast"].sort("series", "day")
    for series, week in (("Total", 1.5 * 240), ("Madrid", 0.5 * 240), ("Specialists", 0.2 * 240)):
        four_weeks = forecast.filter(pl.col("series") == series).head(28)
        assert four_weeks["forecast"].sum() == pytest.approx(4 * week, rel=0.12)


def test_a_holiday_ahead_is_told_and_lowers_the_forecast(daily: pl.DataFrame) -> None:
    """It goes by its name."""
    quiet = [FIRST_DAY + timedelta(days=n) for n in (14, 49, 98)]
    ahead = FIRST_DAY + timedelta(days=147)
    lowered = daily.with_columns(
        pl.when(pl.col("day").is_in(quiet)).then(0).otherwise("created").alias("created")
    )
    made = _made(lowered, dict.fromkeys([*quiet, ahead], "Closed"))
    total = made["volume_forecast"].filter(pl.col("series") == "Total").sort("day")
    assert total["day"][7] == ahead
    assert total["holiday_name"].to_list() == [None] * 7 + ["Closed"] + [None] * 22
    assert total["forecast"][7] < 0.5 * total["forecast"][14]
    assert made["volume_anomalies"].filter("is_anomaly", pl.col("day").is_in(quiet)).is_empty()


def test_the_same_desk_gives_the_same_tables(daily: pl.DataFrame, made: Made) -> None:
    """Nothing is left to chance."""
    again = _made(daily)
    assert all(again[name].equals(made[name]) for name in made)


def test_a_desk_of_many_groups_leaves_the_small_ones_at_means() -> None:
    """Eight flows get the larger models; all are forecast, and all add up."""
    groups = {f"Group {n:02}": {"created": [9 + n, 8, 7, 9, 8, 3, 2 + n] * 6} for n in range(14)}
    given = daily_ops(groups)
    made = _made(given)
    assert _problems(given, made) == []
    models = made["forecast_accuracy"].group_by("series").len()
    small = models.filter(pl.col("len") == 2)["series"]
    assert set(small) == {f"Group {n:02}" for n in range(6)}


BREAKAGES: dict[str, Callable[[Made], Made]] = {
    "covers_the_next_thirty_days": lambda made: {
        **made,
        "volume_forecast": made["volume_forecast"].with_columns(
            pl.col("day") + pl.duration(days=1)
        ),
    },
    "groups_add_up_to_the_total": lambda made: {
        **made,
        "volume_forecast": made["volume_forecast"].with_columns(
            pl.when(pl.col("series") == "Berlin")
            .then(pl.col("created_forecast") + 0.01)
            .otherwise("created_forecast")
            .alias("created_forecast")
        ),
    },
    "every_series_is_forecast": lambda made: {
        **made,
        "volume_forecast": made["volume_forecast"].filter(pl.col("series") != "Specialists"),
    },
    "one_champion_per_series": lambda made: {
        **made,
        "forecast_accuracy": made["forecast_accuracy"].with_columns(
            (pl.col("model") == "SeasonalNaive").alias("is_champion")
        ),
    },
    "intervals_cover_what_they_say": lambda made: {
        **made,
        "forecast_accuracy": made["forecast_accuracy"].with_columns(coverage_80=pl.lit(0.5)),
    },
    "observed_adds_up_to_tickets_created": lambda made: {
        **made,
        "volume_anomalies": made["volume_anomalies"].slice(1),
    },
    "holidays_never_stand_out": lambda made: {
        **made,
        "volume_anomalies": made["volume_anomalies"].with_columns(
            is_anomaly=pl.lit(value=True), holiday_name=pl.lit("Christmas")
        ),
    },
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_each_check_finds_what_it_is_for(name: str, daily: pl.DataFrame, made: Made) -> None:
    """Sound tables pass, broken ones are told in a sentence that names the table."""
    (check,) = (check for check in CHECKS if check.name == name)
    assert check.problems({DAILY_OPS: daily}, made) == []
    problems = check.problems({DAILY_OPS: daily}, BREAKAGES[name](made))
    assert problems
    assert all(problem.startswith(check.table) for problem in problems)


def test_every_check_is_tested() -> None:
    """None is added without a breakage it finds."""
    assert {check.name for check in CHECKS} == set(BREAKAGES)


def test_figures_can_be_read(made: Made) -> None:
    """A week of days with intervals; a champion a series; bars for past and future."""
    week = FIGURES["volume_forecast"]["next_seven_days"](made)
    assert week.count("\n") == 8
    assert " to " in week
    assert "Specialists" in week
    champions = FIGURES["forecast_accuracy"]["champions"](made)
    assert champions.count("%") == 8
    bars = FIGURES["volume_forecast"]["outlook"](made).splitlines()
    assert len(bars) == 2 + 4
    past, ahead = bars[2].split("|")[2:4]
    assert (len(past.strip()), len(ahead.strip())) == (28, 30)
