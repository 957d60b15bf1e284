"""What was mended, refused or remarked while reading, kept rule by rule."""

from typing import Final, Literal

import polars as pl

from control_tower.raw.contract import polars_schema

__all__ = ["RepairLog"]

Treatment = Literal["repaired", "refused", "noted"]

_LONGEST_EXAMPLE: Final = 300


class RepairLog:
    """Counts of the rows each rule touched, in the order the rules were applied."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, Treatment, int, str, str | None]] = []

    def add(
        self,
        rule: str,
        treatment: Treatment,
        rows: int,
        explanation: str,
        example: str | None = None,
    ) -> None:
        """Count rows a rule touched, those it touched before included; none leave no trace."""
        if not rows:
            return
        for place, (known, _, before, *_) in enumerate(self._rows):
            if known == rule:
                self._rows[place] = (known, treatment, before + rows, *self._rows[place][3:])
                return
        shown = example[:_LONGEST_EXAMPLE] if example else None
        self._rows.append((rule, treatment, rows, explanation, shown))

    @property
    def refused(self) -> int:
        """Rows refused so far."""
        return sum(rows for _, treatment, rows, _, _ in self._rows if treatment == "refused")

    def frame(self) -> pl.DataFrame:
        """Return the contract's `repairs` table."""
        return pl.DataFrame(self._rows, schema=polars_schema("repairs"), orient="row")
