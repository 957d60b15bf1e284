"""Forecasts and gaps as the page shows them, against answers worked out by hand."""

from datetime import date

import polars as pl
import pytest

from control_tower_dash.filters import Filters
from control_tower_dash.queries.capacity import (
    accuracy,
    chosen_series,
    course,
    gap_by_month,
    needs,
    outlook,
    series_names,
)
from tests.dashboard.capacity_desk import Tables, capacity_tables


@pytest.fixture(scope="module")
def desk() -> Tables:
    """Return the desk made by hand."""
    return Tables(capacity_tables())


@pytest.mark.parametrize(
    ("filters", "series"),
    [
        (Filters(), ["Total"]),
        (Filters(group=("Front Desk",)), ["Front Desk"]),
        # A group without a series of its own leaves the total.
        (Filters(group=("Back Office",)), ["Total"]),
        (Filters(group=("Front Desk",)).with_options(series="Total"), ["Total"]),
        (Filters().with_options(series="Front Desk"), ["Front Desk"]),
        (Filters().with_options(series="'; drop table x; --"), ["Total"]),
    ],
)
def test_series_follow_the_url_then_the_groups(
    desk: Tables, filters: Filters, series: list[str]
) -> None:
    """The URL's own series comes first, then the groups filtered by, then the total."""
    assert chosen_series(desk, filters) == series
    assert series_names(desk) == ["Total", "Front Desk"]


def test_the_course_is_sixty_days_back_and_thirty_ahead(desk: Tables) -> None:
    """Past days have what came, coming ones the forecast; the champion's tests stand beside."""
    frame = course(desk, Filters())
    past, ahead = (frame.filter(pl.col(name).is_not_null()) for name in ("observed", "forecast"))
    assert (past["day"].min(), past["day"].max()) == (date(2026, 4, 2), date(2026, 5, 31))
    assert (ahead["day"].min(), ahead["day"].max()) == (date(2026, 6, 1), date(2026, 6, 30))
    assert frame["day"].is_sorted()
    assert past["observed"].to_list() == [40 + n for n in range(60, 0, -1)]
    assert ahead.select("lo_95", "lo_80", "forecast", "hi_80", "hi_95").unique().rows() == [
        (35.0, 39.0, 44.0, 49.0, 53.0)
    ]
    assert frame.select("model", "rmsse", "mase", "coverage_80").unique().rows() == [
        ("MeanOfThree", 0.7, 0.8, 0.81)
    ]
    # The day after a holiday is none, whatever it is called.
    named = frame.drop_nulls("holiday_name")
    assert dict(named.select("day", "holiday_name").iter_rows()) == {
        date(2026, 5, 25): "Whit Monday",
        date(2026, 6, 4): "Corpus Christi",
    }
    assert frame.filter("is_anomaly")["day"].to_list() == [date(2026, 5, 31)]


def test_only_days_of_the_total_lead_to_tickets(desk: Tables) -> None:
    """What is passed on to a group or reopened in it is not what the tickets page filters by."""
    total = course(desk, Filters()).filter(pl.col("day") == date(2026, 5, 31))
    # The figure follows no filter of tickets, so its list does not either.
    assert total["tickets_behind"].to_list() == [
        "group=&priority=&type=&channel=&tier=&by=created&from=2026-05-31&to=2026-05-31"
    ]
    ahead = course(desk, Filters()).filter(pl.col("forecast").is_not_null())
    group = course(desk, Filters(group=("Front Desk",)))
    assert ahead["tickets_behind"].null_count() == ahead.height == 30
    assert group["tickets_behind"].null_count() == group.height == 90


def test_every_model_tested_is_shown_best_first(desk: Tables) -> None:
    """Those that could not be tested come last."""
    assert accuracy(desk, Filters())["model"].to_list() == ["MeanOfThree", "SeasonalNaive"]
    front = accuracy(desk, Filters(group=("Front Desk",)))
    assert front.select("model", "is_champion").rows() == [("MSTL", True), ("HoltWinters", False)]


def test_needs_are_the_coming_days_and_each_month(desk: Tables) -> None:
    """The coming days first; a gap in posts where headcount is known."""
    frame = needs(desk, Filters())
    assert frame["span"].unique(maintain_order=True).to_list() == [
        "Coming 30 days",
        "June 2026",
        "July 2026",
    ]
    coming = frame.filter(pl.col("month").is_null())
    assert coming["group_name"].to_list() == ["Front Desk", "Back Office", "Night Shift"]
    # 8.8 days over 22 working days at 80 % presence: half a post.
    assert coming["posts"].to_list() == [
        pytest.approx(8.8 / (22 * 0.8)),
        pytest.approx(-4 / (22 * 0.75)),
        None,
    ]


def test_gaps_drawn_are_the_known_ones_of_the_groups_chosen(desk: Tables) -> None:
    """A group without people has no gap in days; other filters change nothing."""
    assert outlook(desk, Filters())["group_name"].to_list() == ["Front Desk", "Back Office"]
    assert gap_by_month(desk, Filters()).height == 4
    chosen = Filters(group=("Back Office", "Night Shift"), priority=("urgent",), period="7d")
    assert outlook(desk, chosen).select("group_name", "gap_fte_days").rows() == [
        ("Back Office", -4.0)
    ]
