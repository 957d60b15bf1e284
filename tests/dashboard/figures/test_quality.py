"""What the quality page's figures hold."""

from datetime import date

import polars as pl

from control_tower_dash.figures.quality import churn, csat_course, factors, rates, scores


def test_scores_are_named_and_low_ones_stand_out() -> None:
    """Colour, and the words worst and best."""
    trace, shares = scores(
        pl.DataFrame(
            {
                "score": [1, 2, 3, 4, 5],
                "ratings": [1, 2, 3, 4, 10],
                "share": [0.05, 0.1, 0.15, 0.2, 0.5],
                "tickets_behind": ["score=1", "score=2", "score=3", "score=4", "score=5"],
            }
        )
    )["data"]
    assert trace["x"] == ["1, worst", "2", "3", "4", "5, best"]
    assert (shares["x"], shares["y"]) == (trace["x"], trace["y"])
    assert shares["text"][-1] == "50.0%"
    assert trace["customdata"][1] == "score=2"
    colors = trace["marker"]["color"]
    assert colors[0] == colors[1] != colors[2] == colors[4]


def test_weeks_have_their_intervals_where_they_are_known() -> None:
    """No interval, no bar; ticks on Mondays."""
    made = csat_course(
        pl.DataFrame(
            {
                "week": [date(2026, 3, 2), date(2026, 3, 9)],
                "ratings": [50, 3],
                "csat_mean": [4.0, 5.0],
                "lower": [3.75, None],
                "upper": [4.25, None],
                "tickets_behind": ["a=1", "a=2"],
            }
        )
    )
    assert made["data"][0]["error_y"]["array"] == [0.25, 0.0]
    assert made["data"][0]["error_y"]["arrayminus"] == [0.25, 0.0]
    assert made["layout"]["xaxis"]["tick0"] == "2026-03-02"


def test_the_first_group_is_drawn_on_top_with_its_size() -> None:
    """Places count from below."""
    made = rates(
        pl.DataFrame(
            {
                "group_name": ["Worse", "Better"],
                "tickets": [1200, 10],
                "happened": [300, 1],
                "rate": [0.25, 0.1],
                "lower": [0.2, 0.0],
                "upper": [0.3, 0.4],
                "desk_rate": [0.24, 0.24],
                "tickets_behind": ["group=Worse", None],
            }
        )
    )
    trace = made["data"][0]
    assert made["layout"]["yaxis"]["ticktext"] == ["Better<br>n=10", "Worse<br>n=1,200"]
    assert trace["x"] == [0.1, 0.25]
    assert trace["customdata"] == [None, "group=Worse"]
    assert made["layout"]["annotations"][0]["text"] == "whole desk 24.0%"
    assert made["layout"]["shapes"][0]["x0"] == 0.24


def test_factors_are_told_apart_by_shape_and_by_name() -> None:
    """Lower, within chance and higher; the alike only where there is one."""
    made = factors(
        pl.DataFrame(
            {
                "factor": ["Reopened", "Slow cycle, over 9.0 h", "Type: question"],
                "with_it": [98, 300, 500],
                "without": [1092, 900, 700],
                "mean_with": [3.6, 4.3, 4.5],
                "mean_without": [4.4, 4.3, 4.4],
                "difference": [-0.8, 0.0, 0.1],
                "lower": [-1.0, -0.1, 0.05],
                "upper": [-0.6, 0.1, 0.15],
                "alike": [-0.7, None, None],
                "tickets_behind": ["show=reopened", None, "type=question"],
            }
        )
    )
    lower, chance, higher, alike = made["data"]
    assert [one["name"] for one in (lower, chance, higher)] == [
        "Ratings lower",
        "Within chance",
        "Ratings higher",
    ]
    assert (lower["x"], lower["y"]) == ([-0.8], [2])
    assert (chance["y"], higher["y"]) == ([1], [0])
    assert len({one["marker"]["symbol"] for one in (lower, chance, higher)}) == 3
    assert (alike["x"], alike["y"]) == ([-0.7], [2])
    assert made["layout"]["yaxis"]["ticktext"][1] == "Slow cycle<br>over 9.0 h, n=300"
    assert "3.60 against 4.40 of 1,092 without: -0.80, lower" in lower["text"][0]


def test_churn_is_drawn_by_what_came_before_where_that_is_known() -> None:
    """Without targets there is one series."""
    frame = pl.DataFrame(
        {
            "customer_tier": ["starter", "starter"],
            "after": ["All tickets", "Missed an SLA target"],
            "tickets": [1000, 100],
            "rate": [0.04, 0.05],
            "lower": [0.03, 0.02],
            "upper": [0.05, 0.1],
            "tickets_behind": ["tier=starter", None],
        }
    )
    assert [trace["name"] for trace in churn(frame)["data"]] == [
        "All tickets",
        "Missed an SLA target",
    ]
    assert len(churn(frame.head(1))["data"]) == 1
