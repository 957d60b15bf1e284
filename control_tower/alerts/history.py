"""The desk's history of clocks, asked how clocks like a given one went on."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from control_tower.alerts.survival import Runs, SurvivalHierarchy
from control_tower.alerts.turns import CELL_LEVELS

__all__ = ["KEPT", "PSEUDO_COUNT", "BreachHistory"]

KEPT: Final = timedelta(days=180)
"""Clocks that stopped longer ago say less about the desk of today than they mislead."""

PSEUDO_COUNT: Final = 20.0
"""A narrow cell weighs as much as the wider one around it once it has this many clocks."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class BreachHistory:
    """How long clocks ran on from each of their turns, as known at any moment."""

    def __init__(self, turns: pl.DataFrame) -> None:
        """Put the turns of all clocks in order; see `turns_of` for their columns."""
        self._turns = turns.select(
            "clock", "turned_at", "turned_minutes", "is_sample"
        ).with_columns(*_cells(turns))
        self._levels = [f"level_{level}" for level in range(len(CELL_LEVELS))]
        is_over = turns["ended_at"].is_not_null() & turns["is_sample"]
        over = turns.filter(is_over)
        self._survival = SurvivalHierarchy(
            Runs(
                self._cells_of(self._turns.filter(is_over)),
                (over["elapsed_minutes"] - over["turned_minutes"])
                .clip(lower_bound=0)
                .to_numpy()
                .astype(np.float64),
            ),
            over["ended_at"].dt.epoch("us").to_numpy().astype(np.int64),
        )

    def chances_at(
        self, moment: datetime, running: pl.DataFrame, pseudo_count: float = PSEUDO_COUNT
    ) -> pl.DataFrame:
        """Return how likely running clocks are to pass their targets, as known at a moment.

        Args:
            moment: What happened later is not looked at.
            running: The clocks that ran or were paused then: clock, elapsed_minutes and
                target_minutes.
            pseudo_count: Weight of a wider cell, in clocks.

        Returns:
            The clocks, in their order, with breach_probability and similar_clocks: how many in
            the narrowest cell had got as far.
        """
        reached = (
            self._turns.join(running, on="clock")
            .filter(pl.col("turned_at") <= moment)
            .with_columns(
                (pl.col("elapsed_minutes") - pl.col("turned_minutes"))
                .clip(lower_bound=0)
                .alias("age")
            )
            .sort("clock", "turned_at")
        )
        latest = running.select("clock").join(
            reached.unique("clock", keep="last", maintain_order=True),
            on="clock",
            how="left",
            maintain_order="left",
        )
        now = _microseconds(moment)
        estimate = self._survival.estimate(
            now,
            now - KEPT // timedelta(microseconds=1),
            self._runs(reached.filter("is_sample")),
            self._runs(latest),
            (latest["target_minutes"] - latest["turned_minutes"]).to_numpy().astype(np.float64),
            pseudo_count,
        )
        return running.with_columns(
            pl.Series("breach_probability", estimate.probabilities, dtype=pl.Float64),
            pl.Series("similar_clocks", estimate.at_risk, dtype=pl.Int64),
        )

    def _runs(self, turns: pl.DataFrame) -> Runs:
        return Runs(self._cells_of(turns), turns["age"].to_numpy().astype(np.float64))

    def _cells_of(self, turns: pl.DataFrame) -> Sequence[npt.NDArray[np.int64]]:
        return [turns[name].to_numpy().astype(np.int64) for name in self._levels]


def _cells(turns: pl.DataFrame) -> list[pl.Series]:
    """Return the cell of every turn, level by level, counted from 0 without gaps."""
    cells = np.zeros(turns.height, dtype=np.int64)
    levels: list[pl.Series] = []
    for level, names in enumerate(CELL_LEVELS):
        for name in names:
            values = turns[name].cast(pl.String).fill_null("").cast(pl.Categorical).to_physical()
            codes = values.to_numpy().astype(np.int64)
            cells = _without_gaps(cells * (int(codes.max(initial=0)) + 1) + codes)
        levels.append(pl.Series(f"level_{level}", cells, dtype=pl.Int64))
    return levels


def _without_gaps(cells: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return cells numbered anew, in the same order, so that all numbers occur."""
    occurs = np.zeros(int(cells.max(initial=0)) + 1, dtype=np.bool_)
    occurs[cells] = True
    renumbered: npt.NDArray[np.int64] = (np.cumsum(occurs) - 1)[cells]
    return renumbered


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
