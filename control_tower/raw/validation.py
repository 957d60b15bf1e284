"""Hold tables against the contract and say in one sentence what is wrong, and where."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import dataframely as dy
import polars as pl

from control_tower.raw.contract import FOREIGN_KEYS, RAW_TABLES, REFERENCE_TABLES
from control_tower.raw.parts import parts_of
from control_tower.schema_rules import keeps_rules, occur_twice, schema_violations

__all__ = [
    "ContractError",
    "broken_references",
    "judged_in_parts",
    "validate",
    "violations",
]

_SCHEMAS: Mapping[str, type[dy.Schema]] = {**RAW_TABLES, **REFERENCE_TABLES}
_KEY_COLUMNS: Mapping[str, set[str]] = {
    table: {
        column
        for child, child_column, parent, parent_column in FOREIGN_KEYS
        for name, column in ((child, child_column), (parent, parent_column))
        if name == table
    }
    for table in _SCHEMAS
}


class ContractError(ValueError):
    """A table does not keep the landing contract."""


def violations(table: str, frame: pl.DataFrame) -> Iterator[str]:
    """Yield one sentence per broken rule, naming table, row, column, value and remedy.

    Rows are counted from 1 in the order given. A table whose columns or types are wrong yields
    only those sentences, since its values cannot be judged.

    Raises:
        KeyError: If the contract has no such table.
    """
    yield from schema_violations(table, _SCHEMAS[table], frame)


def broken_references(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Yield one sentence per foreign key whose child rows have no parent.

    Tables that are not given are passed over, so that a part of a landing can be judged.
    """
    for child, child_column, parent, parent_column in FOREIGN_KEYS:
        if child not in tables or parent not in tables:
            continue
        orphans = (
            tables[child]
            .lazy()
            .select(pl.col(child_column).alias("key"))
            .with_row_index("row", offset=1)
            .filter(pl.col("key").is_not_null())
            .join(
                tables[parent].lazy().select(pl.col(parent_column).alias("key")),
                on="key",
                how="anti",
                maintain_order="left",
            )
            .collect()
        )
        if not orphans.is_empty():
            row, key = orphans.row(0)
            others = f" ({orphans.height - 1:,} more)" if orphans.height > 1 else ""
            yield (
                f"{child}, row {row:,}, column {child_column}: {key} is not in "
                f"{parent}.{parent_column}; land the missing row or remove this one{others}"
            )


def judged_in_parts(
    table: str, parts: Iterable[pl.DataFrame], also: Collection[str] = ()
) -> tuple[bool, pl.DataFrame]:
    """Return whether a table in parts keeps every rule, and those of its columns that are kept.

    Args:
        table: The table's name.
        parts: Its rows, in parts; one part at least.
        also: Columns to keep beside those that keys are made of.
    """
    schema = _SCHEMAS[table]
    primary = schema.primary_key()
    returned = _KEY_COLUMNS[table] | set(also)
    is_kept, found = True, []
    for part in parts:
        is_kept = is_kept and keeps_rules(schema, part)
        wanted = returned.union(primary).intersection(part.columns)
        found.append(part.select(name for name in part.columns if name in wanted))
    kept = pl.concat(found)
    is_kept = is_kept and not occur_twice(kept.select(primary))
    return is_kept, kept.select(name for name in kept.columns if name in returned)


def validate(tables: Mapping[str, pl.DataFrame]) -> None:
    """Check tables against the contract and against each other.

    Raises:
        ContractError: On the first broken rule, saying how many more there are.
    """
    problems: list[str] = []
    keys: dict[str, pl.DataFrame] = {}
    for name in tables:
        # Tables may be read when asked for: no more than a part is held at a time, but for keys.
        is_kept, keys[name] = judged_in_parts(name, parts_of(tables, name))
        if not is_kept:
            problems += violations(name, tables[name])
    problems = problems or list(broken_references(keys))
    if problems:
        more = f" ({len(problems) - 1} more rules are broken)" if len(problems) > 1 else ""
        raise ContractError(f"{problems[0]}{more}")
