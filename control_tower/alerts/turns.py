"""The turns a ticket takes, as its clocks see them: who held it, its priority, how far it had come.

How long a clock will run on depends less on how long it has run than on what happened last: a
ticket nobody has looked at, one answered and waiting for the customer, one just handed to the
next group. So a clock's life is cut into turns, and time is counted from the latest.
"""

from typing import Final

import numpy as np
import polars as pl

from control_tower.alerts.clocks import elapsed_at
from control_tower.open_time import clock_readings, opening_hours_of

__all__ = ["CELL_LEVELS", "STAGES", "turns_of"]

STAGES: Final = ("new", "in_work", "answered", "waiting", "resumed", "solved")
"""How far a ticket has come: untouched; open without a public reply; open and answered; pending or
on hold; open again after that or after it was solved; solved, until it is reopened."""

CELL_LEVELS: Final = (
    ("metric", "is_business_hours", "due_window", "closure", "stage"),
    ("priority",),
    ("group_name",),
    ("ticket_type",),
)
"""What cells have in common, level by level; each level adds to those before it."""

_ALMOST_ALL = 0.999
_MICROSECONDS = 60_000_000
_DAY = 24 * 60 * _MICROSECONDS


def turns_of(
    clocks: pl.DataFrame,
    states: pl.DataFrame,
    stretches: pl.DataFrame,
    open_intervals: pl.DataFrame,
) -> pl.DataFrame:
    """Return the turns of every clock.

    Args:
        clocks: Numbered clocks.
        states: `intermediate.int_ticket_states`.
        stretches: The stretches in which the clocks ran.
        open_intervals: The desk's opening hours.

    Returns:
        Columns clock, turned_at, turned_minutes (time on the clock at the turn), group_name,
        priority and stage from then on, due_window (whether the desk is open from the turn until
        the target is due: open, partly_open, closed; open for clocks that keep opening hours),
        closure (whether the desk is closed at the turn: none, short for up to a day, long),
        and of the clock metric, is_business_hours, ticket_type, ended_at, elapsed_minutes,
        is_sample; in order of clock and time.
        Every clock has at least one.
    """
    seen = (
        clocks.select("clock", "ticket_id", "started_at", "ended_at")
        .join(_changes(states), on="ticket_id", maintain_order="left_right")
        .filter(
            pl.col("ended_at").is_null()
            | (pl.col("turned_at") < pl.col("ended_at"))
            | (pl.col("turned_at") <= pl.col("started_at"))
        )
        .with_columns(pl.max_horizontal("turned_at", "started_at"))
        # Of what happened at one moment, or before the clock started, the last counts.
        .filter(
            pl.col("clock").ne_missing(pl.col("clock").shift(-1))
            | pl.col("turned_at").ne_missing(pl.col("turned_at").shift(-1))
        )
    )
    is_later = seen["turned_at"] > seen["started_at"]
    minutes = np.zeros(seen.height)
    minutes[is_later.to_numpy()] = elapsed_at(
        seen.filter(is_later).select("clock", pl.col("turned_at").alias("moment")),
        stretches,
        open_intervals,
    ).to_numpy()
    turns = seen.select(
        "clock",
        "turned_at",
        "holder",
        "urgency",
        "stage",
        pl.Series("turned_minutes", minutes, dtype=pl.Float64),
    )
    unseen = clocks.join(turns, on="clock", how="anti").select(
        "clock",
        pl.col("started_at").alias("turned_at"),
        pl.lit(None, dtype=pl.String).alias("holder"),
        pl.lit(None, dtype=pl.String).alias("urgency"),
        pl.lit("in_work").alias("stage"),
        pl.lit(0.0).alias("turned_minutes"),
    )
    if unseen.height:
        turns = pl.concat([turns, unseen]).sort("clock", "turned_at")
    facts = clocks.select(
        "clock",
        "metric",
        "is_business_hours",
        "schedule_id",
        "priority",
        "ticket_type",
        "group_name",
        "target_minutes",
        "ended_at",
        "elapsed_minutes",
        "is_sample",
    )
    told = turns.join(facts, on="clock", how="left", maintain_order="left").with_columns(
        # A group's own hold begins and ends with the group.
        pl.when(pl.col("metric") == "group_ownership_time")
        .then("group_name")
        .otherwise(pl.coalesce("holder", "group_name"))
        .alias("group_name"),
        pl.coalesce("urgency", "priority").alias("priority"),
    )
    return told.with_columns(
        _due_window(told, open_intervals), _closure(told, open_intervals)
    ).drop("holder", "urgency", "schedule_id", "target_minutes")


