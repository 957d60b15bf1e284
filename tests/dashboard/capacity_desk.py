"""A desk of two groups with forecasts and people, made by hand, and a reader of its tables."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from control_tower.forecasting.desk_profile import DeskProfile
from tests.dashboard.made_up import MadeUp

__all__ = ["AS_OF", "Tables", "capacity_tables", "profile"]

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
"""A Monday."""

_GROUPS = ("Back Office", "Front Desk")


class Tables(MadeUp):
    """Tables in memory, read as a snapshot of the desk's own Monday is."""

    def __init__(self, tables: Mapping[str, pl.DataFrame], as_of: datetime = AS_OF) -> None:
        """Take tables by schema and name, and the tower's clock."""
        super().__init__(tables, as_of)


def profile() -> DeskProfile:
    """Return the desk's profile: people from 9 to 17 on working days, few tickets an hour."""
    groups = pl.DataFrame(
        {
            "group_name": _GROUPS,
            "fte": [2.5, 4.0],
            "productive_hours_per_day": [6.0, 6.0],
            "shrinkage": [0.25, 0.2],
            "target_occupancy": [0.7, 0.8],
            "handle_minutes": [60.0, 40.0],
            "forecast_tickets": [150.0, 700.0],
            "working_days": [22.0, 22.0],
        }
    )
    return DeskProfile(
        groups=groups,
        hours=_hours(),
        demand=_demand(),
        routes=_routes(),
        spreads=_spreads(),
        backlog=pl.DataFrame(
            {
                "group_name": ["Front Desk"],
                "priority": ["normal"],
                "tickets": [6],
                "mean_age_hours": [3.0],
            }
        ),
    )


def _hours() -> pl.DataFrame:
    rows = []
    for group, tickets in zip(_GROUPS, (0.4, 3.5), strict=True):
        for n in range(40 * 24):
            start = AS_OF + timedelta(hours=n)
            works = start.weekday() < 5
            is_open = works and 9 <= start.hour < 17
            rows.append(
                {
                    "group_name": group,
                    "starts_at": start,
                    "local_day": start.date(),
                    "local_hour": start.hour,
                    "day_class": start.weekday(),
                    "expected_tickets": tickets if is_open else 0.0,
                    "staffed_share": 0.75 if is_open else 0.0,
                    "working_days": 1.0 if works else 0.0,
                    "open_minutes": 60.0 if is_open else 0.0,
                }
            )
    return pl.DataFrame(rows)


def _demand() -> pl.DataFrame:
    rows = []
    for n in range(1, 57):
        day = AS_OF.date() - timedelta(days=n)
        for hour in range(9, 17) if day.weekday() < 5 else ():
            for group, priority, new in (
                ("Front Desk", "normal", 2 + (n + hour) % 3),
                ("Front Desk", "urgent", (n * hour) % 2),
                ("Back Office", "normal", (n + hour) % 2),
            ):
                rows.append(
                    {
                        "local_day": day,
                        "local_hour": hour,
                        "group_name": group,
                        "priority": priority,
                        "day_class": day.weekday(),
                        "new_tickets": new,
                        "returning_tickets": 0,
                    }
                )
    return pl.DataFrame(rows)


def _routes() -> pl.DataFrame:
    rows = []
    for group, priority, target, ends in (
        ("Front Desk", "normal", 240.0, (("done", "", 0.85), ("handed_over", "Back Office", 0.15))),
        ("Front Desk", "urgent", 90.0, (("done", "", 1.0),)),
        ("Back Office", "normal", 240.0, (("done", "", 1.0),)),
    ):
        for outcome, to_group, share in ends:
            rows.append(
                {
                    "group_name": group,
                    "priority": priority,
                    "target_minutes": target,
                    "is_business_hours": True,
                    "is_returning": False,
                    "outcome": outcome,
                    "to_group": to_group,
                    "metric": "requester_wait_time",
                    "visits": 200.0,
                    "share_of_visits": share,
                    "mean_minutes": 60.0 if group == "Back Office" else 40.0,
                }
            )
    return pl.DataFrame(rows)


def _spreads() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "quantity": "work",
                "group_name": group,
                "is_returning": False,
                "is_handed_over": handed,
                "place": place,
                "minutes": mean * (0.5 + place / 19),
            }
            for group, mean in (("Back Office", 60.0), ("Front Desk", 40.0))
            for handed in (False, True)
            for place in range(20)
        ]
    )


