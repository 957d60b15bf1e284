"""Hold a table against its schema and say in one sentence what is wrong, and where."""

from collections.abc import Iterator, Mapping
from typing import Final

import dataframely as dy
import polars as pl

__all__ = ["keeps_rules", "occur_twice", "schema_violations"]

_ROWS_AT_ONCE: Final = 25_000


def schema_violations(table: str, schema: type[dy.Schema], frame: pl.DataFrame) -> Iterator[str]:
    """Yield one sentence per broken rule, naming table, row, column, value and remedy.

    Rows are counted from 1 in the order given. A table whose columns or types are wrong yields
    only those sentences, since its values cannot be judged.
    """
    wrong_shape = list(_wrong_columns(table, schema, frame))
    if wrong_shape:
        yield from wrong_shape
        return
    given = frame.select(schema.column_names())
    # Filtering copies the table, so only those with something to find are filtered.
    if keeps_rules(schema, given) and not occur_twice(given.select(schema.primary_key())):
        return
    failure = schema.filter(given).failure
    numbered = frame.with_row_index("row", offset=1)
    details = failure.details()
    for rule, count in failure.counts().items():
        broken = details.filter(pl.col(rule) == "invalid").head(1).select(schema.column_names())
        first = numbered.join(broken, on=schema.column_names(), how="semi", nulls_equal=True).row(
            0, named=True
        )
        others = f" ({count - 1:,} more rows break the same rule)" if count > 1 else ""
        yield f"{table}, row {first['row']:,}, {_sentence(schema, rule, first)}{others}"


def keeps_rules(schema: type[dy.Schema], rows: pl.DataFrame) -> bool:
    """Return whether rows have the schema's columns and break none of its rules among themselves.

    Taken some at a time, they need less memory; whether a key comes twice among all is left to
    `occur_twice`.
    """
    return next(_wrong_columns("", schema, rows), None) is None and all(
        schema.is_valid(some)
        for some in rows.select(schema.column_names()).iter_slices(_ROWS_AT_ONCE)
    )


def occur_twice(keys: pl.DataFrame) -> bool:
    """Return whether two rows have the same keys."""
    if keys.width != 1:
        return bool(keys.width) and bool(keys.is_duplicated().any())
    # Sorting takes a fraction of the memory that hashing does.
    in_order = keys.to_series().sort()
    return bool((in_order == in_order.shift()).any())


def _wrong_columns(table: str, schema: type[dy.Schema], frame: pl.DataFrame) -> Iterator[str]:
    expected = schema.columns()
    for name in expected.keys() - set(frame.columns):
        yield f"{table}: column {name} is missing; the contract asks for {expected[name].dtype}"
    for name in frame.columns:
        if name not in expected:
            yield f"{table}: column {name} is not in the contract; rename or drop it"
        elif frame.schema[name] != expected[name].dtype:
            yield (
                f"{table}: column {name} is {frame.schema[name]}; "
                f"the contract asks for {expected[name].dtype}"
            )


def _sentence(schema: type[dy.Schema], rule: str, row: Mapping[str, object]) -> str:
    if rule == "primary_key":
        keys = ", ".join(f"{name} {row[name]}" for name in schema.primary_key())
        return f"column {schema.primary_key()[0]}: {keys} occurs more than once; keep one row"
    if "|" not in rule:
        # A rule is named after the columns it compares; one that is not concerns the whole row.
        named = [name for name in schema.column_names() if name in rule]
        concerned = named or [*schema.column_names()]
        values = ", ".join(f"{name} {row[name]}" for name in concerned)
        return (
            f"column {concerned[0]}: the row breaks the rule '{rule.replace('_', ' ')}' "
            f"({values}); correct it"
        )
    name, kind = rule.split("|", 1)
    column, value = schema.columns()[name], row[name]
    if kind == "nullability":
        return f"column {name}: the value is missing; this column may not be empty"
    if kind == "check__allowed":
        allowed = ", ".join((column.metadata or {})["allowed"])
        return f"column {name}: {value!r} is not allowed; use one of {allowed}"
    if kind == "min_length":
        return f"column {name}: the text is empty; leave it null if it is not known"
    bound = getattr(column, kind, "its bound")
    words = {
        "min": f"at least {bound}",
        "min_exclusive": f"more than {bound}",
        "max": f"at most {bound}",
    }
    return f"column {name}: {value!r} is out of range; it must be {words.get(kind, 'finite')}"
