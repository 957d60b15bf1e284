"""What the briefing says of two weeks whose figures are known."""

from collections.abc import Mapping

import polars as pl
import pytest

from control_tower.recommendations.action import QUESTIONS, Action
from control_tower.recommendations.briefing.page import Briefing, Change, Figure
from tests.recommendations.briefing.desk import briefing, tables

STAFF = Action(
    action_id="staff_bottleneck:Alpha",
    question=3,
    title="Staff Alpha",
    action="Cover five days in Alpha.",
    evidence="Five days are short.",
    metric="SLA attainment",
    estimated_impact=5,
    impact_unit="full-time days covered a month",
    breaches_avoided=12,
    impact_usd=-300,
    impact_hours=40,
    arithmetic="30 - 25 = 5.",
    confidence="high",
    owner_group="Alpha",
)


def _figures(page: Briefing) -> Mapping[str, Figure]:
    return {figure.label: figure for section in page.sections for figure in section.figures}


def test_it_answers_the_five_questions_in_order() -> None:
    """Of the week from Monday to Sunday that was over."""
    page = briefing()
    assert page.title == "Monday briefing: 25 to 31 May 2026"
    assert [section.question for section in page.sections] == list(QUESTIONS.values())
    assert page.summary == "Source: a desk made by hand, as of 2026-06-01 00:00 UTC."


def test_service_levels_are_those_of_the_week() -> None:
    """15 of 20 after 18 of 20: fifteen points, which chance explains."""
    page = briefing()
    assert page.sections[0].answer == (
        "75.0% of 20 decided targets were met (down 15.0 points, within chance); below target: "
        "urgent 75.0% of 95%."
    )
    attained = _figures(page)["SLA attainment"]
    assert attained.value == "75.0%"
    assert list(attained.weeks)[-2:] == [0.9, 0.75]
    assert _figures(page)["Tickets that missed a target"].value == "25.0%"
    table = page.sections[0].table
    assert table is not None
    assert [row[0] for row in table.rows] == ["group: Alpha", "priority: urgent", "type: incident"]
    assert table.rows[1][1:4] == ["20", "75.0%", "95%"]


def test_queues_say_what_came_went_and_stayed() -> None:
    """30 tickets after 25 is a fifth more; the median of 3 to 22 hours is 12.5."""
    page = briefing()
    figures = _figures(page)
    assert figures["Tickets that came in"].value == "30"
    assert figures["Tickets that came in"].change == Change("up 20%")
    assert figures["Backlog at the week's end"].value == "12"
    assert figures["Backlog at the week's end"].change == Change("up 5", "worse")
    assert figures["Median cycle time"].value == "12.5 h"
    assert figures["Median cycle time"].change == Change("up 2.0 h", "worse")
    assert page.sections[1].answer == (
        "30 tickets came in and 20 were solved, 12 tickets left open; half were solved within "
        "12.5 h. Tickets pile up most in Alpha, where 80% of the time is waiting."
    )


def test_capacity_says_who_is_short_and_what_is_expected() -> None:
    """Seven days of five tickets, after thirty."""
    page = briefing()
    assert page.sections[2].answer == (
        "No: Alpha will be 5.0 full-time days short over the next 30 days."
    )
    expected = _figures(page)["Tickets expected in the next seven days"]
    assert expected.value == "35"
    assert expected.change == Change("up 17%")
    table = page.sections[2].table
    assert table is not None
    assert table.rows == [["Alpha", "130", "30.0", "25.0", "+5.0", "+1.0 to +9.0"]]


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        ({"lo_80": -1.0}, "Probably: Alpha may run short, but within what the forecast can tell."),
        (
            {"gap_fte_days": -5.0, "lo_80": -9.0, "hi_80": -1.0},
            "Yes: no group is short of people over the next 30 days.",
        ),
    ],
)
def test_capacity_is_as_sure_as_the_forecast(row: dict[str, float], answer: str) -> None:
    """A gap that may be none, and none."""
    given = tables()
    given["capacity_outlook"] = given["capacity_outlook"].with_columns(
        **{name: pl.lit(value) for name, value in row.items()}
    )
    assert briefing(given).sections[2].answer == answer


