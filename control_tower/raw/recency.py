"""Is what landed recent, and is there as much of it as there usually is?"""

from datetime import datetime, timedelta

import polars as pl

__all__ = ["newest_event_lag", "volume_verdict"]

_DAYS_A_WEEK = 7
_WEEKS_NEEDED = 4
_PLAUSIBLE_RATIO = 3.0


def newest_event_lag(events: pl.DataFrame, as_of: datetime) -> timedelta | None:
    """Return how far the newest event lies behind the tower's clock; negative if ahead of it.

    None where there are no events.
    """
    newest = events["occurred_at"].max()
    return as_of - newest if isinstance(newest, datetime) else None


def volume_verdict(tickets: pl.DataFrame, as_of: datetime) -> tuple[bool, str]:
    """Judge the last seven days' tickets against the median of the weeks before.

    Returns:
        Whether the volume is plausible (within a factor of three of the median week), and a
        sentence that says what was compared. With fewer than four earlier weeks, or a median
        week without tickets, any volume is plausible.
    """
    weeks = (
        tickets.select(
            ((pl.lit(as_of) - pl.col("created_at")).dt.total_days() // _DAYS_A_WEEK).alias(
                "weeks_ago"
            )
        )
        .group_by("weeks_ago")
        .len("tickets")
    )
    last = int(weeks.filter(pl.col("weeks_ago") == 0)["tickets"].sum())
    earlier = weeks.filter(pl.col("weeks_ago") > 0)
    oldest = earlier["weeks_ago"].max()
    if not isinstance(oldest, int) or oldest <= _WEEKS_NEEDED:
        return True, f"{last:,} tickets in the last seven days; too little history to compare"
    # The oldest week is cut off by the start of history, and a week without tickets counts as 0.
    counts = (
        pl.DataFrame({"weeks_ago": range(1, oldest)}, schema={"weeks_ago": pl.Int64})
        .join(earlier, on="weeks_ago", how="left")["tickets"]
        .fill_null(0)
    )
    median = float(counts.cast(pl.Float64).to_frame().select(pl.first().median()).item())
    sentence = f"{last:,} tickets in the last seven days; the median week has {median:,.0f}"
    plausible = median == 0 or median / _PLAUSIBLE_RATIO <= last <= median * _PLAUSIBLE_RATIO
    return plausible, sentence
