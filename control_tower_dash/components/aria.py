"""Attributes for those who do not see the page."""

from typing import Any

__all__ = ["aria"]


def aria(*, label: str | None = None, labelledby: str | None = None, hidden: bool = False) -> Any:
    """Return `aria-` attributes as keyword arguments of a component."""
    given = {"aria-label": label, "aria-labelledby": labelledby}
    attributes = {name: value for name, value in given.items() if value}
    return attributes | ({"aria-hidden": "true"} if hidden else {})
