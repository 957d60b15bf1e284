"""Durations as people read them."""

import pytest

from control_tower.presentation import readable_minutes


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0.4, "0 minutes"),
        (1.2, "1 minute"),
        (119.4, "119 minutes"),
        (119.6, "2 h"),
        (155, "2 h 35 min"),
        (47 * 60 + 59, "47 h 59 min"),
        (48 * 60, "2.0 days"),
        (60 * 24 * 10.25, "10.2 days"),
    ],
)
def test_minutes(minutes: float, text: str) -> None:
    """Minutes, then hours and minutes, then days."""
    assert readable_minutes(minutes) == text
