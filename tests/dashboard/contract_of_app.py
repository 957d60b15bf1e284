"""An app as a browser gets it: every layout, every callback, and what they do not keep to."""

import importlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dash import Dash
from dash._utils import to_json
from flask.testing import FlaskClient

from control_tower_dash.components.card import chart
from control_tower_dash.metrics import METRICS
from control_tower_dash.pages.page import Page
from tests.dashboard.asking import asked_of, outputs_of

__all__ = ["Seen", "breaches", "look_at"]

_MODULES: Final = {
    "dash_html_components": "dash.html",
    "dash_core_components": "dash.dcc",
}
_ANY: Final = (["ALL"], ["MATCH"], ["ALLSMALLER"])


@dataclass
class Seen:
    """What an app shows.

    Attributes:
        dependencies: Its callbacks.
        views: The frame with a page in it, layout and all that callbacks put there, by page.
        others: What other callbacks put into the frame.
    """

    dependencies: Sequence[Mapping[str, Any]]
    views: dict[str, list[Any]] = field(default_factory=dict)
    others: list[Any] = field(default_factory=list)


def look_at(app: Dash, pages: Sequence[Page], keys: Mapping[str, str]) -> Seen:
    """Return what an app shows on each page; run every callback the server has.

    Args:
        app: Over a data directory with a snapshot.
        pages: Its pages.
        keys: Of the pages that need one in their path, by their option.
    """
    browser = app.server.test_client()
    seen = Seen(browser.get("/_dash-dependencies").json or [])
    frame = browser.get("/_dash-layout").json
    for page in pages:
        path = f"{page.path}/{keys[page.option]}" if page.option else page.path
        show = next(one for one in seen.dependencies if one["output"] == "page.children")
        seen.views[page.name] = [
            frame,
            _answer(browser, asked_of(show, {"pathname": path})),
            browser.get(f"/answer{path}").json,
        ]
    charted = [one.name for page in pages if not page.option for one in page.elements if one.figure]
    for one in seen.dependencies:
        if one["clientside_function"] or one["output"] == "page.children":
            continue
        values = {"search": "", "pathname": "/", "data": None}
        asked: list[dict[str, Any]] = [{"data": {"element": name}} for name in charted]
        for each in asked if "table-content" in one["output"] else [{}]:
            seen.others.append(_answer(browser, asked_of(one, {**values, **each})))
    return seen


def _answer(browser: FlaskClient, body: Mapping[str, Any]) -> Any:
    answer = browser.post("/_dash-update-component", json=body)
    assert answer.status_code == 200, (body["output"], answer.text[:300])
    return answer.json


def _components(tree: Any, *, still: bool = True) -> Iterator[dict[str, Any]]:
    """Yield every component of a tree as the browser gets it, parents first.

    Args:
        tree: Of components, in JSON's types.
        still: Whether also what stands still, which callbacks cannot reach.
    """
    if isinstance(tree, dict):
        if {"namespace", "type", "props"} <= tree.keys():
            yield tree
            if tree["type"] == "Still" and not still:
                return
        for value in tree.values():
            yield from _components(value, still=still)
    elif isinstance(tree, list):
        for value in tree:
            yield from _components(value, still=still)


def breaches(seen: Seen, pages: Sequence[Page]) -> list[str]:
    """Return a sentence for everything an app does not keep to."""
    return [
        *_dangling(seen),
        *_twice(seen),
        *_charts_of_others(seen, pages),
        *_unplaced(seen, pages),
        *_undefined(seen, pages),
    ]


def _dangling(seen: Seen) -> Iterator[str]:
    """Every id and property a callback names exists."""
    there: dict[str, tuple[Any, dict[str, Any]]] = {}
    for component in _components([*seen.views.values(), seen.others], still=False):
        name = component["props"].get("id")
        if name is not None:
            there.setdefault(json.dumps(name, sort_keys=True), (name, component))
    for one in seen.dependencies:
        named = [*outputs_of(one)]
        named += [(each["id"], each["property"]) for each in (*one["inputs"], *one["state"])]
        for text, prop in named:
            wanted = json.loads(text) if text.startswith("{") else text
            found = [component for name, component in there.values() if _is(wanted, name)]
            if not found:
                yield f"{one['output'][:80]}: nothing has the id {text}"
            yield from (
                f"{one['output'][:80]}: {text} has no {prop}"
                for component in found
                if prop not in _properties(component)
            )


