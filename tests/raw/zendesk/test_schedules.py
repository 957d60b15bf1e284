"""Minutes of a week, cut into weekdays, and the zones they are in."""

from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_tower.raw.zendesk.schedules import weekly_hours
from control_tower.raw.zendesk.time_zones import RAILS_ZONES, iana_zone


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (1980, 2460, [(0, 540, 1020)]),
        (0, 1440, [(6, 0, 1440)]),
        (1320, 1500, [(6, 1320, 1440), (0, 0, 60)]),
        (9960, 10200, [(5, 1320, 1440), (6, 0, 120)]),
    ],
)
def test_hours_are_cut_at_midnight(start: int, end: int, hours: list[tuple[int, int, int]]) -> None:
    """Monday nine to five; a Sunday; Sunday night; Saturday night into the next week's Sunday."""
    assert weekly_hours(start, end) == hours


@given(st.integers(0, 10_079), st.integers(1, 10_080))
def test_no_minute_is_lost_or_added(start: int, length: int) -> None:
    """Minute by minute, counted from Sunday."""
    found = {
        ((weekday + 1) % 7) * 1440 + minute
        for weekday, opens, closes in weekly_hours(start, start + length)
        for minute in range(opens, closes)
    }
    assert found == {minute % 10_080 for minute in range(start, start + length)}


def test_every_zone_is_known_to_iana() -> None:
    """Names of Zendesk and of IANA are both read."""
    assert set(RAILS_ZONES.values()) <= available_timezones()
    assert iana_zone("New Caledonia") == "Pacific/Noumea"
    assert iana_zone("Eastern Time (US & Canada)") == "America/New_York"
    assert iana_zone("Australia/Lord_Howe") == "Australia/Lord_Howe"
    assert iana_zone("Atlantis") is None
