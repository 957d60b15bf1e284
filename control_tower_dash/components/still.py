"""Parts of a page that are only looked at: drawn at once, not component by component."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from dash import dcc
from dash.development.base_component import Component

__all__ = ["Still", "still"]

_HTML: Final = "dash_html_components"


class Still(Component):
    """Plain elements and links that no callback reads or writes, drawn by `assets/still.js`.

    Dash keeps a place, a state and three subscriptions for every component it draws, and asks each
    of them at every change of a page. What stands still needs none of that.

    Attributes:
        tree: Components of `dash.html`, links of `dash.dcc`, texts and numbers.
    """

    _namespace = "control_tower_dash"
    _type = "Still"

    def __init__(self, tree: Sequence[Any]) -> None:
        """Take what is to be drawn."""
        self._prop_names = ["tree"]
        self._children_props: list[str] = []
        self._base_nodes: list[str] = []
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = ["tree"]
        self.available_wildcard_properties: list[str] = []
        super().__init__(tree=tree)  # type: ignore[no-untyped-call]


def still(parts: Iterable[Any]) -> list[Any]:
    """Return parts of a page with all that can stand still gathered as far up as it goes."""
    found: list[Any] = []
    for stands_still, run in groupby(parts, _stands_still):
        if stands_still:
            together = list(run)
            is_text = len(together) == 1 and not isinstance(together[0], Component)
            found += together if is_text else [Still(together)]
        else:
            found += [_with_still_parts(one) for one in run]
    return found


def _children(part: Component) -> list[Any]:
    inside = getattr(part, "children", None)
    if inside is None:
        return []
    return list(inside) if isinstance(inside, list | tuple) else [inside]


def _stands_still(part: Any) -> bool:
    if not isinstance(part, Component):
        return True
    # What has an id of several parts is read or written by a callback.
    if isinstance(getattr(part, "id", None), dict):
        return False
    is_plain = part._namespace == _HTML or isinstance(part, dcc.Link)
    return is_plain and all(map(_stands_still, _children(part)))


def _with_still_parts(part: Any) -> Any:
    if isinstance(part, Component) and part._namespace == _HTML and _children(part):
        part.children = still(_children(part))
    return part
