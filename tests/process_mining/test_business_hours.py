"""Opening hours between two moments, minute by minute."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.process_mining.business_hours import business_clock_of, schedule_of_tickets
from control_tower.process_mining.event_log import microseconds_of
from control_tower.process_mining.stays import stays_of
from control_tower.process_mining.transitions import transitions
from tests.examples import examples
from tests.process_mining.desks import START, Event, log_of, path_log

MINUTE = 60_000_000


def _intervals(openings: dict[int, list[tuple[int, int]]]) -> pl.DataFrame:
    """Return opening hours in minutes from the start as the landing keeps them."""
    rows = []
    for schedule_id, stretches in openings.items():
        before = 0
        for opens, closes in stretches:
            rows.append(
                (
                    schedule_id,
                    START + timedelta(minutes=opens),
                    START + timedelta(minutes=closes),
                    float(before),
                )
            )
            before += closes - opens
    moment = pl.Datetime("us", "UTC")
    schema = pl.Schema(
        [
            ("schedule_id", pl.Int64()),
            ("opens_at", moment),
            ("closes_at", moment),
            ("open_minutes_before", pl.Float64()),
        ]
    )
    return pl.DataFrame(rows, schema=schema, orient="row")


def _schedules(*ids: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"schedule_id": list(ids), "is_default": [i == min(ids, default=0) for i in ids]},
        schema={"schedule_id": pl.Int64, "is_default": pl.Boolean},
    )


def _set(*rows: tuple[int, int, datetime]) -> pl.DataFrame:
    schema = pl.Schema(
        [
            ("ticket_id", pl.Int64()),
            ("schedule_id", pl.Int64()),
            ("effective_from", pl.Datetime("us", "UTC")),
        ]
    )
    return pl.DataFrame(list(rows), schema=schema, orient="row")


stretches = st.lists(st.integers(0, 200), max_size=8, unique=True).map(
    lambda edges: list(zip(sorted(edges)[0::2], sorted(edges)[1::2], strict=False))
)


@given(stretches, stretches, st.lists(st.integers(-20, 230), min_size=2, max_size=6))
@settings(max_examples=examples(100), deadline=None)
def test_open_minutes_counted_one_by_one(
    first: list[tuple[int, int]], second: list[tuple[int, int]], moments: list[int]
) -> None:
    """The difference of two readings is the number of open minutes between them."""
    log = path_log(["a"], ["a"], ["a"])
    clock = business_clock_of(
        log,
        _intervals({4: first, 9: second}),
        _schedules(4, 9),
        _set((2, 9, START), (3, 77, START)),
    )
    for ticket, stretch in ((0, first), (1, second), (2, [])):
        open_minutes = {minute for opens, closes in stretch for minute in range(opens, closes)}
        shown = clock.readings(
            np.full(len(moments), ticket),
            np.array([microseconds_of(START) + minute * MINUTE for minute in sorted(moments)]),
        )
        for (a, shown_a), (b, shown_b) in zip(
            list(zip(sorted(moments), shown, strict=True)),
            list(zip(sorted(moments), shown, strict=True))[1:],
            strict=False,
        ):
            assert (shown_b - shown_a) / MINUTE == len(open_minutes & set(range(a, b)))


def test_the_latest_schedule_counts_else_the_default() -> None:
    """A later change holds for the whole of the ticket's life; without any the default does."""
    found = schedule_of_tickets(
        pl.Series([1, 2, 3]),
        pl.DataFrame({"schedule_id": [8, 5, 6], "is_default": [True, True, False]}),
        _set((2, 6, START + timedelta(days=1)), (2, 8, START), (3, 8, START)),
    )
    assert found.to_list() == [5, 6, 8]
    nowhere = schedule_of_tickets(pl.Series([1]), _schedules(), _set())
    assert nowhere.to_list() == [None]


def test_business_hours_are_null_without_a_schedule() -> None:
    """A desk without opening hours has calendar time only."""
    log = path_log(["a", "b"])
    clock = business_clock_of(log, _intervals({}), _schedules(), _set())
    assert not clock.is_kept
    (row,) = transitions(log, clock).to_dicts()
    assert (row["mean_hours"], row["business_mean_hours"]) == (1.0, None)
    assert stays_of(log, clock).business_time is None


def test_time_outside_opening_hours_does_not_count() -> None:
    """From Friday evening to Monday morning is two open hours, of sixty-four."""
    friday = datetime(2026, 3, 6, 17, tzinfo=UTC)
    events = [
        Event(1, 1, friday, "created", "open", "Tier 1"),
        Event(2, 1, friday + timedelta(hours=64), "solved", "solved", "Tier 1"),
    ]
    log = log_of(events, [])
    openings = [(minutes, minutes + 540) for minutes in range(0, 8 * 1440, 1440)]
    weekdays = [stretch for day, stretch in enumerate(openings) if day not in (5, 6)]
    clock = business_clock_of(log, _intervals({1: weekdays}), _schedules(1), _set())
    (row,) = transitions(log, clock).to_dicts()
    assert (row["median_hours"], row["business_median_hours"]) == (64.0, 1.0)
