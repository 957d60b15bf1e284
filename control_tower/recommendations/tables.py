"""What recommendations make: the tables, each declared once."""

from collections.abc import Mapping
from typing import Final

import dataframely as dy

from control_tower.columns import amount, count, identifier, moment, one_of, text
from control_tower.recommendations.action import CONFIDENCES, HOURS_KINDS, QUESTIONS

__all__ = ["TABLES", "Actions", "BriefingPage", "Evidence"]


class Actions(dy.Schema):
    """What to do, in order of what it is worth: one row an action.

    Only advice the figures support is here; on a healthy desk the table is empty. The estimate of
    each action is spelled out in `arithmetic`, so that it can be done again by hand.
    """

    rank = dy.Int64(primary_key=True, min=1, description="Place in the order, 1 is worth most")
    action_id = text("Rule and subject; the same from run to run for the same advice")
    question = one_of(tuple(QUESTIONS.values()), "Which of the five questions it answers")
    title = text("The action in a few words")
    action = text("What to do")
    evidence = text("The figures that speak for it")
    metric = text("The figure it should move")
    estimated_impact = amount("How far it should move it, in impact_unit", lowest=0)
    impact_unit = text("Unit of the estimate")
    impact_hours = amount("Hours saved a month, of the kind hours_kind says", lowest=0)
    hours_kind = one_of(HOURS_KINDS, "cycle: hours customers wait; working: hours agents work")
    breaches_avoided = amount("Missed targets avoided a month", lowest=0)
    impact_usd = amount(
        "Dollars saved a month less what the action costs, hours and breaches apart; USD"
    )
    score_usd = amount("What it is worth a month, hours and breaches in dollars too; USD")
    arithmetic = text("The estimate spelled out with its numbers")
    confidence = one_of(CONFIDENCES, "How far to trust the estimate, from sample and interval")
    owner_group = text("Group that can do it")


class Evidence(dy.Schema):
    """The rows behind each action: tickets to open, hours, groups and figures compared."""

    action_id = text("Action", key=True)
    row_number = identifier("Place among the action's rows, from 1", key=True)
    subject = text("What the row is about: a ticket, a group, an hour of the week, a deviation")
    label = text("What the value measures")
    value = amount("The value; null if not known", nullable=True)
    unit = text("Unit of the value")
    ticket_id = identifier("The ticket, where the row is about one", nullable=True)


class BriefingPage(dy.Schema):
    """The Monday briefing, one row: what changed, why, and what to do about it, as one page."""

    as_of = moment("The tower's clock", key=True)
    title = text("Title of the page")
    actions = count("Actions it names")
    markdown = text("The page as Markdown")
    html = text("The page as HTML that needs nothing else")


TABLES: Final[Mapping[str, type[dy.Schema]]] = {
    "actions": Actions,
    "evidence": Evidence,
    "briefing": BriefingPage,
}
"""The room's tables by name."""
