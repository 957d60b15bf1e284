"""The order most traffic follows."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower_dash.forward_order import forward_order
from tests.examples import examples

edges = st.dictionaries(
    st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")),
    st.integers(1, 100).map(float),
    max_size=12,
)


def _forward(order: list[str], weights: dict[tuple[str, str], float]) -> float:
    place = {node: at for at, node in enumerate(order)}
    return sum(weight for (a, b), weight in weights.items() if place[a] < place[b])


@given(edges)
@settings(max_examples=examples(150))
def test_no_single_move_helps_and_half_the_weight_leads_forward(
    weights: dict[tuple[str, str], float],
) -> None:
    """Every node is there once; the order is at its best but for moving several nodes."""
    order = forward_order(weights)
    assert sorted(order) == sorted({node for edge in weights for node in edge})
    found = _forward(order, weights)
    for node in order:
        rest = [other for other in order if other != node]
        for at in range(len(order)):
            assert _forward([*rest[:at], node, *rest[at:]], weights) <= found
    total = sum(weight for (a, b), weight in weights.items() if a != b)
    assert found >= total / 2


def test_what_has_no_way_back_is_in_its_only_order() -> None:
    """A chain in any order of its edges comes out as the chain."""
    chain = {("a", "b"): 1.0, ("b", "c"): 1.0, ("c", "d"): 1.0}
    for items in permutations(chain.items()):
        assert forward_order(dict(items)) == ["a", "b", "c", "d"]


def test_the_heavier_way_wins() -> None:
    """Of two opposite steps the more frequent one leads forward; loops do not count."""
    weights = {("a", "b"): 3.0, ("b", "a"): 5.0, ("a", "a"): 99.0}
    assert forward_order(weights) == ["b", "a"]
