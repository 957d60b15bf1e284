"""What a page may ask its callbacks: checked before Dash reads it, which trusts its own pages."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Response, request

if TYPE_CHECKING:
    from dash import Dash

__all__ = ["require_questions"]

_PATH: Final = "/_dash-update-component"
_TEXTS: Final = ("search", "pathname", "data")
"""Properties that hold parts of the address, or a snapshot's id."""
_CHOICE: Final = "table-asked"
"""What holds the element whose table a reader asked for."""


def require_questions(app: "Dash") -> None:
    """Answer 400 to what no page of the app asks, instead of failing half way."""
    server: Flask = app.server

    @server.before_request
    def refuse() -> Response | None:
        if request.path != _PATH or request.method != "POST":
            return None
        if _is_question(request.get_json(silent=True), app.callback_map):
            return None
        return Response(
            "This is no question of the dashboard's pages; load the page again.\n",
            status=400,
            mimetype="text/plain",
        )


def _is_question(body: Any, known: Mapping[str, Mapping[str, Any]]) -> bool:
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    asked = known.get(body["output"])
    changed = body.get("changedPropIds")
    return (
        asked is not None
        and isinstance(changed, list)
        and all(isinstance(name, str) for name in changed)
        and _are_places(body.get("outputs"), body["output"])
        and _are_values(body.get("inputs"), len(asked["inputs"]))
        and _are_values(body.get("state", []), len(asked["state"]))
    )


def _are_places(outputs: Any, named: str) -> bool:
    """Return whether these are the outputs a callback is named after."""
    if not named.startswith(".."):
        return _is_property(outputs)
    count = len(named.split("..."))
    return isinstance(outputs, list) and len(outputs) == count and all(map(_is_property, outputs))


def _is_property(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("property"), str)
        and isinstance(one.get("id"), (str, dict))
    )


def _are_values(values: Any, count: int) -> bool:
    return isinstance(values, list) and len(values) == count and all(map(_is_value, values))


def _is_value(value: Any) -> bool:
    """Return whether this is a property and its value, or those that a pattern found."""
    if isinstance(value, list):
        return all(isinstance(one, dict) and _is_value(one) for one in value)
    if not _is_property(value):
        return False
    if value["property"] not in _TEXTS:
        return True
    held = value.get("value")
    if value["id"] == _CHOICE and isinstance(held, dict):
        held = held.get("element")
    return isinstance(held, (str, type(None)))
