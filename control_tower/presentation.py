"""Small tables and figures as people read them, for metadata, messages and the terminal."""

from datetime import datetime

import polars as pl

__all__ = [
    "markdown_table",
    "readable_hours",
    "readable_minutes",
    "readable_share",
    "readable_time",
    "readable_usd",
]

PREVIEW_ROWS = 5
_HOURS_PER_DAY = 24
_MINUTES_PER_HOUR = 60
_UNKNOWN = "not known"


def markdown_table(frame: pl.DataFrame, rows: int = PREVIEW_ROWS) -> str:
    """Return the first rows of a frame as a Markdown table, or a sentence if there are none."""
    if frame.is_empty():
        return "_No rows in this source._"
    with pl.Config(
        tbl_formatting="MARKDOWN",
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        tbl_rows=rows,
        tbl_cols=-1,
        tbl_width_chars=10_000,
        fmt_str_lengths=60,
        float_precision=2,
    ):
        return str(frame.head(rows))


def readable_share(share: float | None) -> str:
    """Return a share of one as a percentage."""
    return _UNKNOWN if share is None else f"{share:.1%}"


def readable_hours(hours: float | None) -> str:
    """Return hours as hours or, from two days on, as days."""
    if hours is None:
        return _UNKNOWN
    return f"{hours:.1f} h" if hours < 2 * _HOURS_PER_DAY else f"{hours / _HOURS_PER_DAY:.1f} days"


def readable_minutes(minutes: float) -> str:
    """Return a duration in minutes, from two hours on in hours and minutes, then in days."""
    whole = round(minutes)
    if whole < 2 * _MINUTES_PER_HOUR:
        return f"{whole} minute{'' if whole == 1 else 's'}"
    hours, rest = divmod(whole, _MINUTES_PER_HOUR)
    if hours >= 2 * _HOURS_PER_DAY:
        return f"{whole / _MINUTES_PER_HOUR / _HOURS_PER_DAY:.1f} days"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def readable_time(moment: datetime) -> str:
    """Return a moment to the minute, with its zone."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def readable_usd(dollars: float) -> str:
    """Return an amount of money in whole dollars."""
    return f"{dollars:,.0f} USD"
