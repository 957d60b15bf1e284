"""Ways with rework unrolled: nothing flows back, and what flows in flows out."""

from collections import defaultdict
from graphlib import TopologicalSorter

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower_dash.queries.unrolled import OTHER_WAYS, unrolled
from tests.examples import examples

ways = st.lists(
    st.tuples(st.lists(st.sampled_from("abcde"), min_size=1, max_size=9), st.integers(1, 500)),
    min_size=1,
    max_size=12,
)


def _frame(*variants: tuple[list[str], int]) -> pl.DataFrame:
    return pl.DataFrame(
        list(variants),
        schema={"activities": pl.List(pl.String), "tickets": pl.Int64},
        orient="row",
    )


def _links(frame: pl.DataFrame) -> dict[tuple[str, str], int]:
    return {(a, b): n for a, b, n in unrolled(frame).select("source", "target", "tickets").rows()}


def test_times_at_an_activity_are_told_apart() -> None:
    """Second time, then third and later in one; a step within the third is none."""
    links = _links(_frame((["a", "b", "a", "b", "a", "a", "a"], 7)))
    assert links == {
        ("a", "b"): 7,
        ("b", "a (2)"): 7,
        ("a (2)", "b (2)"): 7,
        ("b (2)", "a (3+)"): 7,
    }


def test_the_rarer_order_is_marked_where_it_turns() -> None:
    """Most do a before b; those who do b first come to an a of its own."""
    links = _links(_frame((["a", "b", "c"], 90), (["b", "a", "c"], 10)))
    assert links[("a", "b")] == 90
    assert links[("b", "a ↺")] == 10
    assert links[("a ↺", "c ↺")] == 10


def test_rare_steps_leave_into_other_ways_once() -> None:
    """A ticket in a thousand is drawn up to where it leaves, and no further."""
    links = _links(_frame((["a", "b", "c"], 999), (["a", "d", "e"], 1)))
    assert links == {("a", "b"): 999, ("b", "c"): 999, ("a", OTHER_WAYS): 1}


@given(ways)
@settings(max_examples=examples(200))
def test_nothing_flows_back(variants: list[tuple[list[str], int]]) -> None:
    """The links of any ways have an order that all of them follow."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for source, target in _links(_frame(*variants)):
        sorter.add(target, source)
    sorter.prepare()


@given(ways)
@settings(max_examples=examples(200))
def test_what_flows_out_has_flowed_in_or_begins_there(
    variants: list[tuple[list[str], int]],
) -> None:
    """No node sends more than came to it and began at it; tickets that begin are all there."""
    into: dict[str, int] = defaultdict(int)
    out: dict[str, int] = defaultdict(int)
    for (source, target), tickets in _links(_frame(*variants)).items():
        out[source] += tickets
        into[target] += tickets
    begins: dict[str, int] = defaultdict(int)
    for activities, tickets in variants:
        if len(activities) > 1:
            begins[activities[0]] += tickets
    for node, tickets in out.items():
        assert tickets <= into[node] + begins[node]
    assert OTHER_WAYS not in out


def test_no_ways_make_no_links() -> None:
    """An empty period is no error."""
    assert unrolled(_frame()).is_empty()
