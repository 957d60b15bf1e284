"""Worked by hand: 201 of 300 targets met, 88 % in the best three of twelve weeks."""

import polars as pl
import pytest

from control_tower.recommendations.rules.raise_sla_cell import raise_sla_cell
from tests.recommendations.frames import PERIOD, WEDNESDAYS, frame, target

GOALS = frame("seeds.sla_policy_targets", [{"priority": "urgent", "attainment_target": 0.95}])


def _targets(met_a_week: list[int], **other: object) -> pl.DataFrame:
    rows = [
        target(week * 25 + number, moment, is_met=number < met, **other)
        for week, (moment, met) in enumerate(zip(WEDNESDAYS, met_a_week, strict=True))
        for number in range(25)
    ]
    return frame("marts.sla", rows)


def test_fires_with_what_the_best_weeks_reached() -> None:
    """300 in 90 days are 100 a month; from 67 % to the best weeks' 88 % are 21 of them."""
    (action,) = raise_sla_cell(_targets([15] * 9 + [22] * 3), GOALS, PERIOD)
    assert action.breaches_avoided == pytest.approx(21)
    assert action.estimated_impact == pytest.approx(21)
    assert action.owner_group == "Alpha"
    assert action.action_id == "raise_sla_cell:Alpha/urgent/first_reply_time"
    assert "201 of 300" in action.evidence
    assert "100.0 a month; x (88.0% in the best weeks - 67.0% met) = 21.0" in action.arithmetic
    assert action.confidence == "high"
    assert len(action.rows) == 20
    assert {row.value for row in action.rows} == {2.0}
    assert all(row.ticket_id is not None for row in action.rows)


def test_comes_halfway_if_no_week_was_better() -> None:
    """60 % every week and a target of 95 %: halfway is 77.5 %."""
    (action,) = raise_sla_cell(_targets([15] * 12), GOALS, PERIOD)
    assert action.breaches_avoided == pytest.approx(17.5)
    assert "halfway to the target" in action.arithmetic
    assert action.confidence == "medium"


def test_comes_no_further_than_the_target() -> None:
    """Weeks without a miss do not promise more than the target asks for."""
    (action,) = raise_sla_cell(_targets([15] * 9 + [25] * 3), GOALS, PERIOD)
    assert action.breaches_avoided == pytest.approx(100 * (0.95 - 210 / 300))
    assert "(95.0% at the target - 70.0% met)" in action.arithmetic


def test_silent_on_target() -> None:
    """24 of 25 every week is 96 %."""
    assert raise_sla_cell(_targets([24] * 12), GOALS, PERIOD) == []


def test_silent_within_chance() -> None:
    """277 of 300 is 92.3 %, and Wilson's interval reaches 94.8 %."""
    below = _targets([23] * 11 + [24])
    assert raise_sla_cell(below, GOALS.with_columns(attainment_target=0.94), PERIOD) == []


def test_silent_where_little_can_be_saved() -> None:
    """A tenth of the targets: from 60 % halfway to 95 % is under five a month."""
    few = _targets([15] * 12).gather_every(5)
    assert few.height == 60
    assert raise_sla_cell(few, GOALS, PERIOD) == []


def test_silent_below_fifty_targets() -> None:
    """49 targets, none met."""
    few = _targets([0] * 12).head(49)
    assert raise_sla_cell(few, GOALS, PERIOD) == []
    assert raise_sla_cell(_targets([0] * 12).head(50), GOALS, PERIOD) != []


def test_silent_without_priorities_targets_or_goals() -> None:
    """A source that lacks them."""
    bad = _targets([0] * 12)
    assert raise_sla_cell(bad.with_columns(priority=pl.lit(None, pl.String)), GOALS, PERIOD) == []
    assert raise_sla_cell(bad.clear(), GOALS, PERIOD) == []
    assert raise_sla_cell(bad, GOALS.clear(), PERIOD) == []
