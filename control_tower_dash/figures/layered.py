"""Where the boxes and arrows of a directed graph go: layer by layer, as Sugiyama et al. (1981).

The graph is made acyclic by an order that lets most of the traffic lead forward; boxes stand in
the layer of their longest path; within a layer they are ordered by the barycentre of their
neighbours. Steps back, which are rework, run as arcs outside.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from control_tower_dash.forward_order import forward_order

__all__ = ["Arrow", "Layout", "layered"]

Point: TypeAlias = tuple[float, float]
Node: TypeAlias = "str | tuple[str, str, int]"

_SWEEPS: Final = 8
_BACKBONE: Final = 0.1
_BEND_ROOM: Final = 0.55
_SAMPLES: Final = 10


@dataclass(frozen=True)
class Arrow:
    """Way of an arrow from box to box.

    Attributes:
        points: Places along the flow and across it.
        is_back: Whether it leads back.
        is_arc: Whether it leaves and arrives at the side of the boxes.
    """

    points: tuple[Point, ...]
    is_back: bool
    is_arc: bool


@dataclass(frozen=True)
class Layout:
    """Places in units of layers along the flow and of boxes across it.

    Attributes:
        nodes: Centre of each node's box.
        arrows: Way of each edge, by its ends.
    """

    nodes: Mapping[str, Point]
    arrows: Mapping[tuple[str, str], Arrow]


def layered(
    weights: Mapping[tuple[str, str], float],
    *,
    half_along: float,
    half_across: float,
    arc_room: float = 0.35,
) -> Layout:
    """Return where boxes and arrows go.

    Args:
        weights: Traffic of each edge, by its ends.
        half_along, half_across: Half the size of a box, where layers are one apart and boxes of a
            layer one apart at least.
        arc_room: Room across the flow for each arc beside the boxes.
    """
    order = {node: place for place, node in enumerate(forward_order(weights))}
    layer = _layers(weights, order)
    forward = [edge for edge in weights if layer[edge[1]] > layer[edge[0]]]
    chains: dict[tuple[str, str], list[Node]] = {
        (a, b): [a, *[(a, b, at) for at in range(layer[a] + 1, layer[b])], b] for a, b in forward
    }
    across = _across(layer, chains, weights)
    nodes = {name: (float(at), across[name]) for name, at in layer.items()}
    arrows = {
        edge: Arrow(
            _way(edge, chain, layer, across, half_along), _is_back(edge, order), is_arc=False
        )
        for edge, chain in chains.items()
    }
    others = sorted(
        (edge for edge in weights if edge not in chains),
        key=lambda edge: (-weights[edge], abs(layer[edge[0]] - layer[edge[1]])),
    )
    arcs = _arcs(others, nodes, (half_across, arc_room))
    arrows |= {edge: Arrow(way, _is_back(edge, order), is_arc=True) for edge, way in arcs.items()}
    return Layout(nodes, arrows)


def _is_back(edge: tuple[str, str], order: Mapping[str, int]) -> bool:
    return order[edge[1]] <= order[edge[0]]


def _layers(weights: Mapping[tuple[str, str], float], order: Mapping[str, int]) -> dict[str, int]:
    """Return each node's layer: its longest way from the start over steps that are not rare.

    A rare step forward must not push everything after it one layer on.
    """
    leaving: dict[str, float] = defaultdict(float)
    coming: dict[str, float] = defaultdict(float)
    for (a, b), weight in weights.items():
        leaving[a] += weight
        coming[b] += weight
    layer = dict.fromkeys(order, 0)
    before: dict[str, list[str]] = defaultdict(list)
    for (a, b), weight in weights.items():
        is_main = weight >= _BACKBONE * min(leaving[a], coming[b])
        if order[a] < order[b] and is_main:
            before[b].append(a)
    for node in order:
        layer[node] = max((layer[other] + 1 for other in before[node]), default=0)
    # What nothing main leads to stands right before what it leads to, not at the start.
    for node in reversed(list(order)):
        after = [layer[b] for (a, b) in weights if a == node and order[b] > order[node]]
        if not before[node] and after and min(after) - 1 > layer[node]:
            layer[node] = min(after) - 1
    return layer


def _across(
    layer: Mapping[str, int],
    chains: Mapping[tuple[str, str], Sequence[Node]],
    weights: Mapping[tuple[str, str], float],
) -> dict[Node, float]:
    """Return the place of nodes and bends across the flow."""
    ranks: dict[int, list[Node]] = defaultdict(list)
    for name, at in layer.items():
        ranks[at].append(name)
    near: dict[Node, list[tuple[Node, float, int]]] = defaultdict(list)
    for edge, chain in chains.items():
        for step, (a, b) in enumerate(pairwise(chain)):
            if isinstance(b, tuple):
                ranks[layer[edge[0]] + step + 1].append(b)
            near[a].append((b, weights[edge], 1))
            near[b].append((a, weights[edge], -1))
    place: dict[Node, float] = {}
    for rank in ranks.values():
        place |= {node: at - (len(rank) - 1) / 2 for at, node in enumerate(rank)}
    layers = sorted(ranks)
    traffic = {node: sum((weight for _, weight, _ in near[node]), start=1e-9) for node in place}
    for sweep in range(_SWEEPS):
        towards = -1 if sweep % 2 == 0 else 1
        for at in layers if towards < 0 else reversed(layers):
            pull = {
                node: _barycentre(near[node], place, towards, place[node]) for node in ranks[at]
            }
            ranks[at].sort(key=lambda node: pull[node])
            place |= _spread(ranks[at], pull, traffic)
    for at in layers:
        pull = {node: _barycentre(near[node], place, 0, place[node]) for node in ranks[at]}
        place |= _spread(ranks[at], pull, traffic)
    return place


def _barycentre(
    near: Iterable[tuple[Node, float, int]],
    place: Mapping[Node, float],
    towards: int,
    otherwise: float,
) -> float:
    pulls = [(place[node], weight) for node, weight, side in near if towards in (0, side)]
    total = sum(weight for _, weight in pulls)
    return sum(at * weight for at, weight in pulls) / total if total else otherwise


def _spread(
    rank: Sequence[Node], wanted: Mapping[Node, float], weights: Mapping[Node, float]
) -> dict[Node, float]:
    """Return places in this order, as near those wanted as room for boxes and bends allows.

    The sum of squared distances, weighed by traffic, is the least: isotonic regression, by pooling
    adjacent violators.
    """
    taken = [0.0]
    for a, b in pairwise(rank):
        is_box = isinstance(a, str) and isinstance(b, str)
        taken.append(taken[-1] + (1.0 if is_box else _BEND_ROOM))
    pools: list[tuple[float, float, int]] = []
    for node, room in zip(rank, taken, strict=False):
        pools.append((wanted[node] - room, weights[node], 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (high, heavy, many), (low, light, few) = pools[-2:]
            pools[-2:] = [
                ((high * heavy + low * light) / (heavy + light), heavy + light, many + few)
            ]
    places = [place for place, _, count in pools for _ in range(count)]
    return {node: at + room for node, at, room in zip(rank, places, taken, strict=False)}


def _way(
    edge: tuple[str, str],
    chain: Sequence[Node],
    layer: Mapping[str, int],
    across: Mapping[Node, float],
    half_along: float,
) -> tuple[Point, ...]:
    first = layer[edge[0]]
    stops = [(first + step, across[node]) for step, node in enumerate(chain)]
    points: list[Point] = []
    for step, ((along, a), (beyond, b)) in enumerate(pairwise(stops)):
        begins = along + half_along if step == 0 else along
        ends = beyond - half_along if step == len(stops) - 2 else beyond
        for sample in range(_SAMPLES + 1):
            t = sample / _SAMPLES
            points.append((begins + (ends - begins) * t, a + (b - a) * t * t * (3 - 2 * t)))
    return tuple(dict.fromkeys(_rounded(points)))


def _arcs(
    edges: Sequence[tuple[str, str]],
    nodes: Mapping[str, Point],
    sizes: tuple[float, float],
) -> dict[tuple[str, str], tuple[Point, ...]]:
    """Return arcs beside the boxes, the first ones inside those after them."""
    half_across, room = sizes
    arcs: dict[tuple[str, str], tuple[Point, ...]] = {}
    used: dict[int, list[tuple[float, float, float]]] = {-1: [], 1: []}
    for a, b in edges:
        (ax, ay), (bx, by) = nodes[a], nodes[b]
        low, high = min(ax, bx) - 0.2, max(ax, bx) + 0.2
        between = [y for x, y in nodes.values() if low <= x <= high]
        peaks = {}
        for side in (-1, 1):
            peak = max(side * y for y in between) + half_across + room
            for begins, ends, taken in used[side]:
                if begins < high and low < ends:
                    peak = max(peak, taken + room)
            peaks[side] = peak
        side = min(peaks, key=lambda s: (round(peaks[s] - s * (ay + by) / 2, 3), -s))
        used[side].append((low, high, peaks[side]))
        shift = 0.16 if ax >= bx else -0.16
        start, end = (ax - shift, ay + side * half_across), (bx + shift, by + side * half_across)
        if a == b:
            start, end = (ax - 0.2, start[1]), (bx + 0.2, end[1])
        control = (side * peaks[side] - (start[1] + end[1]) / 8) / 0.75
        arcs[a, b] = _bezier(start, end, control)
    return arcs


def _bezier(start: Point, end: Point, control: float) -> tuple[Point, ...]:
    """Return a cubic curve that leaves and arrives straight across the flow."""
    points = []
    for sample in range(2 * _SAMPLES + 1):
        t = sample / (2 * _SAMPLES)
        s = 1 - t
        weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
        along = (start[0], start[0], end[0], end[0])
        over = (start[1], control, control, end[1])
        points.append(
            (
                sum(w * x for w, x in zip(weights, along, strict=True)),
                sum(w * y for w, y in zip(weights, over, strict=True)),
            )
        )
    return tuple(_rounded(points))


def _rounded(points: Iterable[Point]) -> list[Point]:
    return [(round(x, 3), round(y, 3)) for x, y in points]
