"""Trouble with what landed that keeps every rule: days that are missing, hours and costs amiss."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

__all__ = ["cost_outliers", "groups_without_hours", "missing_days"]

_DAYS_LOOKED_AT: Final = 14
_WEEKS_COMPARED: Final = 8
_TICKETS_A_DAY: Final = 10
"""From so many on, a day without any is no chance: of Poisson's days one in 22,000."""
_ROWS_NEEDED: Final = 30
_DEVIATIONS: Final = 6.0
_NARROWEST: Final = 0.25
"""A spread so small is rounding, or time that is booked by the piece."""
_NORMAL: Final = 1.4826
_RATE_RATIO: Final = 10.0
_MINUTES_FOR_A_RATE: Final = 5.0


def missing_days(tickets: pl.DataFrame, hours: pl.DataFrame, as_of: datetime) -> Iterator[str]:
    """Yield a sentence for each of the last fourteen days that no ticket came from.

    A day is missing if it has not one ticket while the same weekday of the eight weeks before
    usually has ten or more, and some schedule was open on it. Days are UTC days; the one the
    clock stands in is not over, and not judged.

    Args:
        tickets: created_at.
        hours: opens_at, closes_at of every schedule; without any, every day counts as open.
        as_of: The tower's clock.
    """
    today = as_of.date()
    counts: dict[date, int] = dict(
        tickets.group_by(day=pl.col("created_at").dt.date()).len().iter_rows()
    )
    oldest = tickets["created_at"].min()
    if not isinstance(oldest, datetime):
        return
    for ago in range(_DAYS_LOOKED_AT, 0, -1):
        day = today - timedelta(days=ago)
        before = [day - timedelta(weeks=week) for week in range(1, _WEEKS_COMPARED + 1)]
        known = pl.Series(
            [counts.get(one, 0) for one in before if one > oldest.date()], dtype=pl.Int64
        )
        usual = known.median()
        if counts.get(day, 0) or len(known) < _WEEKS_COMPARED // 2 or not isinstance(usual, float):
            continue
        if usual >= _TICKETS_A_DAY and (hours.is_empty() or _is_open(hours, day)):
            yield (
                f"tickets: not one was created on {day:%A} {day}, where a {day:%A} brings "
                f"{usual:,.0f}; look whether the source left that day out, and land it again"
            )


def _is_open(hours: pl.DataFrame, day: date) -> bool:
    opens, closes = pl.col("opens_at").dt.date(), pl.col("closes_at").dt.date()
    return not hours.filter((opens <= day) & (closes >= day)).is_empty()


def groups_without_hours(
    tickets: pl.DataFrame, schedules: pl.DataFrame, ticket_schedules: pl.DataFrame
) -> Iterator[str]:
    """Yield a sentence for each group with tickets no schedule gives opening hours.

    Where no schedule is known at all, clocks run around the clock, and nothing is amiss.

    Args:
        tickets: ticket_id, group_name, is_deleted.
        schedules: is_default.
        ticket_schedules: ticket_id.
    """
    if schedules.is_empty() or schedules["is_default"].any():
        return
    bare = tickets.filter(~pl.col("is_deleted")).join(ticket_schedules, on="ticket_id", how="anti")
    counted = bare.group_by("group_name").len("count").sort("count", "group_name", descending=True)
    for group, count in counted.iter_rows():
        yield (
            f"tickets: {count:,} of {group or 'no group'} have no schedule and none is the "
            "default, so their business hours never run; name a default schedule in the source"
        )


def cost_outliers(costs: pl.DataFrame) -> Iterator[str]:
    """Yield a sentence for each row of costs that is beyond belief, the worst first.

    Hands-on minutes are beyond belief above the group's median by more than six robust standard
    deviations of their logarithm (median absolute deviation, Hampel 1974). A cost is where its
    minute costs ten times the group's median, or a tenth of it. Groups with fewer than thirty
    rows are not judged.

    Args:
        costs: ticket_id, group_name, handle_minutes, cost_usd (null where it is not known).
    """
    log = pl.col("handle_minutes").log1p()
    rate = pl.when(pl.col("handle_minutes") >= _MINUTES_FOR_A_RATE).then(
        pl.col("cost_usd") / pl.col("handle_minutes")
    )
    judged = (
        costs.with_columns(log=log, rate=rate)
        .filter(pl.len().over("group_name") >= _ROWS_NEEDED)
        .with_columns(
            usual=pl.median("handle_minutes").over("group_name"),
            middle=pl.median("log").over("group_name"),
            usual_rate=pl.median("rate").over("group_name"),
        )
        .with_columns(spread=(pl.col("log") - pl.col("middle")).abs().median().over("group_name"))
        .with_columns(
            deviations=(pl.col("log") - pl.col("middle"))
            / (_NORMAL * pl.col("spread")).clip(lower_bound=_NARROWEST),
            ratio=pl.col("rate") / pl.col("usual_rate"),
        )
    )
    long = judged.filter(pl.col("deviations") > _DEVIATIONS).sort("deviations", descending=True)
    for row in long.iter_rows(named=True):
        yield (
            f"ticket_costs: ticket {row['ticket_id']} took {row['group_name']} "
            f"{row['handle_minutes']:,.0f} minutes, where half take {row['usual']:,.0f} at most; "
            "correct the time in the source if nobody worked that long"
        )
    is_off = (pl.col("ratio") > _RATE_RATIO) | (pl.col("ratio") < 1 / _RATE_RATIO)
    dear = judged.filter(is_off).sort("ratio", descending=True)
    for row in dear.iter_rows(named=True):
        yield (
            f"ticket_costs: a minute of {row['group_name']} on ticket {row['ticket_id']} costs "
            f"{row['rate']:,.2f} USD, usually {row['usual_rate']:,.2f}; correct the time or the "
            "cost in the source"
        )
