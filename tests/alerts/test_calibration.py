"""The test in the past: what is asked when, scores against their definitions, no peeking."""

import itertools
import random
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from control_tower.alerts.calibration import (
    METHODS,
    asked_at,
    judged_in_the_past,
    miscalibration,
    outdone_by,
    past_moments,
    reliability,
    scores,
)
from control_tower.alerts.clocks import numbered_clocks, stretches_of
from control_tower.alerts.history import BreachHistory
from control_tower.alerts.turns import turns_of
from tests.alerts.desk import AS_OF, clock, given


def _judged(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    open_intervals = tables["staging.stg_open_intervals"]
    clocks = numbered_clocks(tables["marts.sla"], tables["intermediate.int_sla_targets"])
    stretches = stretches_of(clocks, tables["intermediate.int_sla_clock_readings"])
    turns = turns_of(clocks, tables["intermediate.int_ticket_states"], stretches, open_intervals)
    history = BreachHistory(turns)
    return judged_in_the_past(clocks, turns, history, stretches, open_intervals, AS_OF)


def _desk_of_two_groups() -> dict[str, pl.DataFrame]:
    """Return 120 days of tickets with a target of ten hours; the slow group is mostly late."""
    dice = random.Random(11)  # noqa: S311 - no secret
    clocks = []
    for ticket in range(1, 12_001):
        started = AS_OF - timedelta(days=120 * dice.random())
        group, typical = dice.choice([("Quick", 3.0), ("Slow", 15.0)])
        ended = started + timedelta(hours=dice.expovariate(1 / typical))
        clocks.append(
            clock(
                ticket,
                started,
                ended if ended < AS_OF else None,
                target_minutes=600.0,
                group_name=group,
            )
        )
    return given(clocks)


@pytest.fixture(scope="module")
def judged() -> pl.DataFrame:
    """What was said of that desk in the past."""
    return _judged(_desk_of_two_groups())


def test_moments_cover_all_hours_and_weekdays() -> None:
    """71 hours apart, four weeks left to learn from; a year's worth at most."""
    clocks = pl.DataFrame({"started_at": [AS_OF - timedelta(days=120)]})
    moments = past_moments(clocks, AS_OF).to_list()
    assert {late - early for late, early in itertools.pairwise([AS_OF, *moments])} == {
        timedelta(hours=71)
    }
    assert AS_OF - timedelta(days=92) <= moments[-1] < AS_OF - timedelta(days=89)
    ancient = pl.DataFrame({"started_at": [AS_OF - timedelta(days=3000)]})
    year = past_moments(ancient, AS_OF)
    assert AS_OF - timedelta(days=365) <= year.to_list()[-1] < AS_OF - timedelta(days=362)
    assert year.dt.hour().n_unique() == 24
    assert year.dt.weekday().n_unique() == 7
    assert past_moments(ancient.clear(), AS_OF).is_empty()


def test_clocks_of_known_laws_are_foretold(judged: pl.DataFrame) -> None:
    """Exponential durations forget their age: exp(-left/typical), whatever the clock shows."""
    scored = scores(judged)
    assert scored["method"].to_list() == list(METHODS)
    forecast, by_type, by_share = scored["brier_score"].to_list()
    assert forecast < by_type
    assert forecast < by_share
    sla = _desk_of_two_groups()["marts.sla"].sort("ticket_id").with_row_index("clock")
    said = judged.join(sla, on="clock").with_columns(
        (
            pl.lit(600.0)
            - (pl.col("moment") - pl.col("started_at")).dt.total_microseconds() / 60_000_000
        ).alias("left"),
        pl.when(pl.col("group_name") == "Quick").then(3.0).otherwise(15.0).mul(60).alias("typical"),
    )
    truth = (-said["left"] / said["typical"]).exp()
    assert judged.height > 100
    assert (said["survival"] - truth).abs().mean() == pytest.approx(0.0, abs=0.03)


def test_nothing_of_the_future_is_seen(judged: pl.DataFrame) -> None:
    """Whatever happens after a moment: what was said at it stays the same."""
    tables = _desk_of_two_groups()
    moment = judged["moment"].unique().sort()[2]
    sla = tables["marts.sla"].filter(pl.col("started_at") < moment)
    goes_on = pl.col("ended_at") > moment
    later = pl.when(goes_on).then(pl.col("ended_at") + timedelta(hours=3)).otherwise("ended_at")
    changed = sla.with_columns(later.alias("ended_at")).with_columns(
        (pl.coalesce("ended_at", pl.lit(AS_OF)) - pl.col("started_at"))
        .dt.total_microseconds()
        .truediv(60_000_000)
        .alias("elapsed_minutes")
    )
    changed = changed.with_columns(
        (pl.col("target_minutes") - pl.col("elapsed_minutes")).alias("remaining_minutes"),
        pl.when(pl.col("elapsed_minutes") > pl.col("target_minutes"))
        .then(pl.lit("breached"))
        .otherwise(pl.lit("within_sla"))
        .alias("sla_status"),
    )
    other = _judged(given(changed.to_dicts()))

    def said(frame: pl.DataFrame) -> list[float]:
        return frame.filter(pl.col("moment") == moment).sort("survival")["survival"].to_list()

    assert said(judged)
    assert said(other) == pytest.approx(said(judged), abs=1e-12)


def test_a_solved_ticket_is_not_asked_about_though_it_was_reopened() -> None:
    """Solved at the moment of asking, open again a day later: its clock had stopped."""
    started, solved, reopened = (AS_OF - timedelta(days=days) for days in (20, 16, 10))
    rows = [
        {
            "ticket_id": 1,
            "state_number": number,
            "status": status,
            "priority": "normal",
            "group_name": "Quick",
            "began_at": began,
            "is_public_agent_reply": False,
        }
        for number, (status, began) in enumerate(
            [("open", started), ("solved", solved), ("open", reopened)], start=1
        )
    ]
    tables = given([clock(1, started, metric="total_resolution_time")], rows)
    clocks = numbered_clocks(tables["marts.sla"], tables["intermediate.int_sla_targets"])
    stretches = stretches_of(clocks, tables["intermediate.int_sla_clock_readings"])
    hours = tables["staging.stg_open_intervals"]
    turns = turns_of(clocks, tables["intermediate.int_ticket_states"], stretches, hours)
    moments = pl.Series(
        [AS_OF - timedelta(days=days) for days in (18, 14, 5)], dtype=pl.Datetime("us", "UTC")
    )
    asked = asked_at(moments, clocks, turns, stretches, hours)
    assert asked["moment"].sort().to_list() == [moments[0], moments[2]]


def test_bins_hold_all_clocks(judged: pl.DataFrame) -> None:
    """Every forecast lies in its bin, and every clock in one."""
    table = reliability(judged)
    assert (table["mean_forecast"] >= table["forecasts_from"] - 1e-9).all()
    assert (table["mean_forecast"] <= table["forecasts_to"] + 1e-9).all()
    counted = table.group_by("method").agg(pl.col("clocks").sum())
    assert counted["clocks"].unique().to_list() == [judged.height]


def test_undecided_clocks_are_left_out_and_moments_with_many_of_them_too() -> None:
    """Nothing is said of clocks whose target is still ahead."""
    clocks = [
        clock(n, AS_OF - timedelta(days=40 + n / 100), target_minutes=10.0**6) for n in range(50)
    ]
    clocks.append(clock(900, AS_OF - timedelta(days=100), AS_OF - timedelta(days=99)))
    assert _judged(given([row | {"ticket_id": n} for n, row in enumerate(clocks, 1)])).is_empty()


@hypothesis_given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.05, 0.31, 0.5, 0.77, 1.0]), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_scores_equal_their_definitions(rows: list[tuple[float, bool]]) -> None:
    """Each pair, each bin and each gap, one by one."""
    frame = pl.DataFrame(
        {
            "moment": [AS_OF] * len(rows),
            "clock": range(len(rows)),
            "is_breached": [late for _, late in rows],
            **{method: [chance for chance, _ in rows] for method in METHODS},
        }
    )
    score = scores(frame).row(0, named=True)
    assert score["clocks"] == len(rows)
    assert score["brier_score"] == pytest.approx(sum((p - y) ** 2 for p, y in rows) / len(rows))
    pairs = [(p, q) for p, late in rows if late for q, other in rows if not other]
    if pairs:
        wins = sum(1.0 if p > q else 0.5 if p == q else 0.0 for p, q in pairs)
        assert score["auc"] == pytest.approx(wins / len(pairs))
    else:
        assert score["auc"] is None
    error = 0.0
    for number in range(10):
        inside = [(p, y) for p, y in rows if min(int(p * 10), 9) == number]
        if inside:
            gap = sum(p for p, _ in inside) - sum(y for _, y in inside)
            error += abs(gap) / len(rows)
    assert score["calibration_error"] == pytest.approx(error)


