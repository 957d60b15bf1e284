"""What the tables of process mining promise beyond their columns."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from control_tower.room import Frames, TableCheck

__all__ = ["CHECKS"]

_EVENTS: Final = "staging.stg_ticket_events"
_OUTCOMES: Final = "marts.ticket_outcomes"
_TOLERANCE: Final = 1e-9


def _transitions_add_up(given: Frames, made: Frames) -> Sequence[str]:
    tickets = given[_EVENTS]["ticket_id"].n_unique()
    expected = given[_EVENTS].height - tickets
    found = int(made["transitions"]["count"].sum())
    return _differing("transitions", "steps", found, expected, "events less tickets with events")


def _variants_add_up(given: Frames, made: Frames) -> Sequence[str]:
    expected = given[_EVENTS]["ticket_id"].n_unique()
    found = int(made["variants"]["tickets"].sum())
    return _differing("variants", "tickets", found, expected, "tickets with events")


def _variants_are_those_of_the_marts(given: Frames, made: Frames) -> Sequence[str]:
    counted = (
        given[_OUTCOMES]
        .drop_nulls("variant_id")
        .group_by("variant_id")
        .agg(pl.len().cast(pl.Int64).alias("in_marts"), pl.col("ticket_id").min())
    )
    compared = counted.join(
        made["variants"], on="variant_id", how="full", coalesce=True, nulls_equal=True
    ).filter(pl.col("in_marts").ne_missing(pl.col("tickets")))
    sentences = [
        f"variants: variant {row['variant_id']} has {row['tickets'] or 0:,} tickets, and "
        f"{row['in_marts'] or 0:,} in marts.ticket_outcomes; number both the same way"
        for row in compared.sort("variant_id").head(1).iter_rows(named=True)
    ]
    return sentences or list(_differing_paths(given, made, counted))


def _differing_paths(given: Frames, made: Frames, counted: pl.DataFrame) -> Iterator[str]:
    """Hold the path of one ticket of each variant against the variant's."""
    paths = (
        given[_EVENTS]
        .join(counted.select("ticket_id", "variant_id"), on="ticket_id", how="inner")
        .sort("occurred_at", "event_id")
        .group_by("variant_id", maintain_order=True)
        .agg(pl.col("activity").cast(pl.String).alias("walked"))
    )
    differing = paths.join(made["variants"], on="variant_id", how="inner").filter(
        pl.col("walked") != pl.col("activities")
    )
    for row in differing.sort("variant_id").head(1).iter_rows(named=True):
        yield (
            f"variants: variant {row['variant_id']} is {row['path']}, but a ticket of that variant "
            "in marts.ticket_outcomes went another way; number both the same way"
        )


def _every_ticket_is_judged_once(given: Frames, made: Frames) -> Sequence[str]:
    if made["reference_path"].is_empty():
        return []
    expected = given[_EVENTS]["ticket_id"].n_unique()
    return _differing(
        "conformance", "rows", made["conformance"].height, expected, "tickets with events"
    )


def _fitness_is_one_exactly_on_the_path(_given: Frames, made: Frames) -> Sequence[str]:
    wrong = made["conformance"].filter(
        ((pl.col("fitness") == 1) != pl.col("is_conformant"))
        | (pl.col("is_conformant") != (pl.col("inserted_steps") + pl.col("skipped_steps") == 0))
        | (pl.col("is_conformant") != (pl.col("deviations").list.len() == 0))
    )
    return [
        f"conformance: ticket {row['ticket_id']} has fitness {row['fitness']} with "
        f"{row['inserted_steps']} inserted and {row['skipped_steps']} skipped steps; a ticket is "
        "conformant, has fitness 1 and no deviation, all or none"
        for row in wrong.head(1).iter_rows(named=True)
    ]


def _deviations_add_up(_given: Frames, made: Frames) -> Sequence[str]:
    expected = int(made["conformance"]["deviations"].list.len().sum())
    found = int(made["conformance_summary"]["tickets"].sum())
    return _differing(
        "conformance_summary", "tickets", found, expected, "deviations named in conformance"
    )


def _shares_add_up(_given: Frames, made: Frames) -> Sequence[str]:
    wrong = (
        made["transitions"]
        .group_by("from_activity")
        .agg(pl.col("share_of_from").sum().alias("total"))
        .filter((pl.col("total") - 1).abs() > _TOLERANCE * 1000)
    )
    return [
        f"transitions: the shares of the steps from {row['from_activity']} add up to "
        f"{row['total']}; they must add up to 1"
        for row in wrong.sort("from_activity").head(1).iter_rows(named=True)
    ]


def _groups_are_ranked_by_score(_given: Frames, made: Frames) -> Sequence[str]:
    ranked = made["bottlenecks"].drop_nulls("bottleneck_score").sort("rank")
    scores = ranked["bottleneck_score"]
    if ranked.is_empty() or (scores.is_sorted(descending=True) and ranked["rank"][0] == 1):
        return []
    return ["bottlenecks: the ranks do not follow the scores; rank the highest score first"]


def _differing(table: str, what: str, found: int, expected: int, of: str) -> Sequence[str]:
    if found == expected:
        return []
    return [f"{table}: {found:,} {what}, but {expected:,} {of}; each must be counted once"]


CHECKS: Final[Sequence[TableCheck]] = (
    TableCheck(
        "transitions",
        "steps_are_events_less_tickets",
        "Every event but a ticket's first is the end of exactly one step",
        _transitions_add_up,
    ),
    TableCheck(
        "transitions",
        "shares_from_each_activity_add_up",
        "The shares of the steps from an activity add up to one",
        _shares_add_up,
    ),
    TableCheck(
        "variants",
        "tickets_add_up",
        "Every ticket with events is counted in exactly one variant",
        _variants_add_up,
    ),
    TableCheck(
        "variants",
        "numbers_are_those_of_the_marts",
        "A variant has the number, the path and the tickets it has in marts.ticket_outcomes",
        _variants_are_those_of_the_marts,
    ),
    TableCheck(
        "conformance",
        "every_ticket_is_judged_once",
        "Every ticket with events has one row",
        _every_ticket_is_judged_once,
    ),
    TableCheck(
        "conformance",
        "fitness_is_one_exactly_on_the_path",
        "A ticket has fitness 1 exactly if it kept to the path, and then no deviation",
        _fitness_is_one_exactly_on_the_path,
    ),
    TableCheck(
        "conformance_summary",
        "tickets_are_those_with_the_deviation",
        "The summary counts the deviations named ticket by ticket",
        _deviations_add_up,
    ),
    TableCheck(
        "bottlenecks",
        "ranks_follow_the_scores",
        "The group with the highest score has rank 1",
        _groups_are_ranked_by_score,
    ),
)
"""Checks of the room; all of them block publication."""
