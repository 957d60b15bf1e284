"""How far each ticket kept to the documented path, and where it left it.

Fitness as in the alignments of Adriansyah, "Aligning Observed and Modeled Behavior" (2014): one
less the cost of the cheapest alignment over the cost if nothing fitted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from control_tower.process_mining.alignment import Alignments, align
from control_tower.process_mining.durations import numbered
from control_tower.process_mining.event_log import Codes, EventLog, Flags, Integers
from control_tower.process_mining.paths import Paths, stretches
from control_tower.process_mining.reference_path import ChosenPath, ReferencePath, is_finished

__all__ = ["Judgements", "conformance", "judge", "reference_steps"]


@dataclass(frozen=True)
class Judgements:
    """What is to be said of each distinct path, finished or under way.

    Attributes:
        of_ticket: Place of each ticket's judgement.
        table: fitness, is_under_way, inserted_steps and skipped_steps, one row a judgement.
        deviations: judgement and deviation, one row each, in order of both.
        is_due: Whether a step of the reference had to be gone by now, by judgement and step.
        is_skipped: Whether it was due and left out, by judgement and step.
    """

    of_ticket: Integers
    table: pl.DataFrame
    deviations: pl.DataFrame
    is_due: Flags
    is_skipped: Flags


def judge(log: EventLog, paths: Paths, reference: ReferencePath) -> Judgements:
    """Hold a log's paths against a reference path.

    Each distinct path is aligned once if it is over and once if it is under way, whatever the
    number of tickets that went it.
    """
    finished = is_finished(log)
    judged = numbered(paths.of_ticket * 2 + finished)
    path, is_over = judged.distinct // 2, judged.distinct % 2 == 1
    lengths = paths.lengths[path]
    activity = paths.activity[stretches(paths.starts[:-1][path], lengths)]
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    names = list(dict.fromkeys([*log.activities.to_list(), *reference.steps]))
    code_of = {name: code for code, name in enumerate(names)}
    steps = np.array([code_of[step] for step in reference.steps], dtype=np.int64)
    found = align(activity, starts, steps, is_over)
    return Judgements(
        of_ticket=judged.places,
        table=pl.DataFrame(
            {
                "fitness": 1 - found.cost / np.maximum(found.worst_cost, 1),
                "is_under_way": ~is_over,
                "inserted_steps": _count_by(found.is_inserted, starts),
                "skipped_steps": found.is_skipped.sum(axis=1),
            }
        ).with_columns(pl.col("inserted_steps", "skipped_steps").cast(pl.Int64)),
        deviations=_deviations(found, activity, starts, steps, names, reference),
        is_due=found.is_due,
        is_skipped=found.is_skipped,
    )


def reference_steps(
    log: EventLog, judgements: Judgements, chosen: ChosenPath, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Return the path the log was held against and how it was kept, one row a step.

    Args:
        log: The log.
        judgements: Its paths judged, from `judge`.
        chosen: The path they were held against.
        by: Dimensions to count apart by; see `EventLog.sliced_by`.

    Returns:
        The dimensions, step (counted from 1), activity, path_name, is_from_log, due_tickets (that
        had to take the step by now), skipped_tickets (that left it out) and share_skipped.
    """
    log = log.sliced_by(by)
    count, width = log.slices.values.height, max(judgements.table.height, 1)
    judged = numbered(log.slices.of_ticket * width + judgements.of_ticket)
    slices, judgement = np.divmod(judged.distinct, width)
    tickets = judged.count()
    parts = [
        pl.DataFrame(
            {
                "slice": np.arange(count),
                "step": np.full(count, step + 1),
                "activity": [activity] * count,
                "path_name": [chosen.reference.name] * count,
                "is_from_log": [chosen.is_from_log] * count,
                "due_tickets": np.bincount(
                    slices, weights=tickets * judgements.is_due[judgement, step], minlength=count
                ),
                "skipped_tickets": np.bincount(
                    slices,
                    weights=tickets * judgements.is_skipped[judgement, step],
                    minlength=count,
                ),
            },
            schema_overrides={
                "activity": pl.String,
                "path_name": pl.String,
                "is_from_log": pl.Boolean,
            },
        )
        for step, activity in enumerate(chosen.reference.steps)
    ]
    due = pl.col("due_tickets")
    return log.slices.named(
        pl.concat(parts)
        .with_columns(pl.col("due_tickets", "skipped_tickets").cast(pl.Int64))
        .with_columns(pl.when(due > 0).then(pl.col("skipped_tickets") / due).alias("share_skipped"))
        .sort("slice", "step")
    )


