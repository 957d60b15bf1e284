"""What a browser gets, kept as compressed JSON: a fraction of what it takes as objects."""

import zlib
from dataclasses import dataclass
from typing import Any, Self

import orjson
from plotly.io.json import to_json_plotly

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
        return cls(zlib.compress(to_json_plotly(value).encode(), _FASTEST), is_whole)

    def value(self) -> Any:
        """Return the value in JSON's own types."""
        return orjson.loads(zlib.decompress(self.packed))


def plain(value: object) -> Any:
    """Return components, figures and rows in JSON's own types."""
    return orjson.loads(to_json_plotly(value))
