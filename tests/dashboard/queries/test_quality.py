"""Reopens, escalations and churn, worked out by hand and against plain Python."""

import random
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from control_tower_dash.filters import Filters, understand
from control_tower_dash.queries.quality import (
    ESCALATION_PATH,
    churn_by_tier,
    escalations_by_group,
    reopens_by_group,
    with_wilson,
)
from control_tower_dash.queries.quality_figures import course, key_figures
from tests.dashboard.made_up import MadeUp, outcomes
from tests.dbt.desk import PROJECT

AS_OF = datetime(2026, 3, 31, tzinfo=UTC)
ONE, TWO, THREE = ESCALATION_PATH
STATES: dict[str, Any] = {
    "ticket_id": pl.Int64,
    "event_id": pl.Int64,
    "previous_event_id": pl.Int64,
    "activity": pl.String,
    "group_name": pl.String,
    "previous_group_name": pl.String,
}
RATINGS: dict[str, Any] = {
    "rating_id": pl.Int64,
    "ticket_id": pl.Int64,
    "score": pl.Int64,
    "rated_at": pl.Datetime(time_zone="UTC"),
}


def desk(
    tickets: pl.DataFrame,
    steps: Mapping[int, list[tuple[str, str | None]]] | None = None,
    ratings: list[tuple[int, int, datetime]] | None = None,
) -> MadeUp:
    """Return a desk of tickets, with the (activity, group) of their events and their ratings."""
    states = []
    for ticket_id, events in (steps or {}).items():
        before: tuple[int | None, str | None] = (None, None)
        for place, (activity, group) in enumerate(events):
            event_id = 100 * ticket_id + place
            states.append((ticket_id, event_id, before[0], activity, group, before[1]))
            before = event_id, group
    given = [(number, *rating) for number, rating in enumerate(ratings or [])]
    return MadeUp(
        {
            "marts.ticket_outcomes": tickets,
            "intermediate.int_ticket_states": pl.DataFrame(states, STATES, orient="row"),
            "staging.stg_satisfaction_ratings": pl.DataFrame(given, RATINGS, orient="row"),
        },
        AS_OF,
    )


def test_the_line_of_escalation_is_the_marts() -> None:
    """The page reads the same line as the macro the marts are built with."""
    macro = (PROJECT / "macros" / "escalation_level.sql").read_text(encoding="utf-8")
    assert tuple(re.findall(r"when '([^']+)' then \d", macro)) == ESCALATION_PATH


def test_reopens_of_tickets_solved_in_the_period_by_group() -> None:
    """Two of three came back; what was solved earlier, deleted or is open does not count."""
    early = datetime(2026, 1, 5, tzinfo=UTC)
    reader = desk(
        outcomes(
            {"reopens": 1},
            {"reopens": 3},
            {},
            {"group_name": TWO},
            {"reopens": 1, "solved_at": early},
            {"reopens": 1, "is_deleted": True},
            {"reopens": 1, "solved_at": None},
        )
    )
    frame = reopens_by_group(reader, Filters())
    assert frame.select("group_name", "tickets", "happened", "groups").rows() == [
        (ONE, 3, 2, 2),
        (TWO, 1, 0, 2),
    ]
    assert frame["desk_rate"].to_list() == [0.5, 0.5]
    assert frame["tickets_behind"][0] == "show=reopened&by=solved&group=Tier+1+Support"


def test_wilson_intervals_are_the_published_ones() -> None:
    """Newcombe's table of 1998, method 3."""
    frame = with_wilson(pl.DataFrame({"tickets": [263, 148, 20, 0], "happened": [81, 15, 0, 0]}))
    assert frame["lower"].round(4).to_list() == [0.2553, 0.0624, 0.0, 0.0]
    assert frame["upper"].round(4).to_list() == [0.3662, 0.1605, 0.1611, 1.0]


def test_a_group_is_held_to_what_it_escalated_itself() -> None:
    """The ticket that Tier 2 only received is not one it passed on."""
    reader = desk(
        outcomes({"escalations": 1}, {"escalations": 2}, {}, {}),
        {
            1: [("created", ONE), ("escalated", TWO), ("solved", TWO)],
            2: [("created", ONE), ("escalated", TWO), ("assigned", THREE)],
            3: [("created", ONE), ("assigned", TWO), ("assigned", ONE)],
            4: [("created", None), ("assigned", ONE)],
        },
    )
    frame = escalations_by_group(reader, Filters())
    found = {row[0]: row[1:] for row in frame.select("group_name", "tickets", "happened").rows()}
    assert found == {ONE: (4, 3), TWO: (3, 1), THREE: (1, 0)}
    links = dict(frame.select("group_name", "tickets_behind").rows())
    # Ticket 3 moved up without counting as escalated in the marts of this made-up desk.
    assert links[TWO] is None