def _is(wanted: Any, name: Any) -> bool:
    if not isinstance(wanted, dict) or not isinstance(name, dict):
        return bool(wanted == name)
    same = wanted.keys() == name.keys()
    return same and all(value in _ANY or value == name[key] for key, value in wanted.items())


def _properties(component: Mapping[str, Any]) -> Sequence[str]:
    module = importlib.import_module(_MODULES.get(component["namespace"], component["namespace"]))
    made = getattr(module, component["type"])(**component["props"])
    names: Sequence[str] = made._prop_names
    return names


def _twice(seen: Seen) -> Iterator[str]:
    """No id is on a page twice."""
    for page, view in seen.views.items():
        names = Counter(
            json.dumps(component["props"]["id"], sort_keys=True)
            for component in _components(view)
            if "id" in component["props"]
        )
        yield from (f"{page}: {name} is there {n} times" for name, n in names.items() if n > 1)


def _charts_of_others(seen: Seen, pages: Sequence[Page]) -> Iterator[str]:
    """Every chart is, to the letter, what the one factory makes of an element."""
    elements = {one.name: one for page in pages for one in page.elements}
    for page, view in seen.views.items():
        made = [
            json.dumps(component, sort_keys=True)
            for component in _components(view)
            if component["type"] == "Div" and component["props"].get("className") == "chart-body"
        ]
        for graph in (one for one in _components(view) if one["type"] == "Graph"):
            name = graph["props"].get("id")
            element = elements.get(name.get("element", "")) if isinstance(name, dict) else None
            wanted = element and json.dumps(json.loads(to_json(chart(element))), sort_keys=True)
            if wanted not in made:
                yield f"{page}: the chart {json.dumps(name, sort_keys=True)} is not the factory's"


def _unplaced(seen: Seen, pages: Sequence[Page]) -> Iterator[str]:
    """Every element of a page has its heading, sentence and files there, every block its place."""
    for page in pages:
        attributes = [one["props"] for one in _components(seen.views[page.name])]
        ids = [one.get("id") for one in attributes]
        menus = [one.get("data-element") for one in attributes]
        for element in page.elements:
            wanted: list[Any] = [
                f"heading-{element.name}",
                *({"type": kind, "element": element.name} for kind in ("state", "caption", "body")),
            ]
            yield from (f"{page.name}: {one} is missing" for one in wanted if one not in ids)
            if element.name not in menus:
                yield f"{page.name}: {element.name} has no menu of its files"
        places = [{"type": "block", "block": one.name} for one in page.blocks]
        yield from (f"{page.name}: {one} is missing" for one in places if one not in ids)


def _undefined(seen: Seen, pages: Sequence[Page]) -> Iterator[str]:
    """Every figure on a card is a metric with its definition; every metric in a table has one."""
    shown: set[str] = set()
    labels = {metric.label for metric in METRICS.values()}
    for page, view in seen.views.items():
        for card in _components(view):
            name = str(card["props"].get("id") or "")
            if not name.startswith("kpi-"):
                continue
            metric = METRICS.get(name.removeprefix("kpi-"))
            shown.add(name.removeprefix("kpi-"))
            said = [one["props"].get("title") for one in _components(card)]
            if metric is None or metric.definition not in said:
                yield f"{page}: {name} is not defined"
    for element in (one for page in pages for one in page.elements):
        for column in element.columns:
            shown |= {name for name, one in METRICS.items() if one.definition == column.meaning}
            # Tickets of any kind are counted under this name.
            is_metric = column.name in METRICS.keys() - {"tickets"} or column.label in labels
            if is_metric and not column.meaning:
                yield f"{element.name}: {column.label} does not say what it means"
    yield from (f"{name} is defined and shown nowhere" for name in METRICS.keys() - shown)
