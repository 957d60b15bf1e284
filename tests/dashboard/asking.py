"""How a browser asks the callbacks of its pages, without the browser."""

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["asked_of", "outputs_of"]


def asked_of(dependency: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of the POST that runs a callback.

    Args:
        dependency: One of what `/_dash-dependencies` answers.
        values: What inputs and states are, by the property's name, else null; patterns find none.
    """
    outputs = [{"id": _id(name), "property": prop} for name, prop in outputs_of(dependency)]

    def valued(one: Mapping[str, Any]) -> Any:
        if isinstance(_id(one["id"]), dict) and "ALL" in one["id"]:
            return []
        return {**one, "value": values.get(one["property"])}

    return {
        "output": dependency["output"],
        "outputs": outputs if dependency["output"].startswith("..") else outputs[0],
        "inputs": [valued(one) for one in dependency["inputs"]],
        "state": [valued(one) for one in dependency["state"]],
        "changedPropIds": [f"{one['id']}.{one['property']}" for one in dependency["inputs"]],
    }


def outputs_of(dependency: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the ids, as text, and the properties a callback writes."""
    text: str = dependency["output"]
    parts = text[2:-2].split("...") if text.startswith("..") else [text]
    # What others write, too, has a mark behind it.
    pairs = (part.split("@")[0].rsplit(".", 1) for part in parts)
    return [(name, prop) for name, prop in pairs]


def _id(text: str) -> Any:
    return json.loads(text) if text.startswith("{") else text
