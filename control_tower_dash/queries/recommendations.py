"""What to do, in order, and what it rests on."""

from urllib.parse import urlencode

import polars as pl

from control_tower_dash.filters import Filters
from control_tower_dash.queries.drill import UNFILTERED
from control_tower_dash.warehouse import Reader

__all__ = ["actions", "briefing", "evidence"]


def actions(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the recommendations, the one worth most first.

    Returns:
        rank, action_id, question, title, action, evidence, metric, estimated_impact, impact_unit,
        impact_hours, hours_kind, breaches_avoided, impact_usd, score_usd, arithmetic, confidence,
        owner_group, tickets (that are evidence), tickets_behind (null without any).
    """
    del filters
    found = reader.query(
        """
        select actions.*, coalesce(named.tickets, 0) as tickets
        from recommendations.actions as actions
        left join (
            select action_id, count(distinct ticket_id) as tickets
            from recommendations.evidence
            group by action_id
        ) as named on actions.action_id = named.action_id
        order by actions.rank
        """
    )
    behind = [
        urlencode({**UNFILTERED, "action": action_id}) if tickets else None
        for action_id, tickets in found.select("action_id", "tickets").iter_rows()
    ]
    return found.with_columns(pl.Series("tickets_behind", behind, pl.String))


def evidence(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the rows each recommendation rests on, in the order of the recommendations.

    Returns:
        rank, title, row_number, subject, label, value, unit, ticket_id (null where a row is none).
    """
    del filters
    return reader.query(
        """
        select
            actions.rank,
            actions.title,
            evidence.row_number,
            evidence.subject,
            evidence.label,
            evidence.value,
            evidence.unit,
            evidence.ticket_id
        from recommendations.evidence as evidence
        inner join recommendations.actions as actions on evidence.action_id = actions.action_id
        order by actions.rank, evidence.row_number
        """
    )


def briefing(reader: Reader) -> pl.DataFrame:
    """Return title, markdown and html of the Monday briefing; no row if there is none."""
    if not reader.has("recommendations.briefing"):
        return pl.DataFrame(schema=dict.fromkeys(("title", "markdown", "html"), pl.String))
    return reader.query("select title, markdown, html from recommendations.briefing")
