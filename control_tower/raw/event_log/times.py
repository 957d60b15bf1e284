"""Times written in a log, read as moments in UTC."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import polars as pl

__all__ = ["EARLIEST", "ISO", "LATEST", "parse_times", "tells_the_date"]

ISO: Final = "iso"
"""The format that stands for ISO 8601, with or without an offset from UTC."""

EARLIEST: Final = datetime(1971, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Moments outside are placeholders of the system that wrote the log, such as 1970-01-01."""

_MOMENT = pl.Datetime("us", "UTC")
_OFFSET = r"(?:Z|z|[+-]\d{2}(?::?\d{2})?)$"
_ISO_WITH_OFFSET = ("%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M%z")
_ISO_LOCAL = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


def parse_times(texts: pl.Series, formats: Sequence[str], zone: str) -> pl.DataFrame:
    """Read texts as times, trying the formats in the order given.

    Args:
        texts: Times as text; null where there is none.
        formats: `strptime` formats as chrono (the library behind Polars) knows them, or `iso`.
        zone: IANA zone of times that carry no offset of their own.

    Returns:
        One row per text: `moment` (UTC, microseconds, null if no format fits), `is_skipped`
        (the local time did not exist, since the clocks went forward: read with the offset that
        held before) and `is_twofold` (it occurred twice, since they went back: the first is taken).
    """
    distinct = texts.drop_nulls().unique(maintain_order=True)
    moments = pl.Series(distinct.name, [None] * distinct.len(), dtype=_MOMENT)
    skipped = pl.Series("is_skipped", [False] * distinct.len(), dtype=pl.Boolean)
    twofold = skipped.alias("is_twofold")
    read = pl.DataFrame(
        [distinct.alias("text"), moments.alias("moment"), skipped, twofold],
    )
    for pattern in formats:
        unread = read.filter(pl.col("moment").is_null())
        if unread.is_empty():
            break
        parsed = (_parse_iso if pattern == ISO else _parse_pattern)(unread["text"], pattern, zone)
        read = read.update(parsed, on="text")
    return (
        pl.DataFrame({"text": texts.rename("text")})
        .join(read, on="text", how="left", maintain_order="left")
        .select("moment", pl.col("is_skipped", "is_twofold").fill_null(value=False))
    )


def tells_the_date(pattern: str) -> bool:
    """Return whether a format can be read and says year, month and day."""
    if pattern == ISO:
        return True
    sample = pl.Series([datetime(2021, 11, 23, 14, 35, 46, tzinfo=UTC)], dtype=_MOMENT)
    try:
        back = _moments(sample.dt.to_string(pattern), pattern)
    except pl.exceptions.PolarsError:
        return False
    return back[0] is not None and back[0].date() == sample[0].date()


def _moments(texts: pl.Series, pattern: str) -> pl.Series:
    try:
        return texts.str.to_datetime(pattern, time_unit="us", strict=False)
    except pl.exceptions.PolarsError:
        # A format without a time of day is a date's.
        return texts.str.to_date(pattern, strict=False).cast(pl.Datetime("us"))


def _parse_pattern(texts: pl.Series, pattern: str, zone: str) -> pl.DataFrame:
    if pattern.endswith("%z") or "%:z" in pattern or "%#z" in pattern or "%+" in pattern:
        moments = _moments(texts, pattern)
        return pl.DataFrame({"text": texts, "moment": moments.dt.convert_time_zone("UTC")})
    return _in_zone(texts, _moments(texts, pattern), zone)


def _parse_iso(texts: pl.Series, _: str, zone: str) -> pl.DataFrame:
    normal = pl.DataFrame({"text": texts}).with_columns(
        pl.col("text")
        .str.strip_chars()
        .str.replace(r"^(\d{4}-\d{2}-\d{2})[ t](\d)", "${1}T${2}")
        .str.replace(r"\s+([+-]\d{2}:?\d{2})$", "$1")
        .str.replace(r"\s*(?:Z|z|UTC)$", "+00:00")
        .str.replace(r"(T.*[+-]\d{2})$", "$1:00")
        .str.replace(r"(:\d{2}),(\d+)", "$1.$2")
        .alias("normal")
    )
    has_offset = pl.col("normal").str.contains(r"T.*" + _OFFSET)
    parts = []
    for rows, patterns in (
        (normal.filter(has_offset), _ISO_WITH_OFFSET),
        (normal.filter(~has_offset), _ISO_LOCAL),
    ):
        unread = rows
        for pattern in patterns:
            if unread.is_empty():
                break
            parsed = _parse_pattern(unread["normal"], pattern, zone)
            parts.append(
                parsed.with_columns(text=unread["text"]).filter(pl.col("moment").is_not_null())
            )
            unread = unread.filter(parsed["moment"].is_null())
    empty = pl.DataFrame(schema={"text": pl.String, "moment": _MOMENT})
    return pl.concat([empty, *parts], how="diagonal")


def _in_zone(texts: pl.Series, local: pl.Series, zone: str) -> pl.DataFrame:
    hour = pl.duration(hours=1)

    def placed(times: pl.Expr, ambiguous: str) -> pl.Expr:
        return times.dt.replace_time_zone(
            zone,
            ambiguous=ambiguous,  # type: ignore[arg-type]
            non_existent="null",
        ).dt.convert_time_zone("UTC")

    frame = pl.DataFrame({"text": texts, "local": local})
    return (
        frame.with_columns(
            first=placed(pl.col("local"), "earliest"),
            second=placed(pl.col("local"), "latest"),
            before=placed(pl.col("local") - hour, "earliest") + hour,
        )
        .with_columns(
            moment=pl.coalesce("first", "before"),
            is_skipped=pl.col("first").is_null() & pl.col("before").is_not_null(),
            is_twofold=(pl.col("first") != pl.col("second")).fill_null(value=False),
        )
        .select("text", "moment", "is_skipped", "is_twofold")
    )
