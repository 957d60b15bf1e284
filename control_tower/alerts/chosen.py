"""The clocks the room looks at, chosen while they are read.

Of a very large desk one ticket in so many is learned from, and of the others only the clocks that
still run are judged: read whole, the clocks of five million tickets need more memory than all else.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from control_tower.warehouse import quoted, quoted_list

__all__ = ["MOST_CLOCKS", "chosen_among", "chosen_clocks", "rows_of_chosen"]

MOST_CLOCKS: Final = 1_000_000
"""How many clocks to learn from at most, about."""


def chosen_clocks(columns: Sequence[str], most: int = MOST_CLOCKS) -> str:
    """Return SQL for the chosen clocks of `marts.sla`: columns of it, and is_sample.

    Chosen are those with a target that are learned from (is_sample) or have not stopped.
    """
    return f"""
        with every as (
            select greatest(ceil(count(*) / {most}.0), 1)::bigint as nth from marts.sla
        )
        select {quoted_list(columns)}, ticket_id % nth = 0 as is_sample
        from marts.sla
        cross join every
        where target_minutes is not null
            and (ticket_id % nth = 0 or clock_state != 'stopped')
    """  # noqa: S608 - names are quoted


def rows_of_chosen(schema: str, table: str, columns: Sequence[str], most: int = MOST_CLOCKS) -> str:
    """Return SQL for the rows of a table whose tickets have a chosen clock."""
    return f"""
        with chosen as ({chosen_clocks(["ticket_id"], most)})
        select {quoted_list(columns)}
        from {quoted(schema, table)}
        where ticket_id in (select ticket_id from chosen)
    """  # noqa: S608 - names are quoted


def chosen_among(sla: pl.DataFrame, most: int = MOST_CLOCKS) -> pl.DataFrame:
    """Return the chosen clocks of all of `marts.sla`, with is_sample, as `chosen_clocks` does."""
    one_in = max(-(-sla.height // most), 1)
    return (
        sla.filter(pl.col("target_minutes").is_not_null())
        .with_columns((pl.col("ticket_id") % one_in == 0).alias("is_sample"))
        .filter(pl.col("is_sample") | (pl.col("clock_state") != "stopped"))
    )
