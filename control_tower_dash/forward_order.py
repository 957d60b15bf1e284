"""An order of a graph's nodes that lets most of the traffic lead forward.

The weighted heuristic of Eades, Lin and Smyth, "A fast and effective heuristic for the feedback
arc set problem" (1993), and then single nodes are moved as long as it helps.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

__all__ = ["forward_order"]

_PASSES: Final = 6


def forward_order(weights: Mapping[tuple[str, str], float]) -> list[str]:
    """Return the nodes in an order that lets most of the weight lead forward.

    Args:
        weights: Weight of each edge, by its ends; loops count for nothing.
    """
    out: dict[str, dict[str, float]] = defaultdict(dict)
    into: dict[str, dict[str, float]] = defaultdict(dict)
    left: dict[str, None] = {}
    for (a, b), weight in weights.items():
        left |= {a: None, b: None}
        if a != b:
            out[a][b] = weight
            into[b][a] = weight
    first: list[str] = []
    last: list[str] = []

    def take(node: str, place: list[str]) -> None:
        place.append(node)
        del left[node]
        for other in out.pop(node, {}):
            into[other].pop(node, None)
        for other in into.pop(node, {}):
            out[other].pop(node, None)

    while left:
        for sink in [node for node in left if not out[node] and into[node]]:
            take(sink, last)
        source = next((node for node in left if not into[node]), None)
        if source is not None:
            take(source, first)
        elif left:
            take(max(left, key=lambda n: sum(out[n].values()) - sum(into[n].values())), first)
    return _improved(first + last[::-1], weights)


def _improved(order: list[str], weights: Mapping[tuple[str, str], float]) -> list[str]:
    """Return the order after moving single nodes as long as that lets more weight lead forward."""
    near: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (a, b), weight in weights.items():
        # What is gained if the other one stands after the node.
        near[a][b] += weight
        near[b][a] -= weight
    for _ in range(_PASSES):
        has_moved = False
        for node in list(order):
            at = order.index(node)
            gains = [0.0] * len(order)
            for step in range(at + 1, len(order)):
                gains[step] = gains[step - 1] - near[node].get(order[step], 0.0)
            for step in range(at - 1, -1, -1):
                gains[step] = gains[step + 1] + near[node].get(order[step], 0.0)
            best = max(range(len(order)), key=lambda step: (gains[step], -abs(step - at)))
            if gains[best] > 0:
                order.insert(best, order.pop(at))
                has_moved = True
        if not has_moved:
            break
    return order
