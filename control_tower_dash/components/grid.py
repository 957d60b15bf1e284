"""Tables: one factory, so that all of them sort, read and tab alike."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import dash_ag_grid as dag
import polars as pl

from control_tower_dash.elements import Column
from control_tower_dash.formats import KINDS

__all__ = ["column_definitions", "grid", "rows_of"]

_THEME = (
    "themeQuartz.withParams({"
    "backgroundColor: 'var(--tower-surface)', foregroundColor: 'var(--tower-text)', "
    "borderColor: 'var(--tower-line)', headerBackgroundColor: 'var(--tower-page)', "
    "headerTextColor: 'var(--tower-dimmed)', accentColor: 'var(--tower-accent)', "
    "browserColorScheme: 'inherit', fontFamily: 'inherit', fontSize: 13, spacing: 6})"
)

_WIDTHS: Mapping[str, int] = {
    **dict.fromkeys(KINDS, 90),
    "day": 105,
    "moment": 160,
    "flag": 75,
    "ticket": 85,
    "drill": 80,
}
_LEAST: Final = 90
_BESIDE_A_HEADING: Final = 34
_PIXELS_A_CHARACTER: Final = 7.6
_WIDTH_OF_TEXT = 200


def grid(
    id_: dict[str, str] | str,
    columns: Sequence[Column],
    *,
    page_size: int = 12,
    rows: list[dict[str, Any]] | None = None,
) -> dag.AgGrid:
    """Return an empty table of the columns given; rows come later."""
    return dag.AgGrid(
        id=id_,
        columnDefs=column_definitions(columns),
        rowData=rows or [],
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
            "suppressMovable": True,
        },
        dashGridOptions={
            "theme": {"function": _THEME},
            "domLayout": "autoHeight",
            "pagination": True,
            "paginationPageSize": page_size,
            "paginationPageSizeSelector": False,
            "suppressPaginationPanel": False,
            "suppressCellFocus": False,
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "tooltipShowDelay": 300,
            "animateRows": False,
            # Columns beyond the edge of a screen are on paper too.
            "suppressColumnVirtualisation": True,
            # One stop for the Tab key; arrows move inside.
            "tabToNextCell": {"function": "controlTowerLeaveGrid(params)"},
            # Where there are no rows, a message stands instead of the table.
            "suppressNoRowsOverlay": True,
        },
        style={"width": "100%", "height": None},
        className="tower-grid",
        dashRenderType="skipRender",
    )


def _room_for_words(label: str) -> int:
    """Return the pixels a heading takes that breaks between words, not within one."""
    return round(_BESIDE_A_HEADING + _PIXELS_A_CHARACTER * max(map(len, label.split()), default=0))


def column_definitions(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return the grid's definition of each column."""
    definitions: list[dict[str, Any]] = []
    for column in columns:
        definition: dict[str, Any] = {"field": column.name, "headerName": column.label}
        if column.meaning:
            definition["headerTooltip"] = column.meaning
        # Columns share what room there is in proportion, and the table scrolls below the least.
        width = column.width or _WIDTHS.get(column.kind)
        definition["flex"] = width or _WIDTH_OF_TEXT
        definition["minWidth"] = max(width or _LEAST, _room_for_words(column.label))
        if column.kind in KINDS:
            definition["type"] = "rightAligned"
            definition["valueFormatter"] = {
                "function": f"controlTowerFormat('{column.kind}', params.value)"
            }
        elif column.kind in ("day", "moment", "flag"):
            # A flag reads yes or no; left alone, the grid would draw a checkbox.
            definition["cellDataType"] = False
            definition["valueFormatter"] = {
                "function": f"controlTowerFormat('{column.kind}', params.value)"
            }
        elif column.kind == "ticket":
            definition["cellRenderer"] = "ControlTowerTicket"
        elif column.kind == "drill":
            definition |= {"cellRenderer": "ControlTowerDrill", "sortable": False}
        else:
            definition["tooltipField"] = column.name
        definitions.append(definition)
    return definitions


def rows_of(frame: pl.DataFrame, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return the rows of a frame as the grid takes them: days and moments in ISO 8601."""
    chosen = frame.select(
        column.name for column in columns if column.name in frame.columns
    ).with_columns(
        pl.col(pl.Date).dt.to_string("iso"),
        pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        pl.col(pl.List(pl.String)).list.join(", "),
    )
    return chosen.to_dicts()
