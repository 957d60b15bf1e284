"""What a run found, in a handful of figures for whoever started it."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

__all__ = ["Findings", "TopAction", "WorstCell", "find"]

_SMALLEST_CELL = 30
_TOP_ACTIONS = 3

_OVERALL = """
    select
        landing.described_as,
        snapshot.as_of,
        snapshot.snapshot_id,
        snapshot.checks_passed,
        snapshot.checks_warned,
        outcomes.tickets,
        outcomes.median_cycle_hours,
        outcomes.p90_cycle_hours,
        outcomes.share_without_breach,
        events.events,
        performance.open_tickets
    from meta.snapshot as snapshot
    cross join staging.stg_landing as landing
    cross join (
        select
            count(*) as tickets,
            median(cycle_hours) as median_cycle_hours,
            quantile_cont(cycle_hours, 0.9) as p90_cycle_hours,
            1 - avg(cast(is_breached as integer)) as share_without_breach
        from marts.ticket_outcomes
    ) as outcomes
    cross join (select count(*) as events from staging.stg_ticket_events) as events
    cross join (
        select cast(sum(open_tickets) as bigint) as open_tickets from marts.group_performance
    ) as performance
"""

_CELLS = """
    select
        group_name,
        priority,
        ticket_type,
        count(*) as decided,
        count(*) filter (where sla_status = 'within_sla') / count(*) as attainment
    from marts.sla
    where sla_status = 'breached' or clock_state = 'stopped'
    group by grouping sets ((), (group_name, priority, ticket_type))
    having count(*) >= ? or grouping(group_name) = 1
    order by grouping(group_name) desc, attainment, decided desc
"""


_ACTIONS = """
    select
        title,
        score_usd
    from recommendations.actions
    order by rank
    limit ?
"""


@dataclass(frozen=True)
class TopAction:
    """One of the first things to do, and what it is worth a month, USD."""

    title: str
    worth_usd: float


@dataclass(frozen=True)
class WorstCell:
    """The group, priority and type with the lowest SLA attainment."""

    name: str
    attainment: float
    decided_targets: int


@dataclass(frozen=True)
class Findings:
    """Figures of a published snapshot; shares are fractions of one, times in hours."""

    described_as: str
    as_of: datetime
    snapshot_id: str
    checks_passed: int
    checks_warned: int
    tickets: int
    events: int
    open_tickets: int
    median_cycle_hours: float | None
    p90_cycle_hours: float | None
    share_without_breach: float | None
    sla_attainment: float | None
    worst_cell: WorstCell | None
    top_actions: tuple[TopAction, ...]


def find(connection: duckdb.DuckDBPyConnection) -> Findings:
    """Read the findings of a snapshot.

    The worst cell is looked for among those with at least 30 decided targets; there is none, and
    no attainment, where the source has no SLA targets.

    Raises:
        duckdb.CatalogException: If the database is not a snapshot.
    """
    cursor = connection.execute(_OVERALL)
    names = [column[0] for column in cursor.description or ()]
    overall = dict(zip(names, cursor.fetchall()[0], strict=True))
    cells = connection.execute(_CELLS, [_SMALLEST_CELL]).fetchall()
    decided = cells[0][3] if cells else 0
    worst = None
    if len(cells) > 1:
        *dimensions, targets, attainment = cells[1]
        name = ", ".join(str(value) for value in dimensions if value is not None)
        worst = WorstCell(name or "all tickets", float(attainment), int(targets))
    return Findings(
        **overall,
        sla_attainment=float(cells[0][4]) if decided else None,
        worst_cell=worst,
        top_actions=tuple(
            TopAction(title, worth)
            for title, worth in connection.execute(_ACTIONS, [_TOP_ACTIONS]).fetchall()
        ),
    )
