"""Mining the chosen tickets says what the published tables say, and what plain SQL says."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from control_tower_dash.filters import Filters
from control_tower_dash.queries.mined import Mined, mined
from tests.dashboard.mined_desk import PublishedDesk
from tests.examples import examples
from tests.process_mining.desks import AS_OF, START, Desk, Event, desks

EVERYTHING = Filters(period="custom", first=date(2026, 1, 1), last=date(2026, 12, 31))
SAME_TABLES = (
    "transitions",
    "variants",
    "bottlenecks",
    "handovers",
    "rework",
    "reference_path",
)
"""Tables of the same name here and there."""
STEPS = """
    with steps as (
        select
            events.activity as from_activity,
            lead(events.activity) over (
                partition by events.ticket_id order by events.occurred_at, events.event_id
            ) as to_activity,
            epoch_us(lead(events.occurred_at) over (
                partition by events.ticket_id order by events.occurred_at, events.event_id
            )) - epoch_us(events.occurred_at) as passed
        from staging.stg_ticket_events as events
        inner join marts.ticket_outcomes as tickets on events.ticket_id = tickets.ticket_id
        where not tickets.is_deleted and tickets.priority = 'high'
    )
    select from_activity, to_activity, count(*) as count, median(passed) / 3600e6 as median_hours
    from steps where to_activity is not null group by all order by all
"""


def _minutes(desk: Desk) -> dict[tuple[int, str], float]:
    return {
        (event.ticket_id, event.group_name): float(event.event_id % 200)
        for event in desk.events
        if event.group_name
    }


@given(desks())
@settings(max_examples=examples(40), deadline=None)
def test_all_tickets_mined_are_the_published_tables(desk: Desk) -> None:
    """Without a filter, over all days, nothing differs from what the whole desk's run says."""
    reader = PublishedDesk(
        desk.events, desk.tickets, as_of=AS_OF, handle_minutes=_minutes(desk), opens_at=(START,)
    )
    found = mined(reader, EVERYTHING)
    pairs = {name: name for name in SAME_TABLES} | {"deviations": "conformance_summary"}
    for name, published_as in pairs.items():
        assert_frame_equal(
            getattr(found, name),
            reader.published[published_as],
            check_dtypes=False,
            abs_tol=1e-9,
        )
    published = reader.published["conformance"]
    assert found.conformant == published["is_conformant"].sum()
    # A desk without a finished ticket has no path of its own to hold any against.
    if reader.published["reference_path"].height:
        assert found.tickets == published.height


@given(desks(), st.sets(st.integers(0, 7)))
@settings(max_examples=examples(40), deadline=None)
def test_chosen_tickets_step_as_plain_sql_says(desk: Desk, places: set[int]) -> None:
    """Filters narrow the tickets down, deleted ones are left out, and steps are theirs alone."""
    deleted = [t["ticket_id"] for at, t in enumerate(desk.tickets) if at in places]
    reader = PublishedDesk(desk.events, desk.tickets, as_of=AS_OF, deleted=deleted)
    found = mined(reader, replace(EVERYTHING, priority=("high",)))
    assert_frame_equal(
        found.transitions.select("from_activity", "to_activity", "count", "median_hours").sort(
            "from_activity", "to_activity"
        ),
        reader.query(STEPS),
        check_dtypes=False,
        abs_tol=1e-9,
    )
    numbers = dict(reader.published["variants"].select("variant_id", "path").iter_rows())
    for variant, path in found.variants.select("variant_id", "path").iter_rows():
        assert numbers[variant] == path
    assert found.variants["tickets"].sum() == found.tickets


@given(desks())
@settings(max_examples=examples(40), deadline=None)
def test_deviations_count_the_tickets_a_reader_is_led_to(desk: Desk) -> None:
    """As many tickets as were published with the deviation, among the chosen."""
    reader = PublishedDesk(desk.events, desk.tickets, as_of=AS_OF)
    found = mined(reader, replace(EVERYTHING, priority=("low",)))
    chosen = [t["ticket_id"] for t in desk.tickets if t["priority"] == "low"]
    counted = (
        reader.published["conformance"]
        .filter(pl.col("ticket_id").is_in(chosen))
        .explode("deviations")
        .drop_nulls("deviations")
        .group_by("deviations")
        .len()
    )
    assert dict(found.deviations.select("deviation", "tickets").iter_rows()) == dict(
        counted.iter_rows()
    )


def _one_ticket() -> PublishedDesk:
    """One ticket, two hours with Tier 1 of which one is open, then an hour with Tier 2."""
    hours = [(0, "created", "Tier 1"), (2, "escalated", "Tier 2"), (3, "solved", "Tier 2")]
    events = [
        Event(at, 1, START + timedelta(hours=hour), activity, "open", group)
        for at, (hour, activity, group) in enumerate(hours, start=1)
    ]
    ticket = {
        "ticket_id": 1,
        "status": "solved",
        "priority": "high",
        "created_at": START,
        "solved_at": START + timedelta(hours=3),
    }
    return PublishedDesk(
        events,
        [ticket],
        as_of=AS_OF,
        handle_minutes={(1, "Tier 1"): 15.0, (1, "Tier 2"): 30.0},
        opens_at=(START, START + timedelta(hours=2)),
    )


def test_waiting_is_open_time_less_hands_on_time() -> None:
    """Of the open hour with Tier 1 a quarter was work; of that with Tier 2, half."""
    rows = {row["group_name"]: row for row in mined(_one_ticket(), EVERYTHING).hours.to_dicts()}
    assert rows["Tier 1"]["working_hours"] == pytest.approx(0.25)
    assert rows["Tier 1"]["waiting_hours"] == pytest.approx(0.75)
    assert rows["Tier 2"]["median_waiting_hours"] == pytest.approx(0.5)
    assert rows["Tier 2"]["known_tickets"] == 1


@given(desks())
@settings(max_examples=examples(40), deadline=None)
def test_hands_on_hours_come_to_the_working_share(desk: Desk) -> None:
    """Work over work and waiting is the share the bottlenecks table publishes."""
    reader = PublishedDesk(
        desk.events, desk.tickets, as_of=AS_OF, handle_minutes=_minutes(desk), opens_at=(START,)
    )
    found = mined(reader, EVERYTHING)
    shares = dict(found.bottlenecks.select("group_name", "working_share").iter_rows())
    for row in found.hours.iter_rows(named=True):
        if shares[row["group_name"]] is not None:
            time = row["working_hours"] + row["waiting_hours"]
            assert row["working_hours"] / time == pytest.approx(shares[row["group_name"]])


def test_days_are_those_of_creation() -> None:
    """A ticket is mined on the day it was created, and not the day after."""
    reader = _one_ticket()

    def on(day: date) -> Mined:
        return mined(reader, Filters(period="custom", first=day, last=day))

    assert on(START.date()).tickets == 1
    assert on(START.date() + timedelta(days=1)).tickets == 0


def test_results_are_kept_by_filters_but_not_by_a_pages_own_options() -> None:
    """What only changes the view does not mine again."""
    reader = _one_ticket()
    first = mined(reader, EVERYTHING)
    assert mined(reader, EVERYTHING.with_options(detail="60")) is first
    assert mined(reader, replace(EVERYTHING, priority=("low",))) is not first