def conformance(log: EventLog, judgements: Judgements, by: Sequence[str] = ()) -> pl.DataFrame:
    """Return how each ticket kept to the path, one row a ticket.

    Args:
        log: The log.
        judgements: Its paths judged, from `judge`.
        by: Dimensions to show beside; see `EventLog.sliced_by`.

    Returns:
        The dimensions, ticket_id, is_conformant, fitness (0 to 1), is_under_way, inserted_steps,
        skipped_steps, deviations (names, in alphabetical order).
    """
    log = log.sliced_by(by)
    named = judgements.deviations.group_by("judgement", maintain_order=True).agg(
        pl.col("deviation").alias("deviations")
    )
    table = (
        judgements.table.with_row_index("judgement")
        .with_columns(pl.col("judgement").cast(pl.Int64))
        .join(named, on="judgement", how="left", maintain_order="left")
        .select(
            (pl.col("fitness") == 1).alias("is_conformant"),
            "fitness",
            "is_under_way",
            "inserted_steps",
            "skipped_steps",
            pl.col("deviations").fill_null([]),
        )
    )
    of_tickets = table[judgements.of_ticket]
    return log.slices.named(
        of_tickets.insert_column(0, log.tickets["ticket_id"]).insert_column(
            0, pl.Series("slice", log.slices.of_ticket)
        )
    )


def _count_by(flags: Flags, starts: Integers) -> Integers:
    total = np.concatenate(([0], np.cumsum(flags)))
    return total[starts[1:]] - total[starts[:-1]]


def _deviations(
    found: Alignments,
    activity: Codes,
    starts: Integers,
    steps: Integers,
    names: Sequence[str],
    reference: ReferencePath,
) -> pl.DataFrame:
    of_event = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    inserted = pl.DataFrame(
        {
            "judgement": of_event[found.is_inserted],
            "code": activity[found.is_inserted].astype(np.int64),
        }
    ).unique()
    of_step, step = np.nonzero(found.is_skipped)
    skipped = pl.DataFrame({"judgement": of_step, "code": steps[step]}).unique()
    both = ["judgement", "code"]
    misplaced = skipped.join(inserted, on=both, how="semi").select(
        "judgement", pl.lit("wrong order").alias("deviation")
    )
    return (
        pl.concat(
            [
                misplaced,
                _named(
                    skipped.join(inserted, on=both, how="anti"), _skipped_names(names, reference)
                ),
                _named(
                    inserted.join(skipped, on=both, how="anti"), _inserted_names(names, reference)
                ),
                _repeated_escalations(inserted, activity, of_event, names, reference),
            ]
        )
        .unique()
        .sort("judgement", "deviation")
    )


def _named(found: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    named = pl.Series(names, dtype=pl.String)
    return found.select("judgement", named.gather(found["code"]).alias("deviation"))


def _skipped_names(names: Sequence[str], reference: ReferencePath) -> list[str]:
    return [
        "skipped first reply" if name == reference.first_reply else f"skipped {name}"
        for name in names
    ]


def _inserted_names(names: Sequence[str], reference: ReferencePath) -> list[str]:
    special = {reference.escalation: "escalated", reference.reopening: "reopened"}
    return [special.get(name, f"extra {name}") for name in names]


def _repeated_escalations(
    inserted: pl.DataFrame,
    activity: Codes,
    of_event: Integers,
    names: Sequence[str],
    reference: ReferencePath,
) -> pl.DataFrame:
    if reference.escalation not in names:
        return pl.DataFrame(schema={"judgement": pl.Int64, "deviation": pl.String})
    code = names.index(reference.escalation)
    judgements, times = np.unique(of_event[activity == code], return_counts=True)
    repeated = pl.DataFrame({"judgement": judgements[times > 1]}, schema={"judgement": pl.Int64})
    return repeated.join(inserted.filter(code=code), on="judgement", how="semi").with_columns(
        pl.lit("repeated escalation").alias("deviation")
    )