def test_the_way_to_the_tickets_is_given_only_where_it_finds_exactly_those() -> None:
    """All escalated tickets that passed Tier 1 were escalated by it; not so those of Tier 2."""
    reader = desk(
        outcomes({"escalations": 1}, {"escalations": 2}, {}),
        {
            1: [("created", ONE), ("escalated", TWO)],
            2: [("created", ONE), ("escalated", TWO), ("escalated", THREE)],
            3: [("created", ONE)],
        },
    )
    links = dict(
        escalations_by_group(reader, Filters()).select("group_name", "tickets_behind").rows()
    )
    assert links == {
        ONE: "show=escalated&by=solved&group=&through=Tier+1+Support",
        TWO: None,
        THREE: None,
    }


def test_no_escalation_no_figure() -> None:
    """A desk that escalates nothing has nothing to show."""
    reader = desk(outcomes({}), {1: [("created", ONE)]})
    assert escalations_by_group(reader, Filters()).is_empty()


@pytest.mark.parametrize("seed", range(5))
def test_escalations_by_group_against_plain_python(seed: int) -> None:
    """Any walk through the groups counts as told, with any filter."""
    chance = random.Random(seed)  # noqa: S311
    groups = [*ESCALATION_PATH, "Billing", None]
    tickets: list[dict[str, Any]] = []
    steps: dict[int, list[tuple[str, str | None]]] = {}
    for ticket_id in range(1, 80):
        steps[ticket_id] = [
            (chance.choice(["assigned", "escalated", "Escalated"]), chance.choice(groups))
            for _ in range(chance.randint(1, 6))
        ]
        tickets.append(
            {
                "escalations": chance.randint(0, 1),
                "priority": chance.choice(["low", "high"]),
                "solved_at": AS_OF - timedelta(days=chance.randint(1, 60)),
            }
        )
    filters = understand(f"?priority=high&group={ONE}&group=Billing").filters
    rank = {name: place for place, name in enumerate(ESCALATION_PATH)}
    held, passed = defaultdict(set), defaultdict(set)
    for ticket_id, ticket in enumerate(tickets, start=1):
        if ticket["priority"] != "high" or ticket["solved_at"] < AS_OF - timedelta(days=30):
            continue
        events = steps[ticket_id]
        for _, group in events:
            held[group].add(ticket_id)
        for (_, before), (activity, after) in pairwise(events):
            rises = before in rank and after in rank and rank[after] > rank[before]
            if activity.lower() == "escalated" or rises:
                passed[before].add(ticket_id)
    frame = escalations_by_group(desk(outcomes(*tickets), steps), filters)
    assert {
        row[0]: row[1:] for row in frame.select("group_name", "tickets", "happened").rows()
    } == {
        group: (len(held[group]), len(passed[group])) for group in (ONE, "Billing") if held[group]
    }


def test_churn_by_tier_whatever_the_period() -> None:
    """Old tickets count too; those whose ninety days are not over do not."""
    old = {"created_at": datetime(2025, 6, 1, tzinfo=UTC)}
    reader = desk(
        outcomes(
            {**old, "churned_within_90_days": True, "is_breached": True},
            {**old, "churned_within_90_days": False},
            {**old, "churned_within_90_days": False, "is_breached": None},
            {**old, "churned_within_90_days": True, "customer_tier": None},
            {"churned_within_90_days": None},
        )
    )
    frame = churn_by_tier(reader, Filters())
    assert frame.select("customer_tier", "after", "tickets", "happened").rows() == [
        ("no tier known", "All tickets", 1, 1),
        ("no tier known", "Kept every SLA target", 1, 1),
        ("starter", "All tickets", 3, 1),
        ("starter", "Kept every SLA target", 1, 0),
        ("starter", "Missed an SLA target", 1, 1),
    ]
    assert frame["tickets_behind"].to_list() == [
        None,
        None,
        "show=churned&by=created&period=all&tier=starter",
        None,
        None,
    ]


def test_figures_of_the_period_and_of_the_one_before() -> None:
    """Solved in March against solved in February; ratings by the day they were given."""
    march, february = datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC)
    old = {"created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    reader = desk(
        outcomes(
            {**old, "solved_at": march, "csat_score": 2, "reopens": 1},
            {**old, "solved_at": march},
            {**old, "solved_at": february, "csat_score": 4, "escalations": 1},
        ),
        ratings=[(1, 2, march), (3, 4, march), (3, 5, february)],
    )
    frame = key_figures(reader, Filters())
    assert frame.select("metric", "value", "before").rows() == [
        ("csat_mean", 3.0, 5.0),
        ("response_rate", 0.5, 1.0),
        ("reopen_rate", 0.5, 0.0),
        ("escalation_rate", 0.0, 1.0),
    ]
    assert course(reader, Filters()).select("week", "csat_mean", "reopen_rate").rows() == [
        (datetime(2026, 3, 9, tzinfo=UTC).date(), 3.0, 0.5)
    ]


def test_what_a_source_does_not_know_is_not_zero() -> None:
    """Without ratings or escalations in the source there is no rate of them."""
    figures = dict(key_figures(desk(outcomes({})), Filters()).select("metric", "value").rows())
    assert figures == {
        "csat_mean": None,
        "response_rate": None,
        "reopen_rate": 0.0,
        "escalation_rate": None,
    }
