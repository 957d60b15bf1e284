"""What a snapshot must have for the pages to be filled from it."""

from collections.abc import Mapping
from typing import Final

__all__ = ["COLUMNS", "OPTIONAL_TABLES", "TABLES"]

TABLES: Final = frozenset(
    {
        "alerts.at_risk_tickets",
        "alerts.risk_calibration",
        "alerts.risk_scores",
        "forecasting.capacity_gap",
        "forecasting.capacity_outlook",
        "forecasting.desk_backlog",
        "forecasting.desk_demand",
        "forecasting.desk_groups",
        "forecasting.desk_hours",
        "forecasting.desk_routes",
        "forecasting.desk_spreads",
        "forecasting.forecast_accuracy",
        "forecasting.volume_anomalies",
        "forecasting.volume_forecast",
        "intermediate.int_sla_clock_intervals",
        "intermediate.int_ticket_states",
        "marts.agent_productivity",
        "marts.daily_ops",
        "marts.daily_totals",
        "marts.group_performance",
        "marts.sla",
        "marts.ticket_outcomes",
        "meta.snapshot",
        "process_mining.bottlenecks",
        "process_mining.conformance",
        "process_mining.conformance_summary",
        "process_mining.handovers",
        "process_mining.reference_path",
        "process_mining.rework",
        "process_mining.transitions",
        "process_mining.variants",
        "recommendations.actions",
        "recommendations.briefing",
        "recommendations.evidence",
        "seeds.sla_policy_targets",
        "staging.stg_agents",
        "staging.stg_group_capacity",
        "staging.stg_landing",
        "staging.stg_satisfaction_ratings",
        "staging.stg_open_intervals",
        "staging.stg_schedules",
        "staging.stg_sla_policies",
        "staging.stg_ticket_costs",
        "staging.stg_ticket_events",
        "staging.stg_ticket_schedules",
        "staging.stg_tickets",
    }
)

OPTIONAL_TABLES: Final = frozenset({"marts.sla_reconciliation", "meta.checks", "meta.tables"})
"""Tables pages say are missing where a snapshot lacks them."""

COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "marts.ticket_outcomes": frozenset(
        {"group_name", "priority", "ticket_type", "channel", "customer_tier", "is_deleted"}
    ),
    "meta.snapshot": frozenset({"as_of", "published_at", "checks_warned"}),
}
"""Columns without which no page could be shown at all, by table."""