def capacity_tables(**instead: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the tables capacity planning reads; those given by name stand in for the usual.

    Two series: Total, whose last past day stood out, and Front Desk. Back Office has people but no
    forecast of its own. One past day and one coming day are holidays.
    """
    tables = {
        "volume_anomalies": _past(),
        "volume_forecast": _ahead(),
        "forecast_accuracy": _accuracy(),
        "capacity_outlook": _gap_rows([None]),
        "capacity_gap": _gap_rows([date(2026, 6, 1), date(2026, 7, 1)]),
        **profile().tables(),
    } | instead
    capacity = profile().groups.select(
        "group_name", "fte", "productive_hours_per_day", "shrinkage", "target_occupancy"
    )
    return {
        **{f"forecasting.{name}": frame for name, frame in tables.items()},
        "staging.stg_group_capacity": capacity,
    }


def _past() -> pl.DataFrame:
    rows = [
        {
            "series": series,
            "day": AS_OF.date() - timedelta(days=n),
            "observed": tickets + n,
            "expected": float(tickets),
            "is_anomaly": series == "Total" and n == 1,
            "is_holiday": n == 7,
            "holiday_name": {7: "Whit Monday", 6: "Day after Whit Monday"}.get(n),
        }
        for series, tickets in (("Total", 40), ("Front Desk", 30))
        for n in range(90, 0, -1)
    ]
    return pl.DataFrame(rows)


def _ahead() -> pl.DataFrame:
    rows = [
        {
            "series": series,
            "day": AS_OF.date() + timedelta(days=n),
            "model": model,
            "forecast": tickets,
            "lo_80": tickets - 5,
            "hi_80": tickets + 5,
            "lo_95": tickets - 9,
            "hi_95": tickets + 9,
            "holiday_name": "Corpus Christi" if n == 3 else None,
        }
        for series, model, tickets in (("Total", "MeanOfThree", 44.0), ("Front Desk", "MSTL", 31.0))
        for n in range(30)
    ]
    return pl.DataFrame(rows)


def _accuracy() -> pl.DataFrame:
    rows = [
        ("Total", "SeasonalNaive", False, 1.1, 1.0),
        ("Total", "MeanOfThree", True, 0.7, 0.8),
        ("Front Desk", "MSTL", True, 0.6, 0.65),
        ("Front Desk", "HoltWinters", False, None, None),
    ]
    return pl.DataFrame(
        rows, schema=["series", "model", "is_champion", "rmsse", "mase"], orient="row"
    ).with_columns(
        smape=pl.lit(0.1),
        coverage_80=pl.lit(0.81),
        coverage_95=pl.lit(0.94),
        windows=pl.lit(6, pl.Int64),
        days_tested=pl.lit(180, pl.Int64),
    )


def _gap_rows(months: Sequence[date | None]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for month in months:
        for group, gap, basis in (
            ("Back Office", -4.0, "handle minutes"),
            ("Front Desk", 8.8, "handle minutes"),
            ("Night Shift", None, "closures"),
        ):
            is_known = gap is not None
            first, last = (
                (AS_OF.date(), date(2026, 6, 30))
                if month is None or month.month == 6
                else (month, month)
            )
            rows.append(
                {
                    "group_name": group,
                    "first_day": first,
                    "last_day": last,
                    "working_days": 22.0 if month is None or month.month == 6 else 1.0,
                    "forecast_tickets": 100.0,
                    "handle_minutes": 40.0 if is_known else None,
                    "required_fte_days": 60.0 if is_known else None,
                    "available_fte_days": 60.0 - gap if gap is not None else None,
                    "gap_fte_days": gap,
                    "lo_80": gap - 2 if gap is not None else None,
                    "hi_80": gap + 2 if gap is not None else None,
                    "lo_95": gap - 3 if gap is not None else None,
                    "hi_95": gap + 3 if gap is not None else None,
                    "capacity_tickets": 90.0,
                    "gap_tickets": 10.0,
                    "basis": basis,
                }
                | ({"month": month} if month else {})
            )
    return pl.DataFrame(rows, infer_schema_length=None)
