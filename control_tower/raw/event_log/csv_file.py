"""CSV read as a table of text, strictly: every row has the columns the header names."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pa_csv  # type: ignore[import-untyped]

from control_tower.raw.event_log.errors import EventLogError

if TYPE_CHECKING:
    from _csv import Reader

__all__ = ["read_csv", "sniff_delimiter"]

_DELIMITERS: Final = (",", ";", "\t", "|")
_SNIFFED_LINES: Final = 50
_SNIFFED_CHARACTERS: Final = 200_000


def read_csv(content: bytes, name: str, *, delimiter: str | None, encoding: str) -> pl.DataFrame:
    """Read a CSV file with a header line; empty lines are no rows.

    Args:
        content: The file's bytes; a byte order mark is passed over.
        name: The file's name, for messages.
        delimiter: What parts the columns; found out if None.
        encoding: Encoding of the text.

    Returns:
        One row per row of the file, every column text.

    Raises:
        EventLogError: If the bytes are not text of that encoding, a row has more or fewer columns
            than the header, or the header names a column twice.
    """
    text = _decoded(content, name, encoding)
    if not text.strip():
        raise EventLogError(f"{name} is empty; give a file with a header and rows")
    separator = delimiter or sniff_delimiter(text[:_SNIFFED_CHARACTERS])
    reader = _rows(text[:_SNIFFED_CHARACTERS], separator)
    try:
        header = next(line for line in reader if line)
    except csv.Error as error:
        raise EventLogError(
            f"{name}, row 1: the header cannot be read ({error}); give a file of text with a header"
        ) from None
    columns = [column.strip() or f"column {number}" for number, column in enumerate(header, 1)]
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise EventLogError(
            f"{name}, row 1: the header names column {twice[0]!r} twice; rename one of them"
        )
    if text.count('"') % 2:
        _refuse_open_quotation(text, name, separator)
    table = _parsed(text.encode(), name, columns, separator, header_lines=reader.line_num)
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a table was expected")
    return frame


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that parts the first lines into the most, equally many columns."""

    def columns(delimiter: str) -> tuple[int, int]:
        widths = []
        try:
            for line in _rows(text, delimiter):
                if line:
                    widths.append(len(line))
                if len(widths) == _SNIFFED_LINES:
                    break
        except csv.Error:
            return (0, 0)
        return (widths[0] if len(set(widths[:-1])) == 1 else 1, widths[0])

    return max(_DELIMITERS, key=columns)


def _rows(text: str, delimiter: str, *, strict: bool = False) -> "Reader":
    # Lines may end as on any system, and be mixed.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def _decoded(content: bytes, name: str, encoding: str) -> str:
    try:
        codec = "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding
        return content.decode(codec)
    except LookupError:
        raise EventLogError(
            f"{name}: {encoding!r} is not an encoding; use utf-8, latin-1, cp1252 or utf-16 under "
            "the mapping's file.encoding"
        ) from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise EventLogError(
            f"{name}, line {line}: byte {content[error.start]:#04x} is not {encoding}; say how "
            "the file is encoded under the mapping's file.encoding (cp1252 or latin-1, for one)"
        ) from None


def _refuse_open_quotation(text: str, name: str, delimiter: str) -> None:
    """Refuse a quotation mark that is never closed, for it swallows the rows after it."""
    lines = _rows(text, delimiter, strict=True)
    rows = 0
    try:
        for line in lines:
            rows += bool(line)
    except csv.Error as error:
        if "end of data" in str(error):
            raise EventLogError(
                f"{name}, row {rows + 1}: a quotation mark is opened and never closed; close it, "
                "or double it if it belongs to the text"
            ) from None


def _parsed(
    content: bytes, name: str, columns: Sequence[str], delimiter: str, *, header_lines: int
) -> pa.Table:
    def read(*, use_threads: bool) -> pa.Table:
        return pa_csv.read_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(
                column_names=list(columns), skip_rows=header_lines, use_threads=use_threads
            ),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                strings_can_be_null=False, column_types=dict.fromkeys(columns, pa.string())
            ),
        )

    try:
        return read(use_threads=True)
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error) or "Could not skip" in str(error):
            return pa.table({column: pa.array([], pa.string()) for column in columns})
        raise EventLogError(_ragged_row(content, name, columns, delimiter, str(error))) from None


def _ragged_row(
    content: bytes, name: str, columns: Sequence[str], delimiter: str, reason: str
) -> str:
    # Only a file that has already failed is read row by row.
    lines = _rows(content.decode(), delimiter)
    try:
        for row, line in enumerate((line for line in lines if line), start=1):
            if len(line) != len(columns):
                return (
                    f"{name}, row {row} (line {lines.line_num}): the row has {len(line)} columns "
                    f"and the header {len(columns)}; quote values that contain {delimiter!r} or "
                    "line breaks, or give the delimiter under the mapping's file.delimiter"
                )
    except csv.Error as error:
        reason = str(error)
    return (
        f"{name}, line {lines.line_num}: the rows cannot be told apart ({reason.splitlines()[0]}); "
        "look for a quotation mark that is never closed"
    )
