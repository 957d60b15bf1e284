"""Cards say which way a figure moved, and whether that is good."""

import json

import pytest

from control_tower_dash.components.kpi import kpi_card
from control_tower_dash.metrics import METRICS
from control_tower_dash.packed import plain


def _said(metric: str, value: float | None, before: float | None) -> str:
    card = kpi_card(METRICS[metric], value, before, (None, "target"), [])
    return json.dumps(plain(card), ensure_ascii=False)


@pytest.mark.parametrize(
    ("metric", "value", "before", "says"),
    [
        ("sla_attainment", 0.92, 0.90, ("▲ ", "+2.0 points", " better", "is-good")),
        ("sla_attainment", 0.90, 0.92, ("▼ ", "-2.0 points", " worse", "is-bad")),
        ("median_cycle_hours", 3.0, 2.0, ("▲ ", "+50.0%", " worse", "is-bad")),
        ("csat_mean", 4.3, 4.1, ("▲ ", "+0.20", " better", "is-good")),
        ("tickets", 90, 100, ("▼ ", "-10.0%")),
    ],
)
def test_a_change_has_its_sign_and_its_word(
    metric: str, value: float, before: float, says: tuple[str, ...]
) -> None:
    """Higher is better of some figures, worse of others, and neither of some."""
    said = _said(metric, value, before)
    assert all(part in said for part in says)
    assert ("better" in said or "worse" in said) == (len(says) > 2)


@pytest.mark.parametrize(
    ("metric", "value", "before", "says"),
    [
        ("sla_attainment", 0.9001, 0.9003, "0.0 points"),
        ("csat_mean", 4.301, 4.304, "0.00"),
        ("tickets", 100_010, 100_000, "0.0%"),
        ("sla_attainment", 0.9, 0.9, "0.0 points"),
    ],
)
def test_a_change_too_small_to_be_shown_is_none(
    metric: str, value: float, before: float, says: str
) -> None:
    """Nothing is called worse by minus nothing."""
    said = _said(metric, value, before)
    assert f'"{says}"' in said
    assert '"= "' in said
    assert not any(part in said for part in ("better", "worse", "-0.0", "+0.0", "▲", "▼"))


@pytest.mark.parametrize(
    ("value", "before", "says"),
    [
        (None, 3.0, "not known in this period"),
        (3.0, None, "nothing before to compare"),
        (3, 0, "before: 0"),
    ],
)
def test_where_nothing_can_be_compared_the_reason_is_said(
    value: float | None, before: float | None, says: str
) -> None:
    """A period before that had none is not a period that is missing."""
    assert f'"{says}"' in _said("backlog", value, before)
