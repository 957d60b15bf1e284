"""What the bottleneck page shows: tickets created in the period, as the filters narrow them."""

from dataclasses import replace

import polars as pl

from control_tower.process_mining.bottlenecks import UNASSIGNED
from control_tower_dash.filters import Filters
from control_tower_dash.queries.bottleneck_scores import bottleneck_scores
from control_tower_dash.queries.drill import BEHIND, with_tickets_behind
from control_tower_dash.queries.mined import mined
from control_tower_dash.queries.unrolled import unrolled
from control_tower_dash.warehouse import Reader

__all__ = [
    "deviations",
    "flows",
    "group_times",
    "passed_on",
    "reference_path",
    "repeated",
    "steps",
    "top_variants",
]

_VARIANTS_SHOWN = 10
_MOST_ROWS = 100
_MOST_GROUPS = 20


def steps(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return what follows what.

    Returns:
        Columns as `process_mining.transitions`, and tickets_behind; the most frequent first.
    """
    return with_tickets_behind(
        mined(reader, filters).transitions,
        {"from_activity": "from_activity", "to_activity": "to_activity"},
        by="created",
    )


def flows(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the ways of tickets with rework unrolled.

    Returns:
        Columns as `unrolled`, and tickets_behind: those with the step, whichever time it is; null
        for the other ways.
    """
    frame = with_tickets_behind(
        unrolled(mined(reader, filters).variants),
        {"from_activity": "from_activity", "to_activity": "to_activity"},
        by="created",
    )
    return frame.with_columns(
        pl.when(pl.col("to_activity").is_not_null()).then(pl.col(BEHIND)).alias(BEHIND)
    )


def top_variants(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the most frequent variants.

    Returns:
        Columns as `process_mining.variants`, all_variants (how many there are) and tickets_behind;
        at most ten rows, the most frequent first.
    """
    found = mined(reader, filters).variants
    return with_tickets_behind(
        found.head(_VARIANTS_SHOWN).with_columns(all_variants=pl.lit(found.height, pl.Int64)),
        {"variant_id": "variant"},
        by="created",
    )


def group_times(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how long groups held tickets, and how much of it was work.

    Returns:
        Columns as `process_mining.bottlenecks`, scores and ranks among all groups as
        `bottleneck_scores` has them, whichever groups are asked for; median_hours (in opening
        hours where tickets keep them); known_tickets, working_hours, waiting_hours,
        median_working_hours and median_waiting_hours as `hands_on.hours_by_group`, null where
        hands-on time is not known; tickets_behind. The worst bottleneck first; the
        twenty with most hours at most.
    """
    found = mined(reader, filters)
    frame = (
        _scored_among_all(reader, filters, found.bottlenecks)
        .join(found.hours, on="group_name", how="left", maintain_order="left")
        .with_columns(
            median_hours=pl.coalesce("median_business_hours_in_group", "median_hours_in_group")
        )
    )
    frame = with_tickets_behind(
        frame.filter(
            pl.col("total_hours_in_group").rank("ordinal", descending=True) <= _MOST_GROUPS
        ),
        {"group_name": "through"},
        by="created",
    )
    # Nobody is no group that tickets could have been with.
    is_group = pl.col("group_name") != UNASSIGNED
    return frame.with_columns(pl.when(is_group).then(pl.col(BEHIND)).alias(BEHIND))


def _scored_among_all(reader: Reader, filters: Filters, groups: pl.DataFrame) -> pl.DataFrame:
    if not filters.group:
        return groups
    scores = bottleneck_scores(reader, replace(filters, group=())).select(
        "group_name", "bottleneck_score", "rank"
    )
    return (
        groups.drop("bottleneck_score", "rank")
        .join(scores, on="group_name", how="left", maintain_order="left")
        .sort("rank", "group_name", nulls_last=True)
    )


def passed_on(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how tickets pass between groups, as `process_mining.handovers`, the most first."""
    return mined(reader, filters).handovers.head(_MOST_ROWS)


def repeated(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return what is done more than once, as `process_mining.rework`, the most repeats first."""
    return mined(reader, filters).rework.head(_MOST_ROWS)


def reference_path(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the path tickets are held against.

    Returns:
        Columns as `process_mining.reference_path`, tickets (all that are held against it) and
        conformant (those that kept to it); no rows without tickets.
    """
    found = mined(reader, filters)
    frame = found.reference_path.with_columns(
        tickets=pl.lit(found.tickets, pl.Int64), conformant=pl.lit(found.conformant, pl.Int64)
    )
    return frame if found.tickets else frame.clear()


def deviations(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return what leaving the path costs.

    Returns:
        Columns as `process_mining.conformance_summary`, and tickets_behind; the most hours first,
        at most a hundred rows.
    """
    return with_tickets_behind(
        mined(reader, filters)
        .deviations.sort("total_extra_hours", descending=True, nulls_last=True)
        .head(_MOST_ROWS),
        {"deviation": "deviation"},
        by="created",
    )
