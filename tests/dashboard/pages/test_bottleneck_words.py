"""Sentences say what their frames say."""

import polars as pl

from control_tower_dash.pages import bottleneck_words as words

GROUPS = pl.DataFrame(
    {
        "group_name": ["Tier 2", "Tier 1"],
        "tickets": [40, 100],
        "total_hours_in_group": [80.0, 200.0],
        "median_hours_in_group": [6.0, 3.0],
        "breach_rate": [0.5, 0.1],
        "bottleneck_score": [14.0, 12.0],
        "rank": [1, 2],
        "working_hours": [20.0, 30.0],
        "waiting_hours": [60.0, 90.0],
        "median_business_hours_in_group": [2.0, 1.0],
    }
)
PATH = pl.DataFrame(
    {
        "path_name": ["happy path"],
        "conformant": [3],
        "tickets": [4],
        "is_from_log": [False],
    }
)


def test_the_headline_names_the_worst_bottleneck() -> None:
    """The first in rank, its tickets and breaches, and who kept to the path."""
    says = words.headline(GROUPS, PATH)
    assert says.startswith("Tier 2 is the bottleneck, with a score of 14.0: 40 tickets")
    assert "for a median of 6.0 h and" in says
    assert "50% of them missed a target. 75.0% of 4 tickets kept to the happy path." in says


def test_a_group_asked_for_is_called_what_it_is_among_all() -> None:
    """It is no bottleneck for being looked at alone."""
    says = words.headline(GROUPS.tail(1), PATH)
    assert says.startswith(
        "Tier 1 is number 2 of the groups that hold tickets up, with a score of 12.0: 100 tickets"
    )


def test_without_targets_the_headline_names_where_time_passes() -> None:
    """An event log has no targets and so no score; nothing is made up."""
    unranked = GROUPS.with_columns(rank=pl.lit(None, pl.Int64))
    assert words.headline(unranked, PATH).startswith("Most time passes with Tier 1: 100 tickets")
    assert words.headline(GROUPS.clear(), PATH.clear()) == ""


def test_waiting_and_work_are_shares_of_the_time_known() -> None:
    """A hundred and fifty of two hundred hours were waiting."""
    assert "waited 75% and were worked on 25%" in words.groups_caption(GROUPS)
    unknown = GROUPS.with_columns(working_hours=pl.lit(None, pl.Float64))
    assert "does not say how long anybody worked" in words.groups_caption(unknown)


def test_the_map_names_the_slowest_of_the_frequent_steps() -> None:
    """Neither a rare step nor rest after the solution is called slow."""
    frame = pl.DataFrame(
        {
            "from_activity": ["a", "b", "solved", "x"],
            "to_activity": ["b", "c", "closed", "y"],
            "count": [500, 300, 199, 1],
            "median_hours": [1.0, 3.0, 96.0, 40.0],
            "is_administrative": [False, False, True, False],
        }
    )
    assert "slowest of the frequent steps: b → c (median 3.0 h)" in words.map_caption(frame)
