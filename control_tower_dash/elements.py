"""What pages are made of, told without Dash: a query, the figure or the columns, the words."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import polars as pl

from control_tower_dash.filters import DIMENSIONS, Filters
from control_tower_dash.formats import Kind
from control_tower_dash.metrics import METRICS
from control_tower_dash.warehouse import Reader

__all__ = [
    "ALL_FILTERS",
    "HAS_SLA",
    "NO_SLA",
    "Column",
    "Element",
    "Figure",
    "Query",
    "frame_of",
    "metric_column",
    "not_filtered_by",
]

Figure: TypeAlias = dict[str, Any]
Query: TypeAlias = Callable[[Reader, Filters], pl.DataFrame]

HAS_SLA: Final = "select 1 from marts.sla limit 1"
"""Finds a row where the source has SLA policies."""

NO_SLA: Final = "This source has no SLA policies, so no target can be kept or missed."

ALL_FILTERS: Final = frozenset({"period", *DIMENSIONS})


@dataclass(frozen=True)
class Column:
    """A column of a table: its name in the frame, its heading, how it reads, what it means.

    A column of kind `ticket` holds ticket keys and links to the ticket's page. One of kind `drill`
    holds the part of a URL's query that leads to the tickets behind the row.
    """

    name: str
    label: str
    kind: Kind = "text"
    meaning: str = ""
    width: int | None = None


def metric_column(name: str, label: str = "") -> Column:
    """Return the column of a metric, with its definition; its own label if none is given."""
    metric = METRICS[name]
    return Column(name, label or metric.label, metric.kind, metric.definition)


@dataclass(frozen=True)
class Element:
    """A chart, or without a figure a table, of a page.

    Attributes:
        name: Unique over all pages: its id, and the name of files exported from it.
        title: Heading people read.
        query: What it shows, the same frame for figure, table and export.
        columns: Columns of that frame to show as a table and to export, in their order.
        figure: Makes of the frame a figure without a template. A point's `customdata`, where it
            has one, is the part of a URL's query that leads to the tickets behind it.
        caption: Says in a sentence what the frame shows; for those who cannot see the figure, too.
        empty: What stands there if the frame has no rows.
        source_needs: A select that finds a row where the source has such facts at all; without
            one, `missing` is said.
        missing: What stands there if the source has no such facts.
        applies: Filters it follows; of the others chosen, a note says they do not apply.
        height: Height in pixels.
        shown_rows: Rows a table on the page has at most, the first ones; exports have all.
    """

    name: str
    title: str
    query: Query
    columns: tuple[Column, ...]
    figure: Callable[[pl.DataFrame], Figure] | None = None
    caption: Callable[[pl.DataFrame], str] | None = None
    empty: str = "No tickets in this period with these filters."
    source_needs: str | None = None
    missing: str = "This source has no such facts."
    applies: frozenset[str] = field(default=ALL_FILTERS)
    height: int = 300
    shown_rows: int | None = None


def not_filtered_by(filters: Filters, applies: Collection[str] = ()) -> str:
    """Return a sentence on the filters chosen that do not apply; empty if all do."""
    names: Mapping[str, bool] = {
        "period": filters.period != Filters().period,
        **{name: bool(getattr(filters, name)) for name in DIMENSIONS},
    }
    ignored = [name for name, chosen in names.items() if chosen and name not in applies]
    return f"Not filtered by {', '.join(ignored)}." if ignored else ""


def frame_of(element: Element, reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return what an element shows, with the columns people see and no others."""
    frame = element.query(reader, filters)
    return frame.select(
        column.name
        for column in element.columns
        if column.name in frame.columns and column.kind != "drill"
    )
