"""What the capacity page shows: forecasts, gaps, and what a plan comes to."""

from typing import Final

import polars as pl

from control_tower_dash.capacity_words import (
    MODELS,
    accuracy_caption,
    attainment_caption,
    backlog_caption,
    course_caption,
    gap_caption,
    month_caption,
    needs_caption,
    pairs_caption,
)
from control_tower_dash.elements import Column, Element, metric_column
from control_tower_dash.figures import capacity as figures
from control_tower_dash.figures import what_if as plan_figures
from control_tower_dash.figures.panels import PANELS_HEIGHT
from control_tower_dash.filters import Filters
from control_tower_dash.queries import what_if as simulator
from control_tower_dash.queries.capacity import accuracy, course, gap_by_month, needs, outlook
from control_tower_dash.warehouse import Reader

__all__ = ["ELEMENTS", "NO_PEOPLE", "NO_SUCH_GROUP"]

_BY_GROUP: Final = frozenset({"group"})
_NO_FORECAST: Final = "There is no forecast yet: it takes a complete day with tickets."
NO_PEOPLE: Final = (
    "This source does not say how many people work in a group or how long tickets take them, so "
    "their time cannot be planned."
)
_HAS_GAP: Final = (
    "select 1 from forecasting.capacity_outlook where gap_fte_days is not null limit 1"
)
NO_SUCH_GROUP: Final = "None of the groups chosen has people and effort that are known."


def _tested(reader: Reader, filters: Filters) -> pl.DataFrame:
    return accuracy(reader, filters).with_columns(
        in_words=pl.col("model").replace(dict(MODELS)),
    )


_GROUP = Column("group_name", "Group")
_PAIR = (
    Column("before", "As it stands", "fte_days"),
    Column("after", "The plan", "fte_days"),
    Column("difference", "Difference", "fte_days"),
)

