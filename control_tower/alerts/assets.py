"""The room as Dagster sees it: open clocks with their risk, and how far that can be trusted."""

from collections.abc import Mapping

import polars as pl
from dagster import MetadataValue
from dagster._core.definitions.metadata import RawMetadataValue

from control_tower.alerts.calibration import (
    METHODS,
    judged_in_the_past,
    miscalibration,
    outdone_by,
    reliability,
    scores,
)
from control_tower.alerts.clocks import numbered_clocks, stretches_of
from control_tower.alerts.history import BreachHistory
from control_tower.alerts.risk import RISKS, at_risk_tickets
from control_tower.alerts.tables import TABLES
from control_tower.alerts.turns import turns_of
from control_tower.presentation import markdown_table
from control_tower.room import Frames, Room, TableCheck
from control_tower.settings import Settings

__all__ = ["ALERTS"]


def _compute(given: Frames, _settings: Settings) -> Frames:
    as_of = given["staging.stg_landing"]["as_of"].item()
    open_intervals = given["staging.stg_open_intervals"]
    clocks = numbered_clocks(given["marts.sla"], given["intermediate.int_sla_targets"])
    stretches = stretches_of(clocks, given["intermediate.int_sla_clock_readings"])
    turns = turns_of(clocks, given["intermediate.int_ticket_states"], stretches, open_intervals)
    history = BreachHistory(turns)
    judged = judged_in_the_past(clocks, turns, history, stretches, open_intervals, as_of)
    return {
        "at_risk_tickets": at_risk_tickets(clocks, history, as_of),
        "risk_calibration": reliability(judged),
        "risk_scores": scores(judged),
    }


def _figures(made: Frames) -> Mapping[str, Mapping[str, RawMetadataValue]]:
    risks = made["at_risk_tickets"]["risk"]
    table = made["risk_calibration"].filter(pl.col("method") == METHODS[0]).drop("method")
    scored = MetadataValue.md(markdown_table(made["risk_scores"]))
    return {
        "at_risk_tickets": {risk: int((risks == risk).sum()) for risk in RISKS},
        "risk_calibration": {
            "reliability": MetadataValue.md(markdown_table(table, rows=table.height)),
            "scores": scored,
        },
        "risk_scores": {"scores": scored},
    }


ALERTS = Room(
    name="alerts",
    tables=TABLES,
    inputs={
        "marts.sla": (
            "ticket_id",
            "metric",
            "instance",
            "policy_name",
            "priority",
            "ticket_type",
            "group_name",
            "target_minutes",
            "is_business_hours",
            "started_at",
            "ended_at",
            "elapsed_minutes",
            "remaining_minutes",
            "breach_at",
            "clock_state",
            "sla_status",
            "is_decided",
        ),
        "intermediate.int_sla_targets": ("ticket_id", "metric", "instance", "schedule_id"),
        "intermediate.int_sla_clock_readings": (
            "ticket_id",
            "metric",
            "instance",
            "clock_schedule_id",
            "started_at",
            "ended_at",
            "started_reading",
            "ended_reading",
        ),
        "intermediate.int_ticket_states": (
            "ticket_id",
            "state_number",
            "status",
            "priority",
            "group_name",
            "began_at",
            "is_public_agent_reply",
        ),
        "staging.stg_open_intervals": (
            "schedule_id",
            "opens_at",
            "closes_at",
            "open_minutes_before",
        ),
        "staging.stg_landing": ("as_of",),
    },
    compute=_compute,
    checks=(
        TableCheck(
            table="risk_scores",
            name="breach_probabilities_are_calibrated",
            description="In the past year forecasts and outcomes lay at most 4 points apart",
            problems=lambda _given, made: miscalibration(made["risk_scores"]),
            is_blocking=False,
        ),
        TableCheck(
            table="risk_scores",
            name="breach_probabilities_beat_simple_rules",
            description="In the past year the forecast was nearer the truth than either rule",
            problems=lambda _given, made: outdone_by(made["risk_scores"]),
            is_blocking=False,
        ),
    ),
    figures=_figures,
)
