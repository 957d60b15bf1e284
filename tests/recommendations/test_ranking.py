"""What comes first: hours, missed targets and dollars in one measure."""

import polars as pl
import pytest

from control_tower.recommendations.action import QUESTIONS, Action, EvidenceRow, confidence_of
from control_tower.recommendations.ranking import actions_table, evidence_table, ranked
from control_tower.recommendations.rates import Rates, rates_of, score_usd
from control_tower.recommendations.tables import Actions, Evidence
from control_tower.schema_rules import schema_violations
from tests.recommendations.frames import frame

RATES = Rates(
    working_hour_usd=50, cycle_hour_usd=2, breach_usd=30, lost_customer_usd=500, overtime_factor=1.5
)


def _action(action_id: str, **impact: object) -> Action:
    usual: dict[str, object] = {
        "action_id": action_id,
        "question": 2,
        "title": "Do it",
        "action": "Do it.",
        "evidence": "Figures.",
        "metric": "cycle time",
        "estimated_impact": 1,
        "impact_unit": "hours",
        "arithmetic": "1 + 1 = 2.",
        "confidence": "low",
        "owner_group": "Alpha",
    }
    return Action(**{**usual, **impact})  # type: ignore[arg-type]


def test_each_kind_of_impact_has_its_rate() -> None:
    """Ten of each."""
    cycle = _action("cycle", impact_hours=10)
    working = _action("working", impact_hours=10, hours_kind="working")
    breaches = _action("breaches", breaches_avoided=10)
    dollars = _action("dollars", impact_usd=10)
    costly = _action("costly", impact_hours=10, breaches_avoided=10, impact_usd=-500)
    scores = [score_usd(one, RATES) for one in (cycle, working, breaches, dollars, costly)]
    assert scores == [20, 500, 300, 10, -180]


def test_the_order_is_by_worth_then_by_name() -> None:
    """The same whatever the order of the rules."""
    actions = [
        _action("b", impact_usd=100),
        _action("z", impact_usd=-5),
        _action("a", impact_usd=100),
        _action("c", breaches_avoided=10),
    ]
    assert [action.action_id for action in ranked(actions, RATES)] == ["c", "a", "b", "z"]
    assert [action.action_id for action in ranked(actions[::-1], RATES)] == ["c", "a", "b", "z"]


def test_other_rates_give_another_order() -> None:
    """A desk whose hours are dear and whose targets cost nothing."""
    actions = [
        _action("target", breaches_avoided=10),
        _action("work", impact_hours=5, hours_kind="working"),
    ]
    assert [action.action_id for action in ranked(actions, RATES)] == ["target", "work"]
    dear = Rates(working_hour_usd=100, breach_usd=0)
    assert [action.action_id for action in ranked(actions, dear)] == ["work", "target"]


def test_rates_are_the_desks_own() -> None:
    """A full-time agent at 40 and a half-time one at 70 USD: 50 on average."""
    agents = frame(
        "staging.stg_agents",
        [
            {"group_name": "Alpha", "fte": 1.0, "hourly_cost_usd": 40.0},
            {"group_name": "Beta", "fte": 0.5, "hourly_cost_usd": 70.0},
            {"group_name": "Beta", "fte": 1.0},
        ],
    )
    rates = rates_of(agents)
    assert rates.working_hour_usd == pytest.approx(50)
    assert rates.breach_usd == pytest.approx(75)
    assert rates_of(agents, hours_per_breach=3).breach_usd == pytest.approx(150)
    unknown = agents.with_columns(hourly_cost_usd=pl.lit(None, pl.Float64))
    for nothing in (unknown, agents.clear()):
        assert rates_of(nothing) == Rates()


def test_tables_keep_their_schemas() -> None:
    """With rows and without."""
    rows = [EvidenceRow("ticket 7", "over", 2, "hours", 7), EvidenceRow("Alpha", "n", None, "n")]
    actions = [_action("a", rows=rows), _action("b", rows=rows[:1])]
    for given in (actions, []):
        table, evidence = actions_table(given, RATES), evidence_table(given)
        assert not list(schema_violations("actions", Actions, table))
        assert not list(schema_violations("evidence", Evidence, evidence))
    table, evidence = actions_table(actions, RATES), evidence_table(actions)
    assert table["rank"].to_list() == [1, 2]
    assert table["question"][0] == QUESTIONS[2]
    assert evidence.select("action_id", "row_number").rows() == [("a", 1), ("a", 2), ("b", 1)]


@pytest.mark.parametrize(
    ("sample", "lower", "confidence"),
    [
        (300, 5, "high"),
        (299, 5, "medium"),
        (300, 4.9, "medium"),
        (100, 2.5, "medium"),
        (99, 9, "low"),
        (1000, 2.4, "low"),
    ],
)
def test_confidence_needs_sample_and_precision(sample: int, lower: float, confidence: str) -> None:
    """Of an estimate of ten."""
    assert confidence_of(sample, 10, lower) == confidence


def test_no_effect_has_no_confidence() -> None:
    """Nothing to be sure of."""
    assert confidence_of(1000, 0, 0) == "low"
