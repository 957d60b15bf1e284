"""How a browser asks for a page's figures, without the browser."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["question"]


def question(
    dependencies: Sequence[Mapping[str, Any]], page: str, search: str = "", path: str = "/"
) -> dict[str, Any]:
    """Return the body of the POST to `/_dash-update-component` that fills a page.

    Args:
        dependencies: What `/_dash-dependencies` answers.
        page: Name of the page.
        search, path: Of its address.
    """
    shown = f'{{"page":"{page}","type":"shown"}}.data'
    found = next(one for one in dependencies if shown in one["output"])
    outputs = [_output(text) for text in found["output"][2:-2].split("...")]
    values = {"search": search, "data": None, "pathname": path}
    return {
        "output": found["output"],
        "outputs": outputs,
        "inputs": [{**one, "value": values[one["property"]]} for one in found["inputs"]],
        "state": [{**one, "value": values[one["property"]]} for one in found["state"]],
        "changedPropIds": ["url.search"],
    }


def _output(text: str) -> dict[str, Any]:
    name, property_name = text.rsplit(".", 1)
    return {
        "id": json.loads(name) if name.startswith("{") else name,
        "property": property_name,
    }
