"""Boxes apart, arrows from box to box."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower_dash.figures.layered import layered
from tests.examples import examples

ALONG, ACROSS = 0.37, 0.3
edges = st.dictionaries(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")),
    st.integers(1, 1000).map(float),
    min_size=1,
    max_size=20,
)


@given(edges)
@settings(max_examples=examples(200))
def test_boxes_never_overlap(weights: dict[tuple[str, str], float]) -> None:
    """Boxes of a layer stand one apart at least; layers are whole numbers."""
    nodes = layered(weights, half_along=ALONG, half_across=ACROSS).nodes
    assert set(nodes) == {node for edge in weights for node in edge}
    for (ax, ay), (bx, by) in combinations(nodes.values(), 2):
        assert ax == int(ax)
        assert ax != bx or abs(ay - by) >= 1 - 1e-9


@given(edges)
@settings(max_examples=examples(200))
def test_arrows_lead_from_edge_to_edge_of_their_boxes(
    weights: dict[tuple[str, str], float],
) -> None:
    """Those that go on leave at the end of a box; arcs leave at its side; none starts inside."""
    layout = layered(weights, half_along=ALONG, half_across=ACROSS)
    assert set(layout.arrows) == set(weights)
    for (a, b), arrow in layout.arrows.items():
        (ax, ay), (bx, by) = layout.nodes[a], layout.nodes[b]
        (sx, sy), (ex, ey) = arrow.points[0], arrow.points[-1]
        if arrow.is_arc:
            assert bx <= ax
            assert abs(abs(sy - ay) - ACROSS) < 2e-3
            assert abs(abs(ey - by) - ACROSS) < 2e-3
            assert max(abs(sx - ax), abs(ex - bx)) < ALONG
        else:
            assert bx > ax
            assert (sx, ex) == pytest.approx((ax + ALONG, bx - ALONG), abs=2e-3)
            assert (sy, ey) == pytest.approx((ay, by), abs=2e-3)


def test_rework_leads_back_and_a_rare_shortcut_moves_nobody() -> None:
    """A chain with a step back: the chain in its layers, the step back as an arc."""
    weights = {("a", "b"): 100.0, ("b", "c"): 90.0, ("c", "b"): 30.0, ("a", "c"): 1.0}
    layout = layered(weights, half_along=ALONG, half_across=ACROSS)
    assert {name: along for name, (along, _) in layout.nodes.items()} == {"a": 0, "b": 1, "c": 2}
    back = {edge for edge, arrow in layout.arrows.items() if arrow.is_back}
    assert back == {("c", "b")}