def _changes(states: pl.DataFrame) -> pl.DataFrame:
    """Return the states of tickets that differ from the one before in what cells are made of."""
    is_waiting = pl.col("status").is_in(["pending", "hold"])
    is_solved = pl.col("status").is_in(["solved", "closed"])
    ordered = states.sort("ticket_id", "state_number").select(
        "ticket_id",
        "state_number",
        pl.col("began_at").alias("turned_at"),
        pl.col("group_name").alias("holder"),
        pl.col("priority").forward_fill().over("ticket_id").alias("urgency"),
        pl.when(is_waiting)
        .then(pl.lit("waiting"))
        .when(is_solved)
        .then(pl.lit("solved"))
        .when((is_waiting | is_solved).cum_max().over("ticket_id"))
        .then(pl.lit("resumed"))
        .when(pl.col("status") == "new")
        .then(pl.lit("new"))
        .when(pl.col("is_public_agent_reply").cum_max().over("ticket_id"))
        .then(pl.lit("answered"))
        .otherwise(pl.lit("in_work"))
        .alias("stage"),
    )
    changed = [
        pl.col(name).ne_missing(pl.col(name).shift())
        for name in ("ticket_id", "holder", "urgency", "stage")
    ]
    return ordered.filter(pl.any_horizontal(changed))


def _closure(turns: pl.DataFrame, open_intervals: pl.DataFrame) -> pl.Series:
    """Return whether the desk is closed at each turn, and for how long.

    What comes in over a weekend is served after all that came in before it: the clock stands
    still, the line grows.
    """
    hours = opening_hours_of(open_intervals)
    closed = hours.closed_time(
        hours.numbers_of(turns["schedule_id"]), turns["turned_at"].dt.epoch("us").to_numpy()
    )
    length = pl.lit(pl.Series(closed))
    kinds = (
        pl.when(length == 0)
        .then(pl.lit("none"))
        .when(length <= _DAY)
        .then(pl.lit("short"))
        .otherwise(pl.lit("long"))
    )
    return turns.select(kinds.alias("closure")).to_series()


def _due_window(turns: pl.DataFrame, open_intervals: pl.DataFrame) -> pl.Series:
    """Return whether the desk is open between each turn and the moment the target is due."""
    remaining = (pl.col("target_minutes") - pl.col("turned_minutes")).clip(lower_bound=0)
    by_calendar = turns.with_row_index("row").filter(
        ~pl.col("is_business_hours") & pl.col("schedule_id").is_not_null()
    )
    due = by_calendar.select(
        "schedule_id",
        pl.col("turned_at")
        + (remaining * _MICROSECONDS).round().cast(pl.Int64).cast(pl.Duration("us")),
    ).rename({"turned_at": "moment"})
    opened = clock_readings(due, open_intervals) - clock_readings(
        by_calendar.select("schedule_id", pl.col("turned_at").alias("moment")), open_intervals
    )
    length = by_calendar.select(remaining * _MICROSECONDS).to_series()
    kinds = by_calendar.select(
        "row",
        pl.when(opened >= length * _ALMOST_ALL)
        .then(pl.lit("open"))
        .when(opened == 0)
        .then(pl.lit("closed"))
        .otherwise(pl.lit("partly_open"))
        .alias("due_window"),
    )
    return (
        turns.with_row_index("row")
        .select("row")
        .join(kinds, on="row", how="left", maintain_order="left")["due_window"]
        .fill_null("open")
    )
