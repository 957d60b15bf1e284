"""Actions in order of what they are worth, and as tables."""

from collections.abc import Sequence

import polars as pl

from control_tower.columns import polars_schema_of
from control_tower.recommendations.action import QUESTIONS, Action
from control_tower.recommendations.rates import Rates, score_usd
from control_tower.recommendations.tables import Actions, Evidence

__all__ = ["actions_table", "evidence_table", "ranked"]


def ranked(actions: Sequence[Action], rates: Rates) -> list[Action]:
    """Return actions by what they are worth a month in dollars, most first; ties by id."""
    return sorted(actions, key=lambda action: (-score_usd(action, rates), action.action_id))


def actions_table(actions: Sequence[Action], rates: Rates) -> pl.DataFrame:
    """Return actions, already in order, as the table of that name."""
    rows = [
        {
            "rank": rank,
            "action_id": action.action_id,
            "question": QUESTIONS[action.question],
            "title": action.title,
            "action": action.action,
            "evidence": action.evidence,
            "metric": action.metric,
            "estimated_impact": float(action.estimated_impact),
            "impact_unit": action.impact_unit,
            "impact_hours": float(action.impact_hours),
            "hours_kind": action.hours_kind,
            "breaches_avoided": float(action.breaches_avoided),
            "impact_usd": float(action.impact_usd),
            "score_usd": score_usd(action, rates),
            "arithmetic": action.arithmetic,
            "confidence": action.confidence,
            "owner_group": action.owner_group,
        }
        for rank, action in enumerate(actions, start=1)
    ]
    return pl.DataFrame(rows, schema=polars_schema_of(Actions))


def evidence_table(actions: Sequence[Action]) -> pl.DataFrame:
    """Return the rows behind actions as the table of that name."""
    rows = [
        {
            "action_id": action.action_id,
            "row_number": number,
            "subject": row.subject,
            "label": row.label,
            "value": None if row.value is None else float(row.value),
            "unit": row.unit,
            "ticket_id": row.ticket_id,
        }
        for action in actions
        for number, row in enumerate(action.rows, start=1)
    ]
    return pl.DataFrame(rows, schema=polars_schema_of(Evidence))
