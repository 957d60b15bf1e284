"""The days a snapshot covers, and those a reader asks for."""

from dataclasses import dataclass
from datetime import date, timedelta

from control_tower_dash.filters import Filters, Period
from control_tower_dash.warehouse import Reader

__all__ = ["Span", "asked_for", "comparable", "first_day", "year_until"]

_YEAR = 365


@dataclass(frozen=True)
class Span:
    """The days asked for and, where the snapshot has them whole, as many right before."""

    now: Period
    before: Period | None


def first_day(reader: Reader) -> date:
    """Return the day of the oldest ticket, or the snapshot's own day if there is none."""
    oldest = reader.query(
        "select cast(min(created_at) at time zone 'UTC' as date) as day from marts.ticket_outcomes "
        "where not is_deleted"
    )["day"].item()
    return oldest if isinstance(oldest, date) else reader.as_of.date()


def asked_for(reader: Reader, filters: Filters) -> Period:
    """Return the days asked for; all time begins with the oldest ticket."""
    period = filters.resolve(reader.as_of)
    first = max(period.first, min(first_day(reader), period.last))
    return Period(first, period.last) if filters.period == "all" else period


def comparable(reader: Reader, filters: Filters) -> Span:
    """Return the days asked for and those to compare them with."""
    now = asked_for(reader, filters)
    before = now.previous()
    return Span(now, before if before.first >= first_day(reader) - timedelta(days=1) else None)


def year_until(reader: Reader, last: date) -> Period:
    """Return the year that ends with a day, as far as the snapshot has it."""
    return Period(min(max(first_day(reader), last - timedelta(days=_YEAR - 1)), last), last)
