"""Worked by hand: three tickets, 0.9 and 0.8 and 0.6 likely to be late."""

import polars as pl
import pytest

from control_tower.recommendations.rules.answer_at_risk import answer_at_risk
from tests.recommendations.frames import frame


def _clock(ticket_id: int, probability: float, risk: str, minutes: float) -> dict[str, object]:
    return {
        "ticket_id": ticket_id,
        "metric": "first_reply_time",
        "group_name": "Alpha" if ticket_id < 3 else "Beta",
        "remaining_minutes": minutes,
        "breach_probability": probability,
        "similar_clocks": 250,
        "risk": risk,
    }


CLOCKS = [
    _clock(1, 0.9, "critical", 40),
    _clock(2, 0.8, "critical", 15),
    _clock(3, 0.6, "high", 300),
    _clock(4, 0.1, "watch", 5),
    _clock(5, 1.0, "breached", -60),
]


def test_fires_with_the_sum_of_the_chances() -> None:
    """0.9 + 0.8 + 0.6, first the one with least time left; what is missed or calm is left out."""
    (action,) = answer_at_risk(frame("alerts.at_risk_tickets", CLOCKS))
    assert action.breaches_avoided == pytest.approx(2.3)
    assert action.arithmetic.startswith(
        "The breach probabilities added up: 0.80 + 0.90 + 0.60 = 2.3"
    )
    assert [row.ticket_id for row in action.rows] == [2, 1, 3]
    assert "3 open tickets with 3 running targets" in action.evidence
    assert "Alpha 2, Beta 1" in action.evidence
    assert action.owner_group == "Whole desk"
    assert action.confidence == "medium"


def test_one_group_owns_it_if_all_are_its_own() -> None:
    """All three in one group."""
    clocks = frame("alerts.at_risk_tickets", CLOCKS).with_columns(group_name=pl.lit("Beta"))
    (action,) = answer_at_risk(clocks)
    assert action.owner_group == "Beta"


def test_silent_if_few_or_unlikely_or_none() -> None:
    """Two tickets; three that will hardly all be late; an empty desk."""
    clocks = frame("alerts.at_risk_tickets", CLOCKS)
    assert answer_at_risk(clocks.filter(pl.col("ticket_id") != 3)) == []
    assert answer_at_risk(clocks.with_columns(breach_probability=pl.lit(0.6))) == []
    assert answer_at_risk(clocks.clear()) == []
