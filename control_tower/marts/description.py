"""What a built table looks like: its size, its columns, its first rows, a few telling figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import duckdb
import polars as pl

from control_tower.warehouse import quoted

__all__ = ["TableDescription", "describe"]

_FIGURES: Final[Mapping[tuple[str, str], str]] = {
    ("marts", "sla"): """
        select
            count(*) as targets,
            count(*) filter (where sla_status = 'breached') as breached,
            round(
                count(*) filter (where sla_status = 'within_sla' and clock_state = 'stopped')
                / nullif(
                    count(*) filter (where sla_status = 'breached' or clock_state = 'stopped'), 0
                ), 4
            ) as sla_attainment
        from marts.sla
    """,
    ("marts", "ticket_outcomes"): """
        select
            round(median(cycle_hours), 2) as median_cycle_hours,
            round(avg(is_breached::int), 4) as breach_rate,
            round(avg(csat_score), 3) as csat_mean
        from marts.ticket_outcomes
    """,
    ("marts", "group_performance"): """
        select arg_max(group_name, breach_rate) as highest_breach_rate_in,
            round(max(breach_rate), 4) as highest_breach_rate
        from marts.group_performance
    """,
    ("marts", "agent_productivity"): """
        select round(median(tickets_per_day), 2) as median_tickets_per_day
        from marts.agent_productivity
    """,
    ("marts", "daily_ops"): """
        select cast(max(day) as varchar) as newest_day,
            sum(backlog) filter (where day = (select max(day) from marts.daily_ops))::bigint
                as backlog_now
        from marts.daily_ops
    """,
}


@dataclass(frozen=True)
class TableDescription:
    """A table as it stands: rows, columns with their types, first rows, telling figures."""

    rows: int
    columns: Mapping[str, str]
    first_rows: pl.DataFrame
    figures: Mapping[str, int | float | str]


def describe(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, *, preview_rows: int = 5
) -> TableDescription:
    """Look at a table or view of the warehouse.

    Raises:
        duckdb.CatalogException: If there is no such table.
    """
    name = quoted(schema, table)
    rows = connection.execute(f"select count(*) from {name}").fetchall()[0][0]  # noqa: S608
    columns = connection.execute(f"describe {name}").fetchall()
    first_rows = connection.cursor().sql(f"select * from {name} limit {preview_rows:d}").pl()  # noqa: S608
    figures: dict[str, int | float | str] = {}
    if rows and (schema, table) in _FIGURES:
        cursor = connection.execute(_FIGURES[schema, table])
        names = [column[0] for column in cursor.description or ()]
        values = cursor.fetchall()[0]
        figures = {n: v for n, v in zip(names, values, strict=True) if v is not None}
    return TableDescription(
        rows=int(rows),
        columns={column[0]: column[1] for column in columns},
        first_rows=first_rows,
        figures=figures,
    )
