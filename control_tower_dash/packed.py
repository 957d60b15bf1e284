"""What a browser gets, kept as compressed JSON: a fraction of what it takes as objects."""

import zlib
from dataclasses import dataclass
from typing import Any, Self

import orjson
from dash.development.base_component import Component

__all__ = ["Packed", "plain"]

_FASTEST = 1


@dataclass(frozen=True)
class Packed:
    """Components, figures and rows, packed.

    Attributes:
        packed: The compressed JSON.
        is_whole: Whether nothing of it failed.
    """

    packed: bytes
    is_whole: bool

    @classmethod
    def of(cls, value: object, *, is_whole: bool) -> Self:
        """Return a value packed."""
        return cls(zlib.compress(_json(value), _FASTEST), is_whole)

    def value(self) -> Any:
        """Return the value in JSON's own types."""
        return orjson.loads(zlib.decompress(self.packed))


def plain(value: object) -> Any:
    """Return components, figures and rows in JSON's own types."""
    return orjson.loads(_json(value))


def _json(value: object) -> bytes:
    # Plotly's own function looks at each value of each row before it hands them on to orjson.
    return orjson.dumps(value, default=_plain_part, option=orjson.OPT_SERIALIZE_NUMPY)


def _plain_part(part: object) -> Any:
    if isinstance(part, Component):
        return part.to_plotly_json()
    raise TypeError(f"{type(part).__name__} has no place in an answer")
