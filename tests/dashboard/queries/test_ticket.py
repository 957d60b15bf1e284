"""A ticket's story, against the tables it is told from."""

import polars as pl
import pytest

from control_tower_dash.filters import Filters
from control_tower_dash.queries import ticket as queries
from control_tower_dash.warehouse import Reader


def about(ticket_id: object) -> Filters:
    """Return the filters of a ticket's page."""
    return Filters().with_options(ticket=str(ticket_id))


def busiest(reader: Reader, table: str, count: int = 25) -> list[int]:
    """Return the tickets with most rows in a table."""
    found = reader.query(f"select ticket_id from {table}")["ticket_id"].value_counts(sort=True)
    return found["ticket_id"].head(count).to_list()


def test_events_are_those_of_the_ticket_in_order(drawn_desk: Reader) -> None:
    """None is lost, each ends where the next begins."""
    every = drawn_desk.query("select * from staging.stg_ticket_events")
    for ticket_id in busiest(drawn_desk, "staging.stg_ticket_events"):
        own = every.filter(pl.col("ticket_id") == ticket_id).sort("occurred_at", "event_id")
        found = queries.events(drawn_desk, about(ticket_id))
        assert found["began_at"].to_list() == own["occurred_at"].to_list()
        assert found["activity"].to_list() == own["activity"].to_list()
        assert found["place"].to_list() == list(range(1, own.height + 1))
        assert found["ended_at"][:-1].to_list() == own["occurred_at"][1:].to_list()


def test_clocks_run_as_long_as_their_stretches(drawn_desk: Reader) -> None:
    """What a calendar clock spent is the sum of the stretches it ran in."""
    compared = 0
    for ticket_id in busiest(drawn_desk, "marts.sla"):
        clocks = queries.clocks(drawn_desk, about(ticket_id))
        stretches = queries.stretches(drawn_desk, about(ticket_id))
        assert stretches["metric_label"].unique(maintain_order=True).to_list() == (
            clocks["metric_label"].to_list()
        )
        for clock in clocks.filter(pl.col("hours_kind") == "calendar").iter_rows(named=True):
            ran = stretches.filter(pl.col("metric_label") == clock["metric_label"])
            length = (pl.col("ended_at") - pl.col("began_at")).dt.total_microseconds()
            minutes = ran.select(length.sum()).item() / 6e7
            assert minutes == pytest.approx(clock["elapsed_minutes"], abs=1e-6)
            compared += 1
    assert compared > 10


def test_verdicts_are_those_of_the_targets(drawn_desk: Reader) -> None:
    """Missed, kept, running and paused are told apart."""
    for ticket_id in busiest(drawn_desk, "marts.sla"):
        row = queries.facts(drawn_desk, about(ticket_id)).row(0, named=True)
        verdicts = queries.clocks(drawn_desk, about(ticket_id))["verdict"]
        assert (verdicts == queries.VERDICTS["breached"]).sum() == row["sla_breaches"]
        assert len(verdicts) == row["sla_targets"]
        assert set(verdicts) <= set(queries.VERDICTS.values())


def test_costs_and_ratings_add_up(drawn_desk: Reader) -> None:
    """A ticket's costs are those of its groups; its latest rating is its score."""
    for ticket_id in busiest(drawn_desk, "staging.stg_ticket_costs", 10):
        row = queries.facts(drawn_desk, about(ticket_id)).row(0, named=True)
        costs = queries.costs(drawn_desk, about(ticket_id))
        assert costs["handle_minutes"].sum() == pytest.approx(row["handle_minutes"])
    for ticket_id in busiest(drawn_desk, "staging.stg_satisfaction_ratings", 10):
        row = queries.facts(drawn_desk, about(ticket_id)).row(0, named=True)
        assert queries.ratings(drawn_desk, about(ticket_id))["score"][-1] == row["csat_score"]


def test_recommendations_name_the_tickets_they_rest_on(drawn_desk: Reader) -> None:
    """Each ticket that is evidence leads back to its action."""
    named = drawn_desk.query(
        "select distinct ticket_id from recommendations.evidence where ticket_id is not null"
    )["ticket_id"]
    assert len(named)
    for ticket_id in named:
        found = queries.actions(drawn_desk, about(ticket_id))
        assert found["action_id"].to_list() == ["cut_deviation:escalated"]


@pytest.mark.parametrize(
    "key", ["", "0", "-1", "999999999999", "9" * 40, "1 or 1=1", "١٢", "../etc/passwd", "1.5"]
)
def test_a_key_of_no_ticket_finds_nothing(drawn_desk: Reader, key: str) -> None:
    """Whatever stands in the address, no query fails and none finds another ticket."""
    for query in (
        queries.facts,
        queries.events,
        queries.clocks,
        queries.stretches,
        queries.costs,
        queries.ratings,
        queries.deviations,
        queries.actions,
    ):
        assert query(drawn_desk, about(key)).is_empty()
