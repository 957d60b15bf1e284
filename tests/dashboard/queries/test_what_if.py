"""The simulator's answers against the what-if called directly."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from control_tower.forecasting.what_if import Outlook, Scenario, what_if
from control_tower_dash.filters import Filters, understand
from control_tower_dash.plan import Plan
from control_tower_dash.queries.what_if import (
    attainment,
    backlog,
    foretold,
    gaps,
    levers,
    plan_asked,
)
from tests.dashboard.capacity_desk import Tables, capacity_tables, profile

PLANS: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("?volume=1.2", {"volume_factor": 1.2}),
    (
        "?handle=0.9&headcount.front-desk=6",
        {
            "handle_time_factor": 0.9,
            "headcount": {"Front Desk": 6.0},
        },
    ),
    (
        "?shrinkage.back-office=0.5&occupancy.front-desk=0.95&volume=0.75",
        {
            "volume_factor": 0.75,
            "shrinkage": {"Back Office": 0.5},
            "occupancy": {"Front Desk": 0.95},
        },
    ),
]


@pytest.fixture(scope="module")
def desk() -> Tables:
    """Return the desk made by hand."""
    return Tables(capacity_tables())


def _direct(asked: dict[str, Any]) -> Outlook:
    found = what_if(Scenario(**asked), profile())
    assert found is not None
    return found


@pytest.mark.parametrize(("query", "asked"), PLANS)
def test_numbers_are_those_of_the_what_if(desk: Tables, query: str, asked: dict[str, Any]) -> None:
    """What a URL asks for is what the scenario says, beside the desk as it stands."""
    filters = understand(query).filters
    before, after = _direct({}), _direct(asked)
    shown = gaps(desk, filters)
    for column, of, outlook in (
        ("before", "gap_fte_days", before),
        ("after", "gap_fte_days", after),
        ("required_fte_days", "required_fte_days", after),
        ("available_fte_days", "available_fte_days", after),
        ("occupancy_before", "occupancy", before),
        ("occupancy_after", "occupancy", after),
    ):
        direct = outlook.groups.sort("group_name").select("group_name", pl.col(of).alias(column))
        assert_frame_equal(shown.select("group_name", column), direct)
    said = {
        (dimension, value): (was, then)
        for dimension, value, was, then in attainment(desk, filters)
        .select("dimension", "value", "before", "after")
        .iter_rows()
    }
    assert said.pop(("Desk", "Whole desk")) == pytest.approx(
        (before.sla_attainment, after.sla_attainment)
    )
    for dimension, name, first, second in (
        ("Priority", "priority", before.priorities, after.priorities),
        ("Group", "group_name", before.groups, after.groups),
    ):
        then = dict(second.select(name, "sla_attainment").iter_rows())
        for value, was in first.select(name, "sla_attainment").iter_rows():
            assert said.pop((dimension, value)) == pytest.approx((was, then[value]))
    assert not said
    waiting = backlog(desk, filters)
    for outlook, column in ((before, "before"), (after, "after")):
        direct = outlook.backlog.select(
            "group_name",
            pl.lit(date(2026, 5, 31)).dt.offset_by(pl.format("{}d", "day_number")).alias("day"),
            pl.col("expected").alias(column),
            pl.col("lo_80").alias(f"{column}_lo"),
            pl.col("hi_80").alias(f"{column}_hi"),
        ).sort("group_name", "day")
        assert_frame_equal(
            waiting.select(direct.columns).sort("group_name", "day"), direct, abs_tol=1e-9
        )


def test_differences_are_after_less_before(desk: Tables) -> None:
    """They say what the plan changes."""
    filters = understand("?volume=1.3").filters
    for frame in (gaps(desk, filters), attainment(desk, filters)):
        assert frame["difference"].to_list() == pytest.approx(
            (frame["after"] - frame["before"]).to_list()
        )
    assert (gaps(desk, filters)["difference"] > 0).all()


def test_groups_chosen_are_shown_but_the_whole_desk_is_planned(desk: Tables) -> None:
    """Filters take rows away and change no number."""
    query = "?volume=1.2&headcount.front-desk=6"
    everything = understand(query).filters
    chosen = understand(f"{query}&group=Back+Office&priority=urgent").filters
    assert_frame_equal(
        gaps(desk, chosen), gaps(desk, everything).filter(pl.col("group_name") == "Back Office")
    )
    assert backlog(desk, chosen)["group_name"].unique().to_list() == ["Back Office"]
    own = attainment(desk, chosen)
    assert own["dimension"].to_list() == ["Desk", "Priority", "Priority", "Group"]
    assert own["value"].to_list()[:3] == ["Whole desk", "urgent", "normal"]
    assert own.join(attainment(desk, everything), on=own.columns, how="anti").is_empty()


def test_an_answer_is_kept_by_snapshot_and_plan(desk: Tables) -> None:
    """The same plan is worked out once; another snapshot has answers of its own."""
    plan = plan_asked(desk, understand("?volume=1.5").filters).plan
    same = plan_asked(desk, understand("?group=Front+Desk&volume=1.50").filters).plan
    assert foretold(desk, plan) is foretold(desk, same)
    assert foretold(desk, plan) is not foretold(desk, Plan())
    twice = profile().groups.with_columns(pl.col("fte") * 2)
    other = Tables(capacity_tables(desk_groups=twice))
    assert foretold(other, Plan()) is not foretold(desk, Plan())


def test_a_source_without_people_has_no_levers_and_no_answer() -> None:
    """A plan in the link is told of, not followed."""
    desk = Tables(capacity_tables(desk_groups=profile().groups.clear()))
    filters = understand("?volume=1.2").filters
    assert levers(desk) == ()
    assert plan_asked(desk, filters).left_out == (
        "The link carries a plan, but this source does not say who works here.",
    )
    assert plan_asked(desk, Filters()).left_out == ()
    assert foretold(desk, Plan()) is None
    for query in (gaps, attainment, backlog):
        empty = query(desk, filters)
        assert empty.is_empty()
        assert empty.schema == query(Tables(capacity_tables()), filters).schema


def test_days_end_when_the_profile_says() -> None:
    """A clock in the middle of a day names each end by the day it falls on."""
    hours = profile().hours.with_columns(pl.col("starts_at") + pl.duration(hours=13))
    desk = Tables(capacity_tables(desk_hours=hours))
    assert backlog(desk, Filters())["day"].min() == date(2026, 6, 2)
