"""Fifth question: what should we do about it, in order?"""

from collections.abc import Sequence

import polars as pl

from control_tower.presentation import readable_usd
from control_tower.recommendations.action import QUESTIONS, Action
from control_tower.recommendations.briefing.page import NOT_IN_SOURCE, Advice, Section
from control_tower.recommendations.rates import Rates, score_usd
from control_tower.recommendations.words import listed, plural

__all__ = ["advice_of", "what_to_do", "worth"]

TOP_ACTIONS = 5


def worth(action: Action, rates: Rates) -> str:
    """Return what an action should bring a month, in words."""
    parts: list[str] = []
    if action.impact_hours >= 0.5:
        parts.append(f"{action.impact_hours:,.0f} fewer {action.hours_kind} hours")
    if action.breaches_avoided >= 0.5:
        parts.append(plural(action.breaches_avoided, "fewer missed target"))
    if action.impact_usd >= 1:
        parts.append(f"{readable_usd(action.impact_usd)} saved")
    cost = f", at a cost of {readable_usd(-action.impact_usd)}" if action.impact_usd <= -1 else ""
    total = readable_usd(score_usd(action, rates))
    saved = ", ".join(parts) or "no saving measured"
    return f"{saved}{cost}: worth {total} a month"


def advice_of(actions: Sequence[Action], rates: Rates) -> list[Advice]:
    """Return the first actions, as the page tells them."""
    return [
        Advice(
            title=action.title,
            action=action.action,
            evidence=action.evidence,
            worth=worth(action, rates),
            arithmetic=action.arithmetic,
            confidence=action.confidence,
            owner_group=action.owner_group,
        )
        for action in actions[:TOP_ACTIONS]
    ]


def what_to_do(actions: Sequence[Action], at_risk: pl.DataFrame, missing: Sequence[str]) -> Section:
    """Return the answer to the fifth question; the actions themselves follow it on the page.

    Args:
        actions: All actions in order.
        at_risk: Columns ticket_id, risk.
        missing: Facts without which some rules cannot look.
    """
    question = QUESTIONS[5]
    urgent = at_risk.filter(pl.col("risk").is_in(["critical", "high"]))["ticket_id"].n_unique()
    is_told = any(action.action_id.startswith("answer_at_risk:") for action in actions)
    remarks = (
        [f"{plural(urgent, 'open ticket')} at critical or high risk; see the alerts."]
        if urgent and not is_told
        else []
    )
    if missing:
        remarks.append(
            f"Not looked at, since {NOT_IN_SOURCE} or not known yet: {listed(list(missing))}."
        )
    if not actions:
        return Section(
            question,
            "Nothing: no figure of this desk calls for action beyond chance.",
            remarks=remarks,
        )
    shown = min(len(actions), TOP_ACTIONS)
    rest = f", the first {shown} below" if len(actions) > shown else ""
    return Section(
        question,
        f"{plural(len(actions), 'action')}{rest}; first: {actions[0].title}.",
        remarks=remarks,
    )
