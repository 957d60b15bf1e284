"""Component trees: everything in them, and what they say."""

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component

__all__ = ["texts", "walk"]


def walk(tree: Any) -> Iterator[Component]:
    """Yield every component of a tree, wherever in a property it stands, parents first."""
    if isinstance(tree, Component):
        yield tree
        for name in tree._prop_names:
            yield from walk(getattr(tree, name, None))
    elif isinstance(tree, list | tuple):
        for child in tree:
            yield from walk(child)
    elif isinstance(tree, dict):
        yield from walk(list(tree.values()))


def texts(tree: Any) -> str:
    """Return what a tree says, its pieces joined by spaces."""
    if isinstance(tree, Component):
        return texts(getattr(tree, "children", None))
    if isinstance(tree, list | tuple):
        return " ".join(said for said in map(texts, tree) if said)
    return "" if tree is None else str(tree)
