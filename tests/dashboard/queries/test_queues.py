"""The queue page's figures against the marts, and against counts of their own."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from control_tower_dash.filters import Filters, Period
from control_tower_dash.queries.at_risk import RISK_SIGNS, at_risk, time_left
from control_tower_dash.queries.backlog import AGES, backlog_by_age, open_at_end
from control_tower_dash.queries.bottleneck_scores import bottleneck_scores, scored_groups
from control_tower_dash.queries.bottlenecks import group_times
from control_tower_dash.queries.daily import daily
from control_tower_dash.queries.mined import mined
from control_tower_dash.queries.queues import agents, groups
from control_tower_dash.warehouse import Reader
from tests.dashboard.queries.whole import MARCH, counted, everything, within

GROUP = "Tier 1 Support"


def test_scores_are_those_of_the_bottleneck_page(drawn_desk: Reader) -> None:
    """Two pages that show the same groups of the same tickets say the same of them."""
    filters = everything(drawn_desk)
    wanted = mined(drawn_desk, filters).bottlenecks
    assert wanted.height > 2
    assert_frame_equal(
        bottleneck_scores(drawn_desk, filters),
        wanted,
        check_row_order=False,
        check_column_order=False,
    )


def test_a_group_chosen_keeps_its_score_among_all(drawn_desk: Reader) -> None:
    """A score is relative to all groups, so choosing one must not make it a hundred."""
    every = bottleneck_scores(drawn_desk, everything(drawn_desk))
    one = bottleneck_scores(drawn_desk, replace(everything(drawn_desk), group=(GROUP,)))
    assert_frame_equal(one, every.filter(pl.col("group_name") == GROUP))


def test_scores_count_the_tickets_created_in_the_period(drawn_desk: Reader) -> None:
    """Tickets a group held are those with an event that says so."""
    filters = replace(Filters().over(MARCH), priority=("high", "low"))
    held = (
        drawn_desk.query("select * from staging.stg_ticket_events")
        .join(
            counted(drawn_desk)
            .filter(within("created_at", MARCH), pl.col("priority").is_in(["high", "low"]))
            .select("ticket_id", "is_breached"),
            on="ticket_id",
        )
        .with_columns(pl.col("group_name").fill_null("Unassigned"))
        .unique(["ticket_id", "group_name"])
        .group_by("group_name")
        .agg(tickets=pl.len().cast(pl.Int64), breach_rate=pl.col("is_breached").mean())
    )
    found = bottleneck_scores(drawn_desk, filters).select("group_name", "tickets", "breach_rate")
    assert_frame_equal(found, held, check_row_order=False)


def test_both_pages_score_a_group_alike(drawn_desk: Reader) -> None:
    """Chosen alone, it is not relative to itself on the page of bottlenecks."""
    filters = replace(everything(drawn_desk), group=(GROUP,))
    of_group = pl.col("group_name") == GROUP
    here = bottleneck_scores(drawn_desk, filters).select("group_name", "bottleneck_score", "rank")
    there = group_times(drawn_desk, filters).filter(of_group)
    assert_frame_equal(there.select(here.columns), here)
    assert there["rank"].item() > 1


def test_scored_groups_lead_to_the_tickets_they_held(drawn_desk: Reader) -> None:
    """The way to a group's tickets takes the filter by group away."""
    row = scored_groups(drawn_desk, everything(drawn_desk)).row(
        by_predicate=pl.col("rank") == 1, named=True
    )
    assert row["tickets_behind"].startswith("group=&through=")


def test_the_desk_without_tickets_in_a_period_has_no_scores(drawn_desk: Reader) -> None:
    """No ticket, no group."""
    long_ago = Period(MARCH.first.replace(year=2001), MARCH.last.replace(year=2001))
    assert scored_groups(drawn_desk, Filters().over(long_ago)).is_empty()
    assert groups(drawn_desk, Filters().over(long_ago)).is_empty()
    assert agents(drawn_desk, Filters().over(long_ago)).is_empty()
    assert backlog_by_age(drawn_desk, Filters().over(long_ago)).is_empty()


def test_groups_over_all_time_are_those_of_the_mart(drawn_desk: Reader) -> None:
    """Cycle times, replies and what is open equal marts.group_performance."""
    columns = (
        *("group_name", "solved_tickets", "median_cycle_hours", "p90_cycle_hours"),
        *("median_first_reply_minutes", "open_tickets"),
    )
    names = {"solved": "solved_tickets", "backlog": "open_tickets"}
    assert_frame_equal(
        groups(drawn_desk, everything(drawn_desk)).rename(names).select(columns),
        drawn_desk.query("select * from marts.group_performance").select(columns),
        check_row_order=False,
    )


@pytest.mark.parametrize("group", [None, GROUP])
def test_groups_of_a_period(drawn_desk: Reader, group: str | None) -> None:
    """Solved, breach rate and cycle time count tickets solved in it, the first reply its own."""
    filters = replace(Filters().over(MARCH), group=(group,) if group else (), channel=("email",))
    tickets = counted(drawn_desk).filter(pl.col("channel") == "email")
    found = groups(drawn_desk, filters)
    assert set(found["group_name"]) == {group} if group else found.height > 2
    for row in found.iter_rows(named=True):
        own = tickets.filter(pl.col("group_name") == row["group_name"])
        solved = own.filter(within("solved_at", MARCH))
        assert row["solved"] == solved.height
        assert row["breach_rate"] == pytest.approx(solved["is_breached"].mean())
        assert row["median_cycle_hours"] == pytest.approx(solved["cycle_hours"].median())
        p90 = solved["cycle_hours"].quantile(0.9, "linear")
        assert row["p90_cycle_hours"] == pytest.approx(p90)
        replied = own.filter(within("first_reply_at", MARCH))["first_reply_minutes"]
        assert row["median_first_reply_minutes"] == pytest.approx(replied.median())


