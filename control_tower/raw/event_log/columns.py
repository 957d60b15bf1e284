"""The columns a mapping names, picked from the log and put in the tower's words."""

from collections.abc import Iterable, Sequence

import polars as pl

from control_tower.raw.contract import PRIORITIES, STATUSES
from control_tower.raw.event_log.errors import EventLogError, closest
from control_tower.raw.event_log.mapping import FIELDS, Column, EventLogMapping
from control_tower.raw.event_log.reading import ROW, Log
from control_tower.raw.event_log.repairs import RepairLog

__all__ = ["check_columns", "example", "pick_columns", "translate"]

_ALLOWED = {"priority": PRIORITIES, "status": STATUSES}
_NUMBERS = ("handle_minutes", "cost_usd", "satisfaction")
_SHOWN_COLUMNS = 12


def check_columns(log: Log, mapping: EventLogMapping, repairs: RepairLog) -> None:
    """See that the log has the columns the mapping names, and note those it does not name.

    Raises:
        EventLogError: If a column is not in the log.
    """
    named = mapping.columns()
    for column, key in named.items():
        if column not in log.columns:
            hint = closest(column, log.columns) or f"; use one of {_listed(log.columns)}"
            raise EventLogError(
                f"{log.name} has no column {column!r}, which the mapping's key {key} names{hint}"
            )
    unused = [column for column in log.columns if column not in named]
    repairs.add(
        "columns_not_used",
        "noted",
        len(unused),
        "Columns the mapping does not name are left out; what is counted here is columns.",
        ", ".join(unused),
    )


def pick_columns(log: Log, mapping: EventLogMapping) -> pl.DataFrame:
    """Return the mapped columns as text, without blanks around and with missing values null.

    Returns:
        `ROW`, `case`, `activity` (null if made from changes), `time`, `created`, `resource`, the
        fields, `sla_met`, the numbers, and `change 0`, `change 1` … for activities made from
        changes. Fields the mapping does not give are null.
    """

    def text(column: str | None) -> pl.Expr:
        if column is None:
            return pl.lit(None, dtype=pl.String)
        stripped = pl.col(column).str.strip_chars()
        missing = [value.strip() for value in mapping.missing]
        return pl.when(~stripped.is_in([*missing, ""])).then(stripped)

    def field(key: str) -> pl.Expr:
        source = getattr(mapping, key)
        if isinstance(source, Column) and source.constant is not None:
            return pl.lit(source.constant)
        return text(getattr(source, "column", None))

    activity = mapping.activity
    if activity.columns:
        named = pl.concat_str(
            [text(column) for column in activity.columns],
            separator=activity.separator,
            ignore_nulls=True,
        )
        what: pl.Expr = pl.when(named != "").then(named)
    else:
        what = text(activity.column)
    outcome = mapping.sla.outcome if mapping.sla else None
    return log.frame.select(
        pl.col(ROW).cast(pl.Int64),
        text(mapping.case).alias("case"),
        what.alias("activity"),
        text(mapping.time.column).alias("time"),
        text(mapping.created).alias("created"),
        *(field(key).alias(key) for key in ("resource", *FIELDS, *_NUMBERS)),
        text(outcome.column if outcome else None).alias("sla_met"),
        *(text(c.column).alias(f"change {n}") for n, c in enumerate(activity.changes)),
    )


def translate(events: pl.DataFrame, mapping: EventLogMapping, repairs: RepairLog) -> pl.DataFrame:
    """Put values in the words the mapping gives; those it has none for become null and count.

    Returns:
        The events with resource, fields and `sla_met` (now a truth value) translated, and the
        numbers as numbers.
    """
    for key in ("resource", *FIELDS, "satisfaction"):
        source = getattr(mapping, key)
        if isinstance(source, Column) and source.column is not None:
            events = _translated(events, key, source.column, _words(key, source), repairs)
    if mapping.sla is not None and mapping.sla.outcome is not None:
        outcome = mapping.sla.outcome
        words = (
            pl.when(pl.col("sla_met").is_in(outcome.met))
            .then(pl.lit(value=True))
            .when(pl.col("sla_met").is_in(outcome.missed))
            .then(pl.lit(value=False))
        )
        events = _translated(events, "sla_met", outcome.column, words, repairs)
    else:
        events = events.with_columns(pl.col("sla_met").cast(pl.Boolean))
    for key in _NUMBERS:
        column = getattr(getattr(mapping, key), "column", key)
        number = pl.col(key).cast(pl.Float64, strict=False)
        fits = number.is_finite() & (number >= 0)
        if key == "satisfaction":
            fits = number.is_in([1.0, 2.0, 3.0, 4.0, 5.0])
        events = _translated(events, key, column, pl.when(fits).then(number), repairs)
    return events


def example(rows: pl.DataFrame, columns: Sequence[str]) -> str | None:
    """Return the first of some rows in words, or None if there are none."""
    if rows.is_empty():
        return None
    first = rows.sort(ROW).row(0, named=True)
    said = ", ".join(f"{name} {first[name]!s}" for name in columns if first[name] is not None)
    return f"row {first[ROW]}: {said}" if said else f"row {first[ROW]}"


def _words(key: str, source: Column) -> pl.Expr:
    value = pl.col(key)
    allowed = _ALLOWED.get(key)
    if allowed is not None:
        own = value.str.to_lowercase()
        otherwise: pl.Expr = pl.when(own.is_in(allowed)).then(own)
    else:
        otherwise = pl.lit(source.prefix) + value
    if not source.values:
        return otherwise
    given = value.replace_strict(dict(source.values), default=None, return_dtype=pl.String)
    return pl.coalesce(given, otherwise)


def _translated(
    events: pl.DataFrame, key: str, column: str, words: pl.Expr, repairs: RepairLog
) -> pl.DataFrame:
    translated = events.with_columns(words.alias(key))
    lost = events.filter(events[key].is_not_null() & translated[key].is_null())
    values = lost[key].unique(maintain_order=True).head(5).to_list()
    repairs.add(
        f"{key}_not_mapped",
        "repaired",
        lost.height,
        f"Values of {column!r} that the mapping gives no meaning count as missing.",
        f"{example(lost, ['case'])}, {column} {', '.join(repr(value) for value in values)}"
        if values
        else None,
    )
    return translated


def _listed(columns: Iterable[str]) -> str:
    names = list(columns)
    more = f" and {len(names) - _SHOWN_COLUMNS} more" if len(names) > _SHOWN_COLUMNS else ""
    return ", ".join(names[:_SHOWN_COLUMNS]) + more