def test_satisfaction_says_what_hurts() -> None:
    """Ratings of 3 and 4 after 4 and 5."""
    page = briefing()
    rating = _figures(page)["Mean rating"]
    assert rating.value == "3.50 of 5"
    assert rating.change == Change("down 1.00 points", "worse")
    assert _figures(page)["Tickets reopened"].value == "10.0%"
    assert page.sections[3].answer.startswith("Mean rating 3.50 of 5; ")


def test_reopens_that_hurt_are_named() -> None:
    """Reopened tickets are rated two points lower, others alike."""
    given = tables()
    outcomes = given["outcomes"].with_columns(
        csat_score=pl.when(pl.col("reopens") > 0).then(2).otherwise(4).cast(pl.Int64)
    )
    noise = (pl.col("ticket_id") % 4 == 1).cast(pl.Int64)
    given["outcomes"] = outcomes.with_columns(pl.col("csat_score") + noise)
    section = briefing(given).sections[3]
    assert "reopened tickets hurt most" in section.answer
    assert section.table is not None
    assert section.table.rows[0][0] == "Reopened tickets"


def test_advice_comes_with_its_worth() -> None:
    """40 cycle hours, 12 missed targets at 60 USD each, less 300 USD."""
    page = briefing(actions=[STAFF])
    (advice,) = page.advice
    assert advice.worth == (
        "40 fewer cycle hours, 12 fewer missed targets, at a cost of 300 USD: worth 460 USD a month"
    )
    assert page.sections[4].answer == "1 action; first: Staff Alpha."
    assert page.sections[4].remarks == [
        "1 open ticket at critical or high risk; see the alerts.",
        "Not looked at, since not in this source or not known yet: churn.",
    ]


def test_five_actions_are_shown_of_many() -> None:
    """The rest is in the table."""
    page = briefing(actions=[STAFF] * 7)
    assert len(page.advice) == 5
    assert page.sections[4].answer.startswith("7 actions, the first 5 below; ")


def test_nothing_to_do_is_said_so() -> None:
    """A healthy desk."""
    page = briefing()
    assert not page.advice
    assert page.sections[4].answer.startswith("Nothing: ")


def test_a_source_that_lacks_facts_says_so() -> None:
    """No targets, no ratings, no capacity: the words stand where the figure would."""
    given = tables()
    given["sla"] = given["sla"].clear()
    given["outcomes"] = given["outcomes"].with_columns(csat_score=pl.lit(None, pl.Int64))
    given["capacity_outlook"] = given["capacity_outlook"].with_columns(
        gap_fte_days=pl.lit(None, pl.Float64)
    )
    answers = [section.answer for section in briefing(given).sections]
    assert answers[0] == "SLA targets are not in this source."
    assert "capacity is not in this source" in answers[2]
    assert answers[3].startswith("Ratings are not in this source")
    assert (
        briefing(given)
        .sections[4]
        .remarks[-1]
        .endswith("SLA targets, capacity, ratings and churn.")
    )


def test_targets_without_priorities_are_judged_without_a_target() -> None:
    """Attainment is known, what it should be is not."""
    given = tables()
    given["sla"] = given["sla"].with_columns(priority=pl.lit(None, pl.String))
    assert briefing(given).sections[0].answer == (
        "75.0% of 20 decided targets were met (down 15.0 points, within chance)."
    )


def test_an_empty_desk_has_a_page() -> None:
    """Every table without a row."""
    page = briefing({name: frame.clear() for name, frame in tables().items()})
    answers = [section.answer for section in page.sections]
    assert answers[0] == "SLA targets are not in this source."
    assert answers[1] == "No ticket was on the desk in this week."
    assert answers[2].startswith("There is too little history to forecast volume")
    assert answers[3] == "No ticket was solved."
    assert answers[4].startswith("Nothing: ")


def test_a_quiet_week_is_no_error() -> None:
    """Everything happened a month before."""
    given = {
        name: frame.with_columns(
            (pl.selectors.temporal() - pl.duration(days=28)).cast(frame.schema["day"])
            if name == "daily_ops"
            else pl.selectors.datetime() - pl.duration(days=28)
        )
        if name in ("sla", "outcomes", "daily_ops")
        else frame
        for name, frame in tables().items()
    }
    page = briefing(given)
    assert page.sections[0].answer == "No target was decided in this week."
    assert page.sections[1].answer == "No ticket was on the desk in this week."
    assert page.sections[3].answer.startswith("Mean rating none")
