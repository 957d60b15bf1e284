"""Arrow's streams as Polars takes them, without PyArrow: that would take a worker 40 MB."""

from typing import Protocol

import polars as pl

__all__ = ["Streamed", "frame_of_stream"]


class Streamed(Protocol):
    """Whatever can be read as a stream of Arrow's, such as a relation of DuckDB's."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the capsule of the stream."""
        ...


class _Stream:
    """A stream that Polars may remember the type of, which holds no other library to the end."""

    def __init__(self, source: Streamed) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._source.__arrow_c_stream__(requested_schema)


def frame_of_stream(source: Streamed) -> pl.DataFrame:
    """Return all there is in a stream; an error of its source comes as one of Polars'."""
    return pl.DataFrame(_Stream(source))
