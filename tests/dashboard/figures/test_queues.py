"""The queue page's figures."""

import polars as pl

from control_tower_dash.figures.queues import backlog_bars, score_bars
from control_tower_dash.theme import BAD, HUE


def test_the_bottleneck_is_on_top_and_says_so() -> None:
    """Lying bars go from the bottom up; colour is not the only sign."""
    frame = pl.DataFrame(
        {
            "group_name": ["B", "A"],
            "tickets": [1200, 3],
            "median_hours_in_group": [2.5, 72.0],
            "breach_rate": [0.5, 0.0],
            "bottleneck_score": [40.04, 0.0],
            "rank": [1, 2],
            "tickets_behind": ["through=B", "through=A"],
        }
    )
    trace, within, beyond = score_bars(frame)["data"]
    assert trace["y"] == ["A", "B"]
    assert trace["x"] == [0.0, 40.04]
    assert (within["y"], beyond["y"]) == (["B"], ["A"])
    assert [one["text"][0].strip() for one in (within, beyond)] == ["40.0 bottleneck", "0.0"]
    assert trace["marker"]["color"] == [HUE, BAD]
    assert trace["customdata"][1] == [
        *("through=B", "1,200 tickets", "2.5 h in the group (median)", "50.0% missed a target")
    ]


def test_no_group_is_the_bottleneck_if_none_scores() -> None:
    """Where nothing was missed all rank first with nothing."""
    frame = pl.DataFrame(
        {
            "group_name": ["A"],
            "tickets": [3],
            "median_hours_in_group": [1.0],
            "breach_rate": [0.0],
            "bottleneck_score": [0.0],
            "rank": [1],
            "tickets_behind": ["through=A"],
        }
    )
    trace, beyond = score_bars(frame)["data"]
    assert [text.strip() for text in beyond["text"]] == ["0.0"]
    assert trace["marker"]["color"] == [HUE]


def _backlog(groups: int) -> pl.DataFrame:
    rows = [
        {"group_name": f"G{n:02}", "age": age, "tickets": n, "tickets_behind": f"group=G{n:02}"}
        for n in range(groups)
        for age in ("young", "old")
    ]
    return pl.DataFrame(rows)


def test_backlog_is_stacked_by_group_the_largest_first() -> None:
    """Every bar leads to its own tickets."""
    figure = backlog_bars(_backlog(3))
    assert [trace["name"] for trace in figure["data"]] == ["G02", "G01", "G00"]
    assert figure["data"][0]["y"] == [2, 2]
    assert figure["data"][0]["customdata"] == ["group=G02"] * 2
    assert figure["layout"]["barmode"] == "stack"


def test_groups_beyond_the_colours_are_drawn_together() -> None:
    """Nine groups: six by name, three as one, and no ticket lost."""
    figure = backlog_bars(_backlog(9))
    assert len(figure["data"]) == 7
    assert figure["data"][-1]["name"] == "Other groups"
    assert sum(sum(trace["y"]) for trace in figure["data"]) == 2 * sum(range(9))
