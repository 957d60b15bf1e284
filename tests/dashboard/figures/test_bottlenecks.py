"""The bottleneck page's figures carry the values of their frames and the way to the tickets."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from control_tower_dash.figures.bottlenecks import deviation_bars, group_bars
from control_tower_dash.figures.chains import MOST_BOXES, path_chain, variant_chains
from control_tower_dash.figures.flows import flow_chart, matrix
from control_tower_dash.figures.process_map import MOST_ARROWS, process_map


def _steps(*rows: tuple[str, str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "from_activity": a,
                "to_activity": b,
                "count": count,
                "share_of_from": count / 10,
                "median_hours": 2.0,
                "p90_hours": 5.0,
                "is_administrative": b == "closed",
                "tickets_behind": f"step={a}{b}",
            }
            for a, b, count in rows
        ]
    )


def test_the_map_says_how_much_traffic_comes_before_each_arrow() -> None:
    """The shares the slider compares with: none before the first, then adding up."""
    frame = _steps(("a", "b", 6), ("b", "closed", 3), ("b", "a", 1))
    graph = process_map(frame)["layout"]["meta"]
    assert graph["steps"] == 10
    assert [arrow["before"] for arrow in graph["arrows"]] == [0, 0.6, 0.9]
    assert [arrow["back"] for arrow in graph["arrows"]] == [False, False, True]
    assert [arrow["rest"] for arrow in graph["arrows"]] == [False, True, False]
    assert graph["arrows"][0]["behind"] == "step=ab"
    assert {node["name"]: node["count"] for node in graph["nodes"]} == {"a": 6, "b": 6, "closed": 3}
    assert all(len(node[flow]) == 2 for node in graph["nodes"] for flow in ("wide", "tall"))


def test_the_map_counts_steps_it_does_not_carry() -> None:
    """Beyond the most arrows none is sent, but shares are of all steps."""
    rows = [(f"a{at}", f"b{at}", 1) for at in range(MOST_ARROWS + 50)]
    graph = process_map(_steps(*rows))["layout"]["meta"]
    assert len(graph["arrows"]) == MOST_ARROWS
    assert (graph["steps"], graph["kinds"]) == (MOST_ARROWS + 50, MOST_ARROWS + 50)
    assert graph["arrows"][-1]["before"] == pytest.approx((MOST_ARROWS - 1) / (MOST_ARROWS + 50))


def test_the_matrix_is_blank_where_nothing_follows() -> None:
    """Rows lead, columns follow; cells without a step have neither colour nor text."""
    drawn = matrix(_steps(("a", "b", 10), ("b", "closed", 5)))
    trace = drawn["data"][0]
    row, column = trace["y"].index("a"), trace["x"].index("b")
    assert trace["z"][row][column] == 1.0
    assert trace["text"][row][column] == "100%"
    assert trace["customdata"][row][column] == "step=ab"
    assert trace["z"][column][row] is None
    assert trace["text"][column][row] == ""
    hours = drawn["layout"]["meta"]["views"]["hours"]
    assert hours["text"][row][column] == "2 h"


def test_the_flow_chart_links_nodes_by_their_places() -> None:
    """Every link finds its ends by name, and rework does not look like first times."""
    frame = pl.DataFrame(
        {
            "source": ["a", "b", "b"],
            "target": ["b", "a (2)", "other ways"],
            "from_activity": ["a", "b", "b"],
            "to_activity": ["b", "a", None],
            "tickets": [10, 3, 1],
            "tickets_behind": ["x=1", "x=2", None],
        }
    )
    trace = flow_chart(frame)["data"][0]
    names = trace["node"]["customdata"]
    ends = zip(trace["link"]["source"], trace["link"]["target"], strict=True)
    assert [(names[a], names[b]) for a, b in ends] == list(
        frame.select("source", "target").iter_rows()
    )
    assert trace["link"]["value"] == [10, 3, 1]
    assert trace["link"]["customdata"] == ["x=1", "x=2", None]
    assert len(set(trace["link"]["color"])) == 3


def _variants(*activities: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "activities": activities,
            "tickets": [3] * len(activities),
            "share": [0.5] * len(activities),
            "cumulative_share": [0.5] * len(activities),
            "median_cycle_hours": [4.0] * len(activities),
            "breach_rate": [0.25, None][: len(activities)],
            "tickets_behind": [f"variant={at}" for at in range(len(activities))],
        }
    )


def _boxes(drawn: Mapping[str, Any]) -> dict[tuple[int, int], tuple[str, Any]]:
    return {
        (row, round(base)): (trace["name"], behind)
        for trace in drawn["data"]
        if trace["type"] == "bar"
        for row, base, behind in zip(trace["y"], trace["base"], trace["customdata"], strict=True)
    }


def _texts(drawn: Mapping[str, Any]) -> list[str]:
    written = (trace["text"] for trace in drawn["data"] if trace.get("mode") == "text")
    return [text for texts in written for text in texts]


def test_variants_are_chains_in_their_order() -> None:
    """Each box is its activity at its place, and leads to the tickets of its variant."""
    drawn = variant_chains(_variants(["a", "b", "a"], ["b"]))
    assert _boxes(drawn) == {
        (0, 0): ("a", "variant=0"),
        (0, 1): ("b", "variant=0"),
        (0, 2): ("a", "variant=0"),
        (1, 0): ("b", "variant=1"),
    }
    titles = _texts(drawn)
    assert "25.0% breached" in titles[0]
    assert "breached" not in titles[1]


def test_a_long_variant_says_how_many_boxes_are_left_out() -> None:
    """A chain is cut, never silently."""
    drawn = variant_chains(_variants(["a", "b"] * MOST_BOXES))
    assert len(_boxes(drawn)) == MOST_BOXES
    assert f"+{MOST_BOXES}" in _texts(drawn)


def test_the_path_says_how_many_left_a_step_out() -> None:
    """Below each step stands its share."""
    frame = pl.DataFrame(
        {"activity": ["a", "b"], "path_name": ["p", "p"], "share_skipped": [0.125, None]}
    )
    assert _texts(path_chain(frame)) == ["p", "12.5%<br>left out", "not due"]


GROUPS = pl.DataFrame(
    {
        "group_name": ["Tier 2", "Tier 1"],
        "total_hours_in_group": [10.0, 20.0],
        "median_hours": [1.0, 2.0],
        "working_hours": [4.0, 8.0],
        "waiting_hours": [6.0, 12.0],
        "median_working_hours": [0.4, 0.8],
        "median_waiting_hours": [0.6, 1.2],
        "tickets_behind": ["through=2", "through=1"],
    }
)


def test_waiting_is_drawn_beside_work_where_it_is_known() -> None:
    """Two panels of two kinds of bars; without hands-on time, one kind."""
    split = group_bars(GROUPS)
    assert {(t["name"], t["xaxis"]): t["x"] for t in split["data"] if t["type"] == "bar"} == {
        ("Waiting", "x"): [12.0, 6.0],
        ("Waiting", "x2"): [1.2, 0.6],
        ("Worked on", "x"): [8.0, 4.0],
        ("Worked on", "x2"): [0.8, 0.4],
    }
    assert _texts(split)[:4] == ["12.0 h", "6.0 h", "1.2 h", "0.6 h"]
    # Without a place of its own, a kind of bars would lie on the other.
    asides = [(t["type"], t["offsetgroup"]) for t in split["data"] if t["xaxis"] == "x"]
    assert asides == [(t, name) for name in ("Waiting", "Worked on") for t in ("bar", "scatter")]
    unknown = group_bars(GROUPS.with_columns(pl.col("working_hours", "waiting_hours") * None))
    bars = [t["x"] for t in unknown["data"] if t["type"] == "bar"]
    assert bars == [[20.0, 10.0], [2.0, 1.0]]


def test_deviations_show_breaches_only_where_there_are_targets() -> None:
    """A third panel, unless no ticket has a target."""
    frame = pl.DataFrame(
        {
            "deviation": ["reopened"],
            "tickets": [7],
            "total_extra_hours": [21.0],
            "extra_cycle_hours": [3.0],
            "extra_breach_rate": [0.1],
            "tickets_behind": ["deviation=reopened"],
        }
    )
    drawn = deviation_bars(frame)
    bars = [trace for trace in drawn["data"] if trace["type"] == "bar"]
    assert _texts(drawn) == ["+21.0 h", "+3.0 h", "+10 points"]
    assert [trace["customdata"] for trace in bars] == [["deviation=reopened"]] * 3
    without = deviation_bars(frame.with_columns(extra_breach_rate=pl.lit(None)))
    assert _texts(without) == ["+21.0 h", "+3.0 h"]


def test_what_deviations_cost_stands_outside_of_their_bars() -> None:
    """On the left of bars that go left, on the right of others; unknown costs say so."""
    frame = pl.DataFrame(
        {
            "deviation": ["reopened", "skipped", "rare"],
            "tickets": [7, 5, 1],
            "total_extra_hours": [21.0, -5.0, None],
            "extra_cycle_hours": [3.0, -1.0, None],
            "extra_breach_rate": [None, None, None],
            "tickets_behind": ["a", "b", "c"],
        },
        schema_overrides={"extra_breach_rate": pl.Float64},
    )
    written = [one for one in deviation_bars(frame)["data"] if one["type"] == "scatter"]
    assert [one["textposition"] for one in written] == [
        ["middle right", "middle left", "middle right"]
    ] * 2
    assert written[0]["text"] == ["not comparable", "-5.0 h", "+21.0 h"]
    assert written[0]["x"] == [0, -5.0, 21.0]
