"""The tickets a reader chose, mined: what a whole page on process is made of, worked out once.

Mining the chosen tickets' events takes less than reading them, and gives what the published tables
say for the whole desk by the same functions.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from control_tower.process_mining.bottlenecks import bottlenecks
from control_tower.process_mining.conformance import Judgements, judge, reference_steps
from control_tower.process_mining.deviation_costs import conformance_summary
from control_tower.process_mining.event_log import EventLog, event_log_of
from control_tower.process_mining.handovers import handovers
from control_tower.process_mining.paths import Paths, paths_of
from control_tower.process_mining.reference_path import ChosenPath, ReferencePath
from control_tower.process_mining.rework import rework
from control_tower.process_mining.stays import stays_of
from control_tower.process_mining.transitions import transitions
from control_tower.process_mining.variants import variants
from control_tower_dash.filters import Filters, Predicate
from control_tower_dash.kept import kept_by_filters
from control_tower_dash.queries.event_logs import clock_of, costs_of, events_of
from control_tower_dash.queries.hands_on import hours_by_group
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = ["Mined", "mined"]


@dataclass(frozen=True)
class Mined:
    """What mining finds in the chosen tickets; each table as `control_tower.process_mining` has it.

    Attributes:
        tickets: Tickets with events.
        conformant: Of these, those that kept to the reference path.
        transitions, bottlenecks, handovers, rework, reference_path: As the functions make them.
        variants: Likewise, but numbered as over the whole desk.
        hours: group_name, hands-on and waiting hours, see `hands_on.hours_by_group`.
        deviations: As `conformance_summary` makes it, named as over the whole desk.
    """

    tickets: int
    conformant: int
    transitions: pl.DataFrame
    variants: pl.DataFrame
    bottlenecks: pl.DataFrame
    hours: pl.DataFrame
    handovers: pl.DataFrame
    rework: pl.DataFrame
    reference_path: pl.DataFrame
    deviations: pl.DataFrame


def mined(reader: Reader, filters: Filters) -> Mined:
    """Return what mining finds in the tickets created in the period, as the filters narrow them.

    Deleted tickets are left out. Results are kept as long as the snapshot is open.
    """
    return _mine(reader, replace(filters, options=()))


@kept_by_filters
def _mine(reader: Reader, filters: Filters) -> Mined:
    chosen = _chosen(reader, filters)
    log, outcomes = _log(reader, chosen)
    clock, costs = clock_of(reader, log), costs_of(reader, chosen)
    stays, paths = stays_of(log, clock), paths_of(log)
    reference, deviations = _held_against_the_path(reader, log, paths, outcomes)
    return Mined(
        tickets=log.tickets.height,
        conformant=int(outcomes["is_conformant"].sum()),
        transitions=transitions(log, clock),
        variants=_numbered_as_published(variants(log, paths), paths, outcomes["variant_id"]),
        bottlenecks=bottlenecks(log, stays, costs),
        hours=hours_by_group(log, stays, costs),
        handovers=handovers(log, stays),
        rework=rework(log, paths),
        reference_path=reference,
        deviations=deviations,
    )


def _chosen(reader: Reader, filters: Filters) -> Predicate:
    """Return the condition on `outcomes` that the filters come to."""
    period, dimensions = asked_for(reader, filters), filters.where("outcomes")
    return Predicate(
        "not outcomes.is_deleted and outcomes.created_at >= ? and outcomes.created_at < ? "
        f"and {dimensions.sql}",
        (period.begins, period.ends, *dimensions.parameters),
    )


def _log(reader: Reader, chosen: Predicate) -> tuple[EventLog, pl.DataFrame]:
    """Return the log of the chosen tickets, and what was published of each of them."""
    tickets = reader.query(
        f"""
        select
            outcomes.ticket_id, outcomes.variant_id, outcomes.group_name, outcomes.priority,
            outcomes.ticket_type, outcomes.status, outcomes.created_at, outcomes.solved_at,
            outcomes.closed_at, outcomes.cycle_hours, outcomes.is_breached,
            conformance.is_conformant, conformance.deviations
        from marts.ticket_outcomes as outcomes
        left join process_mining.conformance as conformance
            on outcomes.ticket_id = conformance.ticket_id
        where {chosen.sql}
        """,  # noqa: S608
        chosen.parameters,
    )
    log = event_log_of(events_of(reader, chosen), tickets, reader.as_of)
    published = tickets.select("ticket_id", "variant_id", "is_conformant", "deviations")
    return log, log.tickets.select("ticket_id").join(
        published, on="ticket_id", how="left", maintain_order="left"
    )


def _held_against_the_path(
    reader: Reader, log: EventLog, paths: Paths, published: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the steps of the published path and how they were kept, and what leaving it costs."""
    steps = reader.query("select * from process_mining.reference_path order by step")
    if steps.is_empty():
        # Without a path nothing was judged either: the other table is empty, too.
        return steps, reader.query("select * from process_mining.conformance_summary")
    path = ReferencePath(name=steps["path_name"][0], steps=tuple(steps["activity"]))
    judged = _named_as_published(judge(log, paths, path), published)
    chosen = ChosenPath(path, is_from_log=steps["is_from_log"][0])
    return reference_steps(log, judged, chosen), conformance_summary(log, judged)


def _named_as_published(judgements: Judgements, published: pl.DataFrame) -> Judgements:
    """Return judgements with the published names of deviations.

    A path written down by its owner may give deviations names that the published steps alone do
    not tell; and whoever follows a deviation to its tickets asks for the published name.
    """
    judgement, ticket = np.unique(judgements.of_ticket, return_index=True)
    named = (
        published[ticket]
        .select(pl.Series("judgement", judgement, pl.Int64), deviation="deviations")
        .explode("deviation")
        .drop_nulls("deviation")
    )
    return replace(judgements, deviations=named)


def _numbered_as_published(
    found: pl.DataFrame, paths: Paths, variant_ids: pl.Series
) -> pl.DataFrame:
    path, ticket = np.unique(paths.of_ticket, return_index=True)
    numbers = dict(zip((path + 1).tolist(), variant_ids.gather(ticket), strict=True))
    return found.with_columns(pl.col("variant_id").replace_strict(numbers, return_dtype=pl.Int64))