def test_error_by_chance_is_what_exact_forecasts_err_by() -> None:
    """Outcomes drawn from the forecasts themselves, again and again."""
    dice = random.Random(3)  # noqa: S311 - no secret
    chances = [dice.random() for _ in range(400)]
    drawn = []
    for _ in range(40):
        frame = pl.DataFrame(
            {
                "moment": [AS_OF] * len(chances),
                "is_breached": [dice.random() < chance for chance in chances],
                **dict.fromkeys(METHODS, chances),
            }
        )
        score = scores(frame).row(0, named=True)
        drawn.append(score["calibration_error"])
    assert sum(drawn) / len(drawn) == pytest.approx(score["error_by_chance"], rel=0.1)


def test_checks_speak_up_with_enough_clocks_only() -> None:
    """Too far from what came, or no better than a rule; with few clocks neither is a finding."""
    scored = pl.DataFrame(
        {
            "method": METHODS,
            "clocks": [500] * 3,
            "brier_score": [0.2, 0.1, 0.3],
            "calibration_error": [0.041, 0.0, 0.0],
            "error_by_chance": [0.02, 0.02, 0.02],
        }
    )
    (far,) = miscalibration(scored)
    assert "0.041" in far
    (worse,) = outdone_by(scored)
    assert "late_rate_by_type" in worse
    assert not miscalibration(scored.with_columns(pl.lit(0.021).alias("error_by_chance")))
    few = scored.with_columns(pl.lit(499).alias("clocks"))
    assert not miscalibration(few)
    assert not outdone_by(few)
    assert not miscalibration(scored.with_columns(pl.lit(0.04).alias("calibration_error")))
