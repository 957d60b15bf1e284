"""Recommendations as a room: actions, the rows behind them, and the briefing."""

from collections.abc import Mapping
from typing import Final

from dagster import MetadataValue
from dagster._core.definitions.metadata import RawMetadataValue

from control_tower.recommendations.advise import advise
from control_tower.recommendations.recent_rows import recent_rows
from control_tower.recommendations.tables import TABLES
from control_tower.room import Frames, Room
from control_tower.settings import Settings

__all__ = ["RECOMMENDATIONS"]

_INPUTS: Final = {
    "staging.stg_landing": ("as_of", "described_as"),
    "staging.stg_agents": ("group_name", "fte", "hourly_cost_usd"),
    "staging.stg_ticket_events": ("occurred_at", "group_name", "agent_id", "actor"),
    "staging.stg_open_intervals": ("schedule_id", "opens_at", "closes_at"),
    "staging.stg_schedules": ("schedule_id", "time_zone", "is_default"),
    "seeds.sla_policy_targets": ("priority", "attainment_target"),
    "staging.stg_group_capacity": ("group_name", "productive_hours_per_day"),
    "marts.sla": (
        "ticket_id",
        "metric",
        "group_name",
        "priority",
        "ticket_type",
        "target_minutes",
        "elapsed_minutes",
        "is_business_hours",
        "started_at",
        "ended_at",
        "breach_at",
        "sla_status",
        "is_decided",
    ),
    "marts.ticket_outcomes": (
        "ticket_id",
        "ticket_type",
        "priority",
        "channel",
        "customer_tier",
        "group_name",
        "created_at",
        "solved_at",
        "cycle_hours",
        "handle_minutes",
        "escalations",
        "reopens",
        "csat_score",
        "is_breached",
        "is_open",
        "is_deleted",
        "churned_within_90_days",
    ),
    "marts.daily_ops": (
        "day",
        "group_name",
        "is_complete",
        "created",
        "reopened",
        "received",
        "solved",
        "backlog",
        "breaches",
        "median_cycle_hours",
    ),
    "process_mining.bottlenecks": (
        "group_name",
        "rank",
        "tickets",
        "median_hours_in_group",
        "waiting_share",
        "breach_rate",
    ),
    "process_mining.conformance": ("ticket_id", "deviations"),
    "process_mining.handovers": (
        "from_group",
        "to_group",
        "count",
        "median_hours",
        "came_back",
    ),
    "forecasting.capacity_outlook": (
        "group_name",
        "first_day",
        "last_day",
        "forecast_tickets",
        "handle_minutes",
        "required_fte_days",
        "available_fte_days",
        "gap_fte_days",
        "lo_80",
        "hi_80",
        "working_days",
        "capacity_tickets",
        "gap_tickets",
    ),
    "forecasting.volume_forecast": ("series", "day", "forecast"),
    "alerts.at_risk_tickets": (
        "ticket_id",
        "metric",
        "group_name",
        "remaining_minutes",
        "breach_probability",
        "similar_clocks",
        "risk",
    ),
}


def _compute(given: Frames, _settings: Settings) -> Frames:
    return advise(given)


def _figures(made: Frames) -> Mapping[str, Mapping[str, RawMetadataValue]]:
    first = made["actions"]["title"]
    return {
        "actions": {"first": str(first[0]) if first.len() else "nothing to do"},
        "briefing": {"page": MetadataValue.md(made["briefing"]["markdown"][0])},
    }


RECOMMENDATIONS: Final = Room(
    name="recommendations",
    tables=TABLES,
    inputs=_INPUTS,
    compute=_compute,
    queries=recent_rows(_INPUTS),
    figures=_figures,
)
"""What to do, why, and the page that says it."""
