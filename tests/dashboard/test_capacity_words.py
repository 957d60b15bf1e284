"""Sentences of capacity planning."""

import polars as pl
import pytest

from control_tower.forecasting.models import CANDIDATES, PLAIN_MEAN
from control_tower_dash.capacity_words import (
    MODELS,
    accuracy_caption,
    attainment_caption,
    backlog_caption,
    course_caption,
    month_caption,
    needs_caption,
    pairs_caption,
    who_is_short,
)
from control_tower_dash.filters import Filters, understand
from control_tower_dash.queries import what_if as simulator
from control_tower_dash.queries.capacity import accuracy, course, gap_by_month, needs
from tests.dashboard.capacity_desk import Tables, capacity_tables


@pytest.fixture(scope="module")
def desk() -> Tables:
    """Return the desk made by hand."""
    return Tables(capacity_tables())


def test_every_model_has_words() -> None:
    """Whatever forecasts a series can be named."""
    assert set(MODELS) == {*CANDIDATES, PLAIN_MEAN}


def test_a_forecast_names_its_model_and_how_it_was_tested(desk: Tables) -> None:
    """Total, model, errors, coverage and marks, all from the frame."""
    assert course_caption(course(desk, Filters())) == (
        "Tickets expected from 1 Jun 2026 to 30 Jun 2026. Total: 1,320, by the mean of three "
        "models (Theta, Holt-Winters, mean of same weekdays), tested on 180 past days: MASE 0.80, "
        "RMSSE 0.70; its 80 % interval held 81.0% of the days, its 95 % interval 94.0%. An error "
        "of 1 is what repeating the last week costs. Marked are 1 unusual day and 2 holidays."
    )
    untested = course(desk, Filters()).with_columns(rmsse=pl.lit(None, pl.Float64))
    assert "which there were too few days to test" in course_caption(untested)
    assert "Front Desk: seasonal decomposition (MSTL)" in accuracy_caption(
        accuracy(desk, Filters(group=("Front Desk",)))
    )


def test_who_is_short_answers_the_question(desk: Tables) -> None:
    """Who, how much, how many posts, how sure; and who is not."""
    frame = needs(desk, Filters())
    assert who_is_short(frame) == (
        "Over the coming 30 days Front Desk is 8.8 FTE days short, about 0.5 full-time posts "
        "(80 % interval 6.8 to 10.8). Back Office has enough."
    )
    assert "may have enough" in who_is_short(frame.with_columns(lo_80=pl.lit(-0.5)))
    enough = frame.with_columns(gap_fte_days=pl.lit(0.4))
    assert who_is_short(enough) == (
        "Yes: over the coming 30 days Front Desk, Back Office and Night Shift have enough "
        "people at their target occupancy."
    )
    alone = enough.filter(pl.col("group_name") == "Back Office")
    assert who_is_short(alone) == (
        "Yes: over the coming 30 days Back Office has enough people at their target occupancy."
    )
    assert who_is_short(frame.clear()) == "There is no forecast to plan by yet."


def test_without_people_closures_answer(desk: Tables) -> None:
    """What groups closed on busy days says what they can do, in tickets."""
    frame = needs(desk, Filters()).with_columns(gap_fte_days=pl.lit(None, pl.Float64))
    assert "Night Shift lacks capacity for 10 of the tickets expected" in who_is_short(frame)
    spare = frame.with_columns(gap_tickets=pl.lit(-3.0))
    assert "can do the tickets expected." in who_is_short(spare)
    unknown = frame.with_columns(gap_tickets=pl.lit(None, pl.Float64), basis=pl.lit("unknown"))
    assert who_is_short(unknown).endswith("What they can do is not known either.")
    assert needs_caption(unknown).endswith(
        "What Back Office, Front Desk and Night Shift can do is not known."
    )


def test_months_say_which_days_count(desk: Tables) -> None:
    """From the first day the forecast covers to the last."""
    assert "June 2026 from 1 Jun 2026 to 30 Jun 2026" in month_caption(
        gap_by_month(desk, Filters())
    )


def test_captions_of_a_plan_say_both_sides(desk: Tables) -> None:
    """They read from the frames what the figures draw."""
    filters = understand("?volume=1.4").filters
    kept = simulator.attainment(desk, filters)
    said = attainment_caption(kept)
    assert said.startswith("Targets for requester wait time of tickets created in the coming 30")
    assert f"{kept['before'][0]:.1%} kept as it stands, {kept['after'][0]:.1%} by the plan" in said
    gaps = simulator.gaps(desk, filters)
    short = gaps.filter(pl.col("after") >= 1)["group_name"].to_list()
    assert f"by the plan: {' and '.join(short) or 'none of these'}." in pairs_caption(gaps)
    waiting = simulator.backlog(desk, filters)
    last = waiting.filter(pl.col("day") == pl.col("day").max()).row(0, named=True)
    assert (
        f"{last['group_name']}: {last['before']:,.0f} as it stands, {last['after']:,.0f} by the "
        "plan"
    ) in backlog_caption(waiting)