ELEMENTS: Final = (
    Element(
        "volume-forecast",
        "Ticket volume: 60 days back, 30 days ahead",
        course,
        (
            Column("series", "Series", width=150),
            Column("day", "Day", "day"),
            Column("observed", "Came", "count"),
            Column("expected", "To be expected", "number"),
            Column("is_anomaly", "Unusual", "flag"),
            Column("forecast", "Forecast", "number"),
            Column("lo_80", "80 % from", "number"),
            Column("hi_80", "80 % to", "number"),
            Column("lo_95", "95 % from", "number"),
            Column("hi_95", "95 % to", "number"),
            Column("holiday_name", "Holiday"),
            Column("tickets_behind", "Tickets", "drill"),
        ),
        figures.fan,
        course_caption,
        empty=_NO_FORECAST,
        applies=_BY_GROUP,
        height=PANELS_HEIGHT,
    ),
    Element(
        "capacity-gap",
        "Capacity gap over the coming 30 days",
        outlook,
        (
            _GROUP,
            Column("required_fte_days", "Required", "fte_days"),
            Column("available_fte_days", "Available", "fte_days"),
            Column("working_days", "Working days", "number"),
            metric_column("gap_fte_days", "Gap"),
            Column("posts", "Full-time posts", "number"),
            Column("lo_80", "80 % from", "number"),
            Column("hi_80", "80 % to", "number"),
            Column("lo_95", "95 % from", "number"),
            Column("hi_95", "95 % to", "number"),
        ),
        figures.gap_bars,
        gap_caption,
        empty=NO_SUCH_GROUP,
        source_needs=_HAS_GAP,
        missing=NO_PEOPLE,
        applies=_BY_GROUP,
    ),
    Element(
        "capacity-gap-by-month",
        "Capacity gap by month",
        gap_by_month,
        (
            _GROUP,
            Column("span", "Month"),
            Column("first_day", "From", "day"),
            Column("last_day", "To", "day"),
            metric_column("gap_fte_days", "Gap"),
            Column("lo_80", "80 % from", "number"),
            Column("hi_80", "80 % to", "number"),
            Column("lo_95", "95 % from", "number"),
            Column("hi_95", "95 % to", "number"),
        ),
        figures.gap_by_month_bars,
        month_caption,
        empty=NO_SUCH_GROUP,
        source_needs=_HAS_GAP,
        missing=NO_PEOPLE,
        applies=_BY_GROUP,
    ),
    Element(
        "capacity-needs",
        "People needed and people there",
        needs,
        (
            Column("group_name", "Group", width=180),
            Column("span", "Time", width=135),
            Column("forecast_tickets", "Tickets expected", "number", width=90),
            Column(
                "handle_minutes",
                "Handle minutes",
                "number",
                "Minutes of work a ticket takes it.",
                width=90,
            ),
            Column(
                "required_fte_days",
                "Required FTE days",
                "number",
                "Tickets times handle minutes, at the productive hours and occupancy aimed for.",
                width=90,
            ),
            Column(
                "available_fte_days",
                "Available FTE days",
                "number",
                "Full-time posts times working days, less shrinkage.",
                width=90,
            ),
            Column("gap_fte_days", "Gap FTE days", "number", "Required less available.", width=90),
            Column("lo_80", "80 % from", "number", width=90),
            Column("hi_80", "80 % to", "number", width=90),
            Column("gap_tickets", "Gap in tickets", "number", width=90),
            Column(
                "basis", "Known from", width=125, meaning="What the capacity was worked out from."
            ),
        ),
        caption=needs_caption,
        empty=_NO_FORECAST,
        applies=_BY_GROUP,
    ),
    Element(
        "what-if-sla",
        "SLA attainment by the plan",
        simulator.attainment,
        (
            Column("dimension", "By"),
            Column("value", "Value"),
            Column("metric", "SLA metric"),
            Column("before", "As it stands", "share"),
            Column("after", "The plan", "share"),
            Column("difference", "Difference in points", "share"),
        ),
        plan_figures.attainment_bars,
        attainment_caption,
        empty=NO_SUCH_GROUP,
        source_needs=simulator.HAS_PEOPLE,
        missing=NO_PEOPLE,
        applies=_BY_GROUP,
        height=420,
    ),
    Element(
        "what-if-gap",
        "Capacity gap by the plan",
        simulator.gaps,
        (
            _GROUP,
            *_PAIR,
            Column("required_fte_days", "Required by the plan", "fte_days"),
            Column("available_fte_days", "Available by the plan", "fte_days"),
            Column("occupancy_before", "Occupancy as it stands", "share"),
            Column("occupancy_after", "Occupancy by the plan", "share"),
        ),
        plan_figures.gap_pairs,
        pairs_caption,
        empty=NO_SUCH_GROUP,
        source_needs=simulator.HAS_PEOPLE,
        missing=NO_PEOPLE,
        applies=_BY_GROUP,
    ),
    Element(
        "what-if-backlog",
        "Tickets waiting, day by day",
        simulator.backlog,
        (
            _GROUP,
            Column("day", "Day", "day"),
            Column("before", "As it stands", "number"),
            Column("before_lo", "80 % from", "number"),
            Column("before_hi", "80 % to", "number"),
            Column("after", "The plan", "number"),
            Column("after_lo", "The plan's 80 % from", "number"),
            Column("after_hi", "The plan's 80 % to", "number"),
        ),
        plan_figures.backlog_lines,
        backlog_caption,
        empty=NO_SUCH_GROUP,
        source_needs=simulator.HAS_PEOPLE,
        missing=NO_PEOPLE,
        applies=_BY_GROUP,
        height=PANELS_HEIGHT,
    ),
    Element(
        "forecast-accuracy",
        "How the forecasts were tested",
        _tested,
        (
            Column("series", "Series", width=180),
            Column("in_words", "Model", width=380),
            Column(
                "is_champion",
                "Forecasts",
                "flag",
                "Whether the series is forecast by it.",
                width=110,
            ),
            Column(
                "rmsse",
                "RMSSE",
                "score",
                "Root mean squared error; 1 is what repeating the last week costs.",
                width=110,
            ),
            Column(
                "mase",
                "MASE",
                "score",
                "Mean error; 1 is what repeating the last week costs.",
                width=110,
            ),
            Column(
                "smape",
                "sMAPE",
                "share",
                "Error over observed plus forecast, 0 to 100 %.",
                width=110,
            ),
            Column("coverage_80", "In the 80 % interval", "share", width=120),
            Column("coverage_95", "In the 95 % interval", "share", width=120),
            Column("days_tested", "Days tested", "count", width=110),
        ),
        caption=accuracy_caption,
        empty="There is too little history to test models on: it takes a week.",
        applies=_BY_GROUP,
    ),
)
