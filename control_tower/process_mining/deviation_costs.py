"""What leaving the path costs: tickets that deviate against tickets alike that do not.

Standardization by strata (as in Rothman, "Modern Epidemiology"): within each stratum the mean of
tickets with the deviation less the mean of those without, weighted by the tickets with it. Tickets
are alike if they came to the same group, with the same priority and type.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from control_tower.process_mining.conformance import Judgements
from control_tower.process_mining.durations import numbered
from control_tower.process_mining.event_log import EventLog, Integers

__all__ = ["conformance_summary"]

_STRATUM = ("slice", "stratum")


def conformance_summary(
    log: EventLog, judgements: Judgements, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Return each deviation, how often it occurs and what it costs, one row a deviation.

    Args:
        log: The log.
        judgements: Its paths judged, from `conformance.judge`.
        by: Dimensions to count apart by; see `EventLog.sliced_by`.

    Returns:
        The dimensions, deviation, tickets, share (of all tickets), compared_tickets (solved
        tickets with the deviation that have tickets alike without it), extra_cycle_hours,
        total_extra_hours (extra_cycle_hours times compared_tickets) and extra_breach_rate
        (difference of two shares of one), null where nothing could be compared; the most frequent
        first.
    """
    log = log.sliced_by(by)
    strata = _strata(log, judgements)
    with_it = judgements.deviations.join(strata, on="judgement", how="inner")
    all_of_slice = strata.group_by("slice").agg(pl.col("tickets").sum().alias("all_tickets"))
    counted = (
        with_it.group_by("slice", "deviation")
        .agg(pl.col("tickets").sum())
        .join(all_of_slice, on="slice", how="left")
    )
    table = (
        counted.join(
            _difference(strata, with_it, "solved", "hours").rename(
                {"compared": "compared_tickets", "difference": "extra_cycle_hours"}
            ),
            on=("slice", "deviation"),
            how="left",
        )
        .join(
            _difference(strata, with_it, "judged", "breaches").rename(
                {"difference": "extra_breach_rate"}
            ),
            on=("slice", "deviation"),
            how="left",
        )
        .sort("slice", "tickets", "deviation", descending=[False, True, False])
        .select(
            "slice",
            "deviation",
            "tickets",
            (pl.col("tickets") / pl.col("all_tickets")).alias("share"),
            pl.col("compared_tickets").fill_null(0),
            "extra_cycle_hours",
            (pl.col("extra_cycle_hours") * pl.col("compared_tickets")).alias("total_extra_hours"),
            "extra_breach_rate",
        )
    )
    return log.slices.named(table)


def _strata(log: EventLog, judgements: Judgements) -> pl.DataFrame:
    """Return counts and sums by judgement and stratum: what every comparison is made of."""
    strata = numbered(_alike(log))
    keys = numbered(judgements.of_ticket * max(len(strata.distinct), 1) + strata.places)
    judgement, stratum = np.divmod(keys.distinct, max(len(strata.distinct), 1))
    hours, breached = log.tickets["cycle_hours"], log.tickets["is_breached"]
    slices = max(log.slices.values.height, 1)
    return pl.DataFrame(
        {
            "judgement": judgement,
            "slice": strata.distinct[stratum] % slices,
            "stratum": stratum,
            "tickets": keys.count(),
            "solved": keys.count(hours.is_not_null().to_numpy()),
            "hours": keys.total(hours.fill_null(0).to_numpy()),
            "judged": keys.count(breached.is_not_null().to_numpy()),
            "breaches": keys.total(breached.fill_null(value=False).to_numpy()),
        }
    )


def _alike(log: EventLog) -> Integers:
    """Return a number that tickets alike share: same slice, first group, priority and type."""
    alike = _first_group(log) + 1
    for column in ("priority", "ticket_type"):
        known = log.tickets[column].cast(pl.Categorical(pl.Categories.random())).to_physical()
        codes = known.cast(pl.Int64).fill_null(-1).to_numpy() + 1
        alike = alike * (int(codes.max(initial=0)) + 1) + codes
    return alike * max(log.slices.values.height, 1) + log.slices.of_ticket


def _first_group(log: EventLog) -> Integers:
    """Return the code of the first group that held each ticket; -1 if none did."""
    first = log.group[log.starts[:-1]].astype(np.int64)
    missing = np.flatnonzero(first < 0)
    held = np.flatnonzero(log.group >= 0)
    if len(missing) and len(held):
        place = np.searchsorted(held, log.starts[missing])
        found = held[np.minimum(place, len(held) - 1)]
        is_own = (place < len(held)) & (found < log.starts[missing + 1])
        first[missing] = np.where(is_own, log.group[found], -1)
    return first


def _difference(
    strata: pl.DataFrame, with_it: pl.DataFrame, count: str, total: str
) -> pl.DataFrame:
    """Return by deviation the mean difference of a quantity, and how many tickets were compared."""
    everyone = strata.group_by(_STRATUM).agg(
        pl.col(count).sum().alias("all"), pl.col(total).sum().alias("all_total")
    )
    return (
        with_it.group_by("deviation", *_STRATUM)
        .agg(pl.col(count).sum().alias("with"), pl.col(total).sum().alias("with_total"))
        .join(everyone, on=_STRATUM, how="left", nulls_equal=True)
        .with_columns((pl.col("all") - pl.col("with")).alias("without"))
        .filter((pl.col("with") > 0) & (pl.col("without") > 0))
        .with_columns(
            (
                pl.col("with_total")
                - (pl.col("all_total") - pl.col("with_total")) / pl.col("without") * pl.col("with")
            ).alias("excess")
        )
        .group_by("slice", "deviation")
        .agg(
            pl.col("with").sum().alias("compared"),
            (pl.col("excess").sum() / pl.col("with").sum()).alias("difference"),
        )
    )
