"""What capacity planning shows of the forecasts: the course, how they were tested, the gap."""

from datetime import timedelta
from typing import Final

import polars as pl

from control_tower_dash.filters import Filters
from control_tower_dash.queries.drill import UNFILTERED, with_tickets_behind
from control_tower_dash.warehouse import Reader

__all__ = [
    "PAST_DAYS",
    "SERIES",
    "TOTAL",
    "accuracy",
    "chosen_series",
    "course",
    "gap_by_month",
    "needs",
    "outlook",
    "series_names",
]

PAST_DAYS: Final = 60
"""Days of the past beside the forecast."""

TOTAL: Final = "Total"
SERIES: Final = "series"
"""The URL's option that names a series."""

_KNOWN_GAP: Final = pl.col("gap_fte_days").is_not_null()


def series_names(reader: Reader) -> list[str]:
    """Return the series that are forecast: the total first, then the groups by name."""
    names = reader.query("select distinct series from forecasting.volume_forecast")["series"]
    return sorted(names, key=lambda name: (name != TOTAL, name))


def chosen_series(reader: Reader, filters: Filters) -> list[str]:
    """Return the series asked for: the URL's own, or the groups filtered by, or the total."""
    names = series_names(reader)
    asked = filters.option(SERIES)
    if asked in names:
        return [asked]
    # A group that is called what the total is called has another name as a series.
    groups = [f"{name} (group)" if name == TOTAL else name for name in filters.group]
    return [name for name in groups if name in names] or names[:1]


def course(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the last sixty days and the coming thirty of the series asked for.

    Returns:
        series, day, observed, expected, is_anomaly (of past days), forecast, lo_80, hi_80, lo_95,
        hi_95 (of coming days), holiday_name, model, mase, rmsse, coverage_80, coverage_95,
        windows, days_tested (of the series' champion), tickets_behind (of the total's past days);
        series as asked for, oldest day first; no rows without a forecast.
    """
    chosen = chosen_series(reader, filters)
    frame = reader.query(
        """
        with days as (
            select
                past.series,
                past.day,
                past.observed,
                past.expected,
                past.is_anomaly,
                null::double as forecast,
                null::double as lo_80,
                null::double as hi_80,
                null::double as lo_95,
                null::double as hi_95,
                case when past.is_holiday then past.holiday_name end as holiday_name
            from forecasting.volume_anomalies as past
            where past.day >= ?
            union all
            select
                series, day, null, null, null, forecast, lo_80, hi_80, lo_95, hi_95, holiday_name
            from forecasting.volume_forecast
        ),
        models as (
            select distinct on (forecast.series)
                forecast.series,
                forecast.model,
                tested.mase,
                tested.rmsse,
                tested.coverage_80,
                tested.coverage_95,
                tested.windows,
                tested.days_tested
            from forecasting.volume_forecast as forecast
            left join forecasting.forecast_accuracy as tested
                on forecast.series = tested.series and forecast.model = tested.model
        )
        select days.*, models.* exclude (series)
        from days
        inner join models on days.series = models.series
        where list_contains(?, days.series)
        order by list_position(?, days.series), days.day
        """,
        [reader.as_of.date() - timedelta(days=PAST_DAYS), chosen, chosen],
    )
    # Only the total counts what tickets can be filtered by: a day they were created on.
    is_past_total = (pl.col("series") == TOTAL) & pl.col("observed").is_not_null()
    return (
        with_tickets_behind(
            frame.with_columns(to=pl.col("day")),
            {"day": "from", "to": "to"},
            counted="observed",
            **{**UNFILTERED, "by": "created"},
        )
        .drop("to")
        .with_columns(pl.when(is_past_total).then("tickets_behind").alias("tickets_behind"))
    )


def accuracy(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return every model tested on the series asked for.

    Returns:
        series, model (its name in tables), is_champion, rmsse, mase, smape, coverage_80,
        coverage_95, windows, days_tested; best first within a series.
    """
    chosen = chosen_series(reader, filters)
    return reader.query(
        """
        select
            series, model, is_champion, rmsse, mase, smape, coverage_80, coverage_95, windows,
            days_tested
        from forecasting.forecast_accuracy
        where list_contains(?, series)
        order by list_position(?, series), rmsse nulls last, model
        """,
        [chosen, chosen],
    )


def needs(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return people needed against people there, by group: the coming days, then each month.

    Returns:
        group_name, span (`Coming 30 days`, or the month), first_day, last_day, working_days,
        forecast_tickets, handle_minutes, required_fte_days, available_fte_days, gap_fte_days,
        lo_80, hi_80, lo_95, hi_95, gap_tickets, basis, posts (full-time posts the gap comes to,
        null where headcount is not known), month (null for the coming days); the widest gap first.
    """
    chosen = filters.where("gaps", ("group",))
    frame = reader.query(
        f"""
        select
            gaps.* exclude (capacity_tickets),
            gap_fte_days
            / nullif(gaps.working_days * (1 - people.shrinkage), 0) as posts
        from (
            select *, null::date as month from forecasting.capacity_outlook
            union all by name
            select * from forecasting.capacity_gap
        ) as gaps
        left join staging.stg_group_capacity as people on gaps.group_name = people.group_name
        where {chosen.sql}
        order by
            month nulls first,
            gap_fte_days desc nulls last,
            gap_tickets desc nulls last,
            gaps.group_name
        """,  # noqa: S608
        chosen.parameters,
    )
    days = (pl.col("last_day") - pl.col("first_day")).dt.total_days() + 1
    return frame.with_columns(
        pl.when(pl.col("month").is_null())
        .then(pl.format("Coming {} days", days))
        .otherwise(pl.col("month").dt.strftime("%B %Y"))
        .alias("span")
    )


def outlook(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the gap over the coming days of each group whose people are known; see `needs`."""
    return needs(reader, filters).filter(_KNOWN_GAP & pl.col("month").is_null())


def gap_by_month(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the gap by month of each group whose people are known; see `needs`."""
    return needs(reader, filters).filter(_KNOWN_GAP & pl.col("month").is_not_null())
