"""Tables to take along: every element's frame as CSV or Excel, with the filters of its page."""

import io
from collections.abc import Mapping
from typing import Final

import polars as pl
from flask import Flask, Response, abort, request
from polars import selectors

from control_tower_dash.elements import Element, frame_of
from control_tower_dash.filters import understand
from control_tower_dash.queries.dimensions import filter_values
from control_tower_dash.queries.recommendations import briefing
from control_tower_dash.services import Services
from control_tower_dash.warehouse import NoSnapshotError, Reader

__all__ = ["as_csv", "as_excel", "register_exports"]

_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BRIEFINGS: Final[Mapping[str, tuple[str, str]]] = {
    "html": ("html", "text/html"),
    "md": ("markdown", "text/markdown"),
}
_STARTS_A_FORMULA: Final = r"^[=+\-@\t\r]"


def register_exports(server: Flask, elements: Mapping[str, Element], services: Services) -> None:
    """Answer `/export/<element>.<csv|xlsx>` with what the page shows for the same query.

    `/briefing.<html|md>` is the Monday briefing of the snapshot.
    """

    def newest() -> Reader:
        try:
            return services.warehouse.current()
        except NoSnapshotError as error:
            abort(503, str(error))

    @server.get("/export/<name>.<kind>")
    def export(name: str, kind: str) -> Response:
        element = elements.get(name)
        if element is None or kind not in ("csv", "xlsx"):
            abort(404, "there is no such table")
        reader = newest()
        query = request.query_string.decode("utf-8", "replace")
        filters = understand(query, filter_values(reader)).filters
        frame = frame_of(element, reader, filters)
        content = as_csv(frame) if kind == "csv" else as_excel(frame, element)
        return _file(content, "text/csv" if kind == "csv" else _EXCEL, reader, name, kind)

    @server.get("/briefing.<kind>")
    def monday_briefing(kind: str) -> Response:
        if kind not in _BRIEFINGS:
            abort(404, "the briefing is there as HTML and as Markdown")
        reader = newest()
        found = briefing(reader)
        if found.is_empty():
            abort(404, "this snapshot has no briefing")
        column, mimetype = _BRIEFINGS[kind]
        return _file(found[column].item(), mimetype, reader, "briefing", kind)


def _file(content: str | bytes, mimetype: str, reader: Reader, name: str, kind: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{name}-{reader.as_of:%Y-%m-%d}.{kind}"'
    )
    return response


def as_csv(frame: pl.DataFrame) -> bytes:
    """Return a frame as CSV in UTF-8; texts a spreadsheet would run as formulas are disarmed."""
    return (
        _flat(frame)
        .with_columns(selectors.string().str.replace(_STARTS_A_FORMULA, "'${0}"))
        .write_csv()
        .encode()
    )


def as_excel(frame: pl.DataFrame, element: Element) -> bytes:
    """Return a frame as an Excel workbook with the headings people see."""
    labels = {column.name: column.label for column in element.columns}
    flat = _flat(frame).with_columns(selectors.datetime().dt.replace_time_zone(None))
    unique = {
        name: labels[name] if list(labels.values()).count(labels[name]) == 1 else name
        for name in flat.columns
    }
    buffer = io.BytesIO()
    flat.rename(unique).write_excel(
        buffer,
        worksheet=element.title[:31].translate(str.maketrans("[]:*?/\\", "       ")),
        autofit=True,
        freeze_panes=(1, 0),
    )
    return buffer.getvalue()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.List(pl.String)).list.join(", "))
