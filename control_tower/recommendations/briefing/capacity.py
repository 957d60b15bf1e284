"""Third question: will we have enough people next month?"""

from datetime import date, timedelta

import polars as pl

from control_tower.recommendations.action import QUESTIONS
from control_tower.recommendations.briefing.page import NOT_IN_SOURCE, Figure, Section, Table
from control_tower.recommendations.briefing.weeks import Week, by_week, change_of
from control_tower.recommendations.words import listed

__all__ = ["capacity"]

_TOTAL = "total"


def capacity(
    capacity_outlook: pl.DataFrame,
    volume_forecast: pl.DataFrame,
    daily_ops: pl.DataFrame,
    today: date,
    week: Week,
) -> Section:
    """Return which groups will be short of people, and how many tickets are expected.

    Args:
        capacity_outlook: The table of that name.
        volume_forecast: Columns series, day, forecast, lo_80, hi_80; the total is the series of
            that name, or the sum of all others.
        daily_ops: Columns day, created.
        today: The day of the tower's clock.
        week: The week the forecast is compared with.
    """
    question = QUESTIONS[3]
    figures = _expected(volume_forecast, daily_ops, today, week)
    known = capacity_outlook.drop_nulls("gap_fte_days").sort(
        "gap_fte_days", "group_name", descending=[True, False]
    )
    if known.is_empty():
        why = (
            "There is too little history to forecast volume"
            if volume_forecast.is_empty()
            else f"The groups' capacity is {NOT_IN_SOURCE}"
        )
        return Section(question, f"{why}, so whether people will be short is not known.", figures)
    short = known.filter(pl.col("gap_fte_days") > 0)
    sure = short.filter(pl.col("lo_80") > 0)
    if sure.height:
        gaps = [
            f"{row['group_name']} will be {row['gap_fte_days']:,.1f} full-time days short"
            for row in sure.iter_rows(named=True)
        ]
        answer = f"No: {listed(gaps)} over the next {_days(known)} days."
    elif short.height:
        names = listed([str(name) for name in short["group_name"]])
        answer = f"Probably: {names} may run short, but within what the forecast can tell."
    else:
        answer = f"Yes: no group is short of people over the next {_days(known)} days."
    return Section(question, answer, figures, _groups(known))


def _days(outlook: pl.DataFrame) -> int:
    first = outlook.row(0, named=True)
    return int((first["last_day"] - first["first_day"]).days) + 1


def _expected(
    forecast: pl.DataFrame, daily_ops: pl.DataFrame, today: date, week: Week
) -> list[Figure]:
    totals = forecast.filter(pl.col("series").str.to_lowercase() == _TOTAL)
    daily = (totals if totals.height else forecast).filter(
        pl.col("day").is_between(today, today + timedelta(days=6))
    )
    if daily.is_empty():
        return []
    expected = daily["forecast"].sum()
    came = by_week(daily_ops, "day", pl.col("created").sum(), week)
    change = change_of([came[-1], float(expected)], "neither", "percent")
    return [
        Figure("Tickets expected in the next seven days", f"{expected:,.0f}", change, came),
    ]


def _groups(known: pl.DataFrame) -> Table:
    header = ["Group", "Tickets expected", "FTE days needed", "there", "short", "80% interval"]
    rows = [
        [
            row["group_name"],
            f"{row['forecast_tickets']:,.0f}",
            f"{row['required_fte_days']:,.1f}",
            f"{row['available_fte_days']:,.1f}",
            f"{row['gap_fte_days']:+,.1f}",
            "" if row["lo_80"] is None else f"{row['lo_80']:+,.1f} to {row['hi_80']:+,.1f}",
        ]
        for row in known.head(6).iter_rows(named=True)
    ]
    return Table(header, rows)