def test_backlog_by_age_adds_up_to_the_backlog(drawn_desk: Reader) -> None:
    """On every day the ages together are the backlog that the overview shows."""
    for last in (MARCH.first, MARCH.last, drawn_desk.as_of.date()):
        filters = replace(Filters().over(Period(MARCH.first, last)), type=("question", "incident"))
        by_day = daily(drawn_desk, filters)
        assert backlog_by_age(drawn_desk, filters)["tickets"].sum() == by_day["backlog"][-1]


def test_ages_count_to_the_towers_clock_and_fall_into_their_class(drawn_desk: Reader) -> None:
    """Each open ticket is in the class whose bounds hold its age."""
    today = Period(drawn_desk.as_of.date(), drawn_desk.as_of.date())
    found = open_at_end(drawn_desk, Filters(), today)
    open_tickets = drawn_desk.query(found.sql, found.parameters).join(
        counted(drawn_desk).select("ticket_id", "created_at", "is_open"), on="ticket_id"
    )
    assert open_tickets["is_open"].all()
    assert open_tickets.height == counted(drawn_desk)["is_open"].sum()
    ages = (drawn_desk.as_of - open_tickets["created_at"]).dt.total_microseconds() / 3.6e9
    assert open_tickets["age_hours"].to_list() == pytest.approx(ages.to_list())
    by_age = (
        backlog_by_age(drawn_desk, Filters().over(today)).group_by("age").agg(pl.sum("tickets"))
    )
    counts = dict(by_age.iter_rows())
    for age in AGES:
        expected = ((ages >= age.from_hours) & (ages < age.below_hours)).sum()
        assert counts[age.label] == expected


def test_agents_over_all_time_are_those_of_the_mart(drawn_desk: Reader) -> None:
    """Every figure equals marts.agent_productivity, hands-on time per ticket."""
    mart = drawn_desk.query("select * from marts.agent_productivity").with_columns(
        handle_minutes=pl.col("handle_minutes") / pl.col("tickets_solved")
    )
    found = agents(drawn_desk, everything(drawn_desk))
    assert found.height > 3
    assert_frame_equal(
        found.sort("agent_id"),
        mart.filter((pl.col("days_worked") > 0) | (pl.col("tickets_solved") > 0)).sort("agent_id"),
        check_column_order=False,
    )


def test_agents_of_a_period_and_a_group(drawn_desk: Reader) -> None:
    """A ticket counts for whoever holds it, if it was solved then."""
    group = agents(drawn_desk, everything(drawn_desk))["group_name"].mode().sort()[0]
    found = agents(drawn_desk, replace(Filters().over(MARCH), group=(group,), priority=("normal",)))
    assert found.height
    assert set(found["group_name"]) == {group}
    solved = counted(drawn_desk).filter(within("solved_at", MARCH), pl.col("priority") == "normal")
    for row in found.iter_rows(named=True):
        own = solved.filter(pl.col("assignee_id") == row["agent_id"])
        assert row["tickets_solved"] == own.height
        assert row["csat_mean"] == pytest.approx(own["csat_score"].mean())


def test_clocks_at_risk_come_most_urgent_first(drawn_desk: Reader) -> None:
    """All unfinished clocks are there, worst class first, each with its own words."""
    published = drawn_desk.query("select * from alerts.at_risk_tickets")
    found = at_risk(drawn_desk, Filters())
    assert found.height == published.height > 0
    order = list(RISK_SIGNS)
    places = [order.index(risk) for risk in found["risk"]]
    assert places == sorted(places)
    words = {
        (row["ticket_id"], row["reason"]): time_left(row) for row in published.iter_rows(named=True)
    }
    for row in found.iter_rows(named=True):
        assert row["time_left"] == words[row["ticket_id"], row["reason"]]
        assert (row["risk"] == "breached") == row["time_left"].startswith("passed")


def test_clocks_at_risk_follow_the_dimensions_and_not_the_period(drawn_desk: Reader) -> None:
    """How things stand now does not depend on the days looked at."""
    chosen = Filters(group=(GROUP,), channel=("email", "chat"))
    expected = drawn_desk.query("select * from alerts.at_risk_tickets").join(
        counted(drawn_desk).filter(pl.col("channel").is_in(["email", "chat"])).select("ticket_id"),
        on="ticket_id",
    )
    expected = expected.filter(pl.col("group_name") == GROUP)
    found = at_risk(drawn_desk, chosen)
    assert not found.is_empty()
    assert sorted(found["ticket_id"]) == sorted(expected["ticket_id"])
    assert_frame_equal(found, at_risk(drawn_desk, chosen.over(MARCH)))


@pytest.mark.parametrize(
    ("minutes", "is_business", "state", "says"),
    [
        (90.0, True, "active", "90 minutes left (opening hours)"),
        (-150.0, False, "active", "passed 2 h 30 min ago"),
        (10.0, False, "paused", "10 minutes left (paused)"),
        (-1.0, True, "paused", "passed 1 minute ago (opening hours, paused)"),
    ],
)
def test_time_left_in_words(minutes: float, is_business: bool, state: str, says: str) -> None:
    """What is left, on which clock, and whether it runs."""
    clock = {
        "remaining_minutes": minutes,
        "is_business_hours": is_business,
        "clock_state": state,
    }
    assert time_left(clock) == says
