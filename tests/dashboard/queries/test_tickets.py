"""The list behind every figure, against plain Polars on the tables."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from control_tower_dash.filters import Filters, understand
from control_tower_dash.queries.ticket_choice import BY, SHOW, choice_of
from control_tower_dash.queries.tickets import SORT, found_tickets, tickets
from control_tower_dash.warehouse import Reader
from tests.dashboard.queries.whole import MARCH, counted, everything, within


def keys(reader: Reader, filters: Filters) -> set[int]:
    """Return the tickets found, once it is sure that they are counted alike."""
    found = tickets(reader, filters)["ticket_id"]
    assert len(found) == found.n_unique() == found_tickets(reader, filters)
    return set(found)


def listed(reader: Reader, table: str, condition: pl.Expr) -> pl.Expr:
    """Return whether a ticket has a row in a table that meets a condition."""
    rows = reader.query(f"select * from {table}").filter(condition)
    return pl.col("ticket_id").is_in(rows["ticket_id"].implode())


SHOWN: dict[str, Callable[[Reader], pl.Expr]] = {
    "all": lambda _: pl.lit(value=True),
    "open": lambda _: pl.col("is_open"),
    "solved": lambda _: pl.col("solved_at").is_not_null(),
    "breached": lambda _: pl.col("sla_breaches") > 0,
    "at_risk": lambda reader: listed(
        reader, "alerts.at_risk_tickets", pl.col("risk").is_in(["critical", "high"])
    ),
    "reopened": lambda _: pl.col("reopens") >= 1,
    "escalated": lambda _: pl.col("escalations") >= 1,
    "skipped_first_reply": lambda reader: listed(
        reader,
        "process_mining.conformance",
        pl.col("deviations").list.contains("skipped first reply"),
    ),
    "rated": lambda _: pl.col("csat_score").is_not_null(),
    "low_csat": lambda _: pl.col("csat_score").is_in([1, 2]),
    "churned": lambda _: pl.col("churned_within_90_days").fill_null(value=False),
}


def test_every_choice_has_its_oracle() -> None:
    """No choice of the page goes untested."""
    assert set(SHOWN) == set(SHOW)


@pytest.mark.parametrize("show", SHOWN)
def test_what_is_shown_of_tickets_created_in_march(drawn_desk: Reader, show: str) -> None:
    """Period, dimension and choice narrow down together."""
    filters = replace(Filters().over(MARCH), channel=("email",)).with_options(show=show)
    wanted = counted(drawn_desk).filter(
        within("created_at", MARCH), pl.col("channel") == "email", SHOWN[show](drawn_desk)
    )
    assert keys(drawn_desk, filters) == set(wanted["ticket_id"])


@pytest.mark.parametrize("by", [name for name in BY if name not in ("decided", "open")])
def test_what_the_period_applies_to(drawn_desk: Reader, by: str) -> None:
    """Created, solved and rated in March are three different lists."""
    wanted = {
        "created": within("created_at", MARCH),
        "solved": within("solved_at", MARCH),
        "rated": listed(drawn_desk, "staging.stg_satisfaction_ratings", within("rated_at", MARCH)),
    }[by]
    found = keys(drawn_desk, Filters().over(MARCH).with_options(by=by))
    assert found == set(counted(drawn_desk).filter(wanted)["ticket_id"])


def test_tickets_open_now_are_those_open_at_the_end(drawn_desk: Reader) -> None:
    """At the tower's clock the two ways to ask agree."""
    found = keys(drawn_desk, everything(drawn_desk).with_options(by="open"))
    assert found == set(counted(drawn_desk).filter("is_open")["ticket_id"])


def test_each_variant_and_each_deviation_has_its_tickets(drawn_desk: Reader) -> None:
    """The list is as long as the mined count says."""
    whole = everything(drawn_desk)
    variants = counted(drawn_desk)["variant_id"].drop_nulls().value_counts()
    for variant_id, count in variants.head(20).iter_rows():
        assert len(keys(drawn_desk, whole.with_options(variant=str(variant_id)))) == count
    kept = set(counted(drawn_desk)["ticket_id"])
    rows = drawn_desk.query("select ticket_id, deviations from process_mining.conformance")
    exploded = rows.explode("deviations").drop_nulls()
    for (deviation,), group in exploded.group_by("deviations"):
        wanted = set(group["ticket_id"]) & kept
        assert keys(drawn_desk, whole.with_options(deviation=str(deviation))) == wanted


def test_each_step_has_its_tickets(drawn_desk: Reader) -> None:
    """Whoever went from one activity straight to another, by the order of events."""
    kept = counted(drawn_desk)["ticket_id"].implode()
    events = (
        drawn_desk.query("select * from staging.stg_ticket_events")
        .filter(pl.col("ticket_id").is_in(kept))
        .sort("ticket_id", "occurred_at", "event_id")
        .with_columns(pl.col("activity").shift(1).over("ticket_id").alias("before"))
        .drop_nulls("before")
    )
    steps = events.group_by("before", "activity").agg(pl.col("ticket_id").unique())
    assert steps.height > 3
    for before, after, wanted in steps.iter_rows():
        chosen = everything(drawn_desk).with_options(from_activity=before, to_activity=after)
        assert keys(drawn_desk, chosen) == set(wanted)


def test_an_action_shows_its_evidence_whatever_the_period(drawn_desk: Reader) -> None:
    """The tickets of a recommendation, no others."""
    filters = understand("?period=7d&action=cut_deviation%3Aescalated").filters
    wanted = drawn_desk.query(
        "select distinct ticket_id from recommendations.evidence where ticket_id is not null"
    )["ticket_id"]
    assert keys(drawn_desk, filters) == set(wanted) & set(counted(drawn_desk)["ticket_id"])
    assert not keys(drawn_desk, filters.with_options(action="no such action"))


@pytest.mark.parametrize("sort", SORT)
def test_orders(drawn_desk: Reader, sort: str) -> None:
    """Each order is that of its column, tickets without a value last."""
    found = tickets(drawn_desk, everything(drawn_desk).with_options(sort=sort))
    column = {
        "newest": "created_at",
        "oldest": "created_at",
        "slowest": "cycle_hours",
        "costliest": "cost_usd",
    }[sort]
    values = found[column]
    known = values.drop_nulls()
    assert known.equals(values.head(len(known)))
    assert known.is_sorted(descending=sort != "oldest")


@pytest.mark.parametrize(
    "option", ["show=everything", "by=birth", "variant=x", "score=9", "age=old", "from_activity=a"]
)
def test_what_means_nothing_is_told_and_changes_nothing(drawn_desk: Reader, option: str) -> None:
    """A sentence names it; the list is as without it."""
    plain = Filters().over(MARCH)
    name, value = option.split("=")
    filters = plain.with_options(**{name: value})
    assert len(choice_of(drawn_desk, filters).not_understood) == 1
    assert keys(drawn_desk, filters) == keys(drawn_desk, plain)
