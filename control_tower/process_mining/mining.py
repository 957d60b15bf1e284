"""All tables of process mining from one log, what they share worked out once."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import polars as pl

from control_tower.columns import polars_schema_of
from control_tower.process_mining.bottlenecks import bottlenecks
from control_tower.process_mining.business_hours import BusinessClock
from control_tower.process_mining.conformance import conformance, judge, reference_steps
from control_tower.process_mining.deviation_costs import conformance_summary
from control_tower.process_mining.event_log import EventLog
from control_tower.process_mining.handovers import handovers
from control_tower.process_mining.paths import Paths, paths_of
from control_tower.process_mining.reference_path import HAPPY_PATH, ReferencePath, chosen_path
from control_tower.process_mining.rework import rework
from control_tower.process_mining.stays import stays_of
from control_tower.process_mining.tables import TABLES
from control_tower.process_mining.transitions import transitions
from control_tower.process_mining.variants import variants

__all__ = ["mine"]

_MOST_AT_ONCE: Final = 10_000_000
"""Events up to which tables are made at once; of more, what each needs meanwhile adds up."""


def mine(
    log: EventLog,
    *,
    clock: BusinessClock | None = None,
    costs: pl.DataFrame | None = None,
    reference: ReferencePath = HAPPY_PATH,
) -> Mapping[str, pl.DataFrame]:
    """Return all tables of process mining, by name, over the whole log.

    Args:
        log: The log.
        clock: Opening hours of its tickets; without, business hours are null.
        costs: ticket_id, group_name, handle_minutes: hands-on time, where the source knows it.
        reference: The path tickets are held against.
    """
    parts: Sequence[Callable[[], Mapping[str, pl.DataFrame]]] = (
        lambda: {"transitions": transitions(log, clock)},
        lambda: _tables_of_groups(log, clock, costs),
        lambda: _tables_of_paths(log, reference),
    )
    # Steps and groups take about as long as paths, and NumPy and Polars let other threads work.
    at_once = len(parts) if len(log.activity) <= _MOST_AT_ONCE else 1
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        found = pool.map(lambda part: part(), parts)
        made = {name: table for tables in found for name, table in tables.items()}
    return {name: made[name].cast(polars_schema_of(TABLES[name])) for name in TABLES}


def _tables_of_groups(
    log: EventLog, clock: BusinessClock | None, costs: pl.DataFrame | None
) -> Mapping[str, pl.DataFrame]:
    stays = stays_of(log, clock)
    return {"bottlenecks": bottlenecks(log, stays, costs), "handovers": handovers(log, stays)}


def _tables_of_paths(log: EventLog, reference: ReferencePath) -> Mapping[str, pl.DataFrame]:
    paths = paths_of(log)
    return {
        "variants": variants(log, paths),
        "rework": rework(log, paths),
        **_conformance_tables(log, paths, reference),
    }


def _conformance_tables(
    log: EventLog, paths: Paths, reference: ReferencePath
) -> Mapping[str, pl.DataFrame]:
    chosen = chosen_path(log, paths, reference)
    if chosen is None:
        return {
            name: pl.DataFrame(schema=polars_schema_of(TABLES[name]))
            for name in ("reference_path", "conformance", "conformance_summary")
        }
    judgements = judge(log, paths, chosen.reference)
    return {
        "reference_path": reference_steps(log, judgements, chosen),
        "conformance": conformance(log, judgements),
        "conformance_summary": conformance_summary(log, judgements),
    }
