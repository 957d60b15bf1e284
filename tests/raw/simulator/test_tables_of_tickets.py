"""Tables made in parts are those made at once, and tickets stand where their events left them."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from control_tower.raw.parts import parts_of
from control_tower.raw.simulator import load_configuration, simulate, tables_of_tickets
from tests.examples import examples
from tests.raw.simulator.desks import AS_OF, SMALL, desk


@settings(max_examples=examples(5), deadline=None)
@given(tickets_a_part=st.integers(100, 2 * SMALL))
def test_parts_are_the_whole(tickets_a_part: int) -> None:
    """Wherever they are cut, the last one shorter than the others."""
    made_at_once = desk().tables
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables_of_tickets, "TICKETS_A_PART", tickets_a_part)
        landing = simulate(load_configuration(None), seed=7, tickets_per_year=SMALL, as_of=AS_OF)
        for name, whole in made_at_once.items():
            parts = list(parts_of(landing.tables, name))
            assert_frame_equal(pl.concat(parts), whole)
            if name == "tickets":
                full = whole.height // tickets_a_part
                assert [part.height for part in parts[:full]] == [tickets_a_part] * full


def test_rows_are_in_order_of_their_keys() -> None:
    """And no key comes twice."""
    for name, key in (
        ("tickets", "ticket_id"),
        ("ticket_events", "event_id"),
        ("satisfaction_ratings", "rating_id"),
    ):
        assert desk().tables[name][key].is_sorted()
        assert desk().tables[name][key].is_unique().all()


def test_tickets_are_held_and_solved_as_their_events_tell() -> None:
    """Whoever was assigned since the last escalation holds a ticket; the last solve counts."""
    is_done = pl.col("status").is_in(["solved", "closed"])
    activity, moment = pl.col("activity"), pl.col("occurred_at")
    moves = activity.is_in(["assigned", "escalated"])
    told = (
        desk()
        .tables["ticket_events"]
        .group_by("ticket_id", maintain_order=True)
        .agg(
            pl.when(activity.filter(moves).last() == "assigned")
            .then(pl.col("agent_id").filter(moves).last())
            .alias("assignee_id"),
            moment.filter(activity == "solved").last().alias("solved_at"),
            moment.filter(activity == "closed").last().alias("closed_at"),
            pl.col("status").last(),
        )
        .with_columns(pl.when(is_done).then("solved_at").alias("solved_at"))
    )
    assert told["assignee_id"].null_count()
    assert_frame_equal(desk().tables["tickets"].select(told.columns), told)
