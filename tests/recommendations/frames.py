"""Small tables made by hand for the rules: one desk, looked at on the first of June 2026."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl

from control_tower.recommendations.assets import RECOMMENDATIONS
from control_tower.recommendations.period import Period, recent

__all__ = [
    "AS_OF",
    "PERIOD",
    "WEDNESDAYS",
    "daily_ops_rows",
    "empty_inputs",
    "frame",
    "outcome",
    "target",
]

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
"""A Monday."""
PERIOD: Period = recent(AS_OF, None)
"""Ninety days, so that counts a month are a third of those in it."""
WEDNESDAYS = [datetime(2026, 3, 4, 12, tzinfo=UTC) + timedelta(weeks=week) for week in range(12)]
"""Noon in each of twelve weeks of the period."""

_TYPES: Mapping[str, pl.DataType] = {
    **dict.fromkeys(
        (
            "ticket_id",
            "agent_id",
            "schedule_id",
            "escalations",
            "reopens",
            "csat_score",
            "created",
            "reopened",
            "received",
            "solved",
            "backlog",
            "breaches",
            "rank",
            "tickets",
            "count",
            "came_back",
            "similar_clocks",
        ),
        pl.Int64(),
    ),
    **dict.fromkeys(
        (
            "fte",
            "hourly_cost_usd",
            "attainment_target",
            "productive_hours_per_day",
            "target_minutes",
            "elapsed_minutes",
            "cycle_hours",
            "handle_minutes",
            "median_cycle_hours",
            "median_hours_in_group",
            "waiting_share",
            "breach_rate",
            "median_hours",
            "working_days",
            "forecast_tickets",
            "required_fte_days",
            "available_fte_days",
            "gap_fte_days",
            "lo_80",
            "hi_80",
            "capacity_tickets",
            "gap_tickets",
            "forecast",
            "remaining_minutes",
            "breach_probability",
        ),
        pl.Float64(),
    ),
    **dict.fromkeys(
        (
            "as_of",
            "occurred_at",
            "opens_at",
            "closes_at",
            "started_at",
            "ended_at",
            "breach_at",
            "decided_at",
            "created_at",
            "solved_at",
        ),
        pl.Datetime("us", "UTC"),
    ),
    **dict.fromkeys(
        (
            "is_default",
            "is_business_hours",
            "is_decided",
            "is_breached",
            "is_open",
            "is_deleted",
            "churned_within_90_days",
            "is_complete",
        ),
        pl.Boolean(),
    ),
    **dict.fromkeys(("day", "first_day", "last_day"), pl.Date()),
    "deviations": pl.List(pl.String()),
}


def frame(table: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Return rows with the columns the room reads of a table; columns not given are null."""
    columns = list(RECOMMENDATIONS.inputs[table])
    if table == "marts.sla":
        columns.append("decided_at")
    schema = {name: _TYPES.get(name, pl.String()) for name in columns}
    for row in rows:
        assert row.keys() <= schema.keys(), row.keys() - schema.keys()
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def empty_inputs() -> dict[str, pl.DataFrame]:
    """Return every table the room reads, without rows but for the landing's one."""
    frames = {table: frame(table, []) for table in RECOMMENDATIONS.inputs}
    frames["marts.sla"] = frames["marts.sla"].drop("decided_at")
    frames["staging.stg_landing"] = frame(
        "staging.stg_landing", [{"as_of": AS_OF, "described_as": "a desk made by hand"}]
    )
    return frames


def target(ticket_id: int, moment: datetime, *, is_met: bool, **other: object) -> dict[str, object]:
    """Return a decided target: of an urgent ticket's first reply unless said otherwise."""
    return {
        "ticket_id": ticket_id,
        "metric": "first_reply_time",
        "group_name": "Alpha",
        "priority": "urgent",
        "ticket_type": "incident",
        "target_minutes": 60.0,
        "elapsed_minutes": 30.0 if is_met else 180.0,
        "is_business_hours": False,
        "started_at": moment,
        "ended_at": moment,
        "breach_at": None if is_met else moment,
        "decided_at": moment,
        "sla_status": "within_sla" if is_met else "breached",
        "is_decided": True,
        **other,
    }


def outcome(ticket_id: int, moment: datetime, **other: object) -> dict[str, object]:
    """Return a ticket that was solved without trouble, unless said otherwise."""
    return {
        "ticket_id": ticket_id,
        "ticket_type": "question",
        "priority": "normal",
        "channel": "email",
        "customer_tier": "business",
        "group_name": "Alpha",
        "created_at": moment,
        "solved_at": moment,
        "cycle_hours": 2.0,
        "escalations": 0,
        "reopens": 0,
        "is_breached": False,
        "is_open": False,
        "is_deleted": False,
        **other,
    }


def daily_ops_rows(
    group: str, inflows: Sequence[int], breaches: Sequence[int], hours: Sequence[float]
) -> list[dict[str, object]]:
    """Return one group's days, one after the other from the middle of March."""
    return [
        {
            "day": date(2026, 3, 15) + timedelta(days=number),
            "group_name": group,
            "is_complete": True,
            "created": inflow - 1,
            "reopened": 0,
            "received": 1,
            "solved": inflow,
            "backlog": 5,
            "breaches": missed,
            "median_cycle_hours": median,
        }
        for number, (inflow, missed, median) in enumerate(
            zip(inflows, breaches, hours, strict=True)
        )
    ]
