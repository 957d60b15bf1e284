"""How old the newest event is, and whether the last week's volume is believable."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from control_tower.raw.recency import newest_event_lag, volume_verdict

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)


def _tickets(per_week: list[int]) -> pl.DataFrame:
    """Return tickets, the first number being those of the last seven days."""
    moments = [
        AS_OF - timedelta(days=7 * week, hours=1 + n % 160)
        for week, count in enumerate(per_week)
        for n in range(count)
    ]
    return pl.DataFrame({"created_at": moments}, schema={"created_at": pl.Datetime("us", "UTC")})


@pytest.mark.parametrize(
    ("per_week", "is_plausible"),
    [
        ([30] * 10, True),
        ([11, *[30] * 9], True),
        ([9, *[30] * 9], False),
        ([0, *[30] * 9], False),
        ([91, *[30] * 9], False),
        ([89, *[30] * 9], True),
        ([0, 30, 30], True),
        ([50, *[0] * 8, 5], True),
    ],
)
def test_a_week_is_judged_by_the_median_week(per_week: list[int], is_plausible: bool) -> None:
    """Beyond a factor of three is not plausible; with little history anything is."""
    assert volume_verdict(_tickets(per_week), AS_OF)[0] is is_plausible


def test_lag_is_from_the_newest_event() -> None:
    """None without events; negative when an event lies ahead of the clock."""
    events = pl.DataFrame(
        {"occurred_at": [AS_OF - timedelta(hours=30), AS_OF + timedelta(hours=1)]},
        schema={"occurred_at": pl.Datetime("us", "UTC")},
    )
    assert newest_event_lag(events.head(1), AS_OF) == timedelta(hours=30)
    assert newest_event_lag(events, AS_OF) == timedelta(hours=-1)
    assert newest_event_lag(events.clear(), AS_OF) is None
