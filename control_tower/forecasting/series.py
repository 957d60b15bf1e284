"""What is forecast: calendar-complete daily counts, and the series made of them.

Two flows come to a group: tickets created in it, and tickets passed on to it by another group or
back to it by a reopening. Each is a component with a forecast of its own; every series is a sum of
components. The desk's total is the tickets created in all groups; a group's series is its demand,
all the tickets that come to it to be worked on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["CREATED", "DEMAND", "TOTAL", "Component", "Counts", "Desk", "Series", "desk_from_daily"]

Counts: TypeAlias = NDArray[np.float64]

TOTAL: Final = "Total"
CREATED: Final = "created"
DEMAND: Final = "demand"


@dataclass(frozen=True)
class Component:
    """One flow of tickets into one group.

    Attributes:
        group_name: The group.
        is_created: Whether these are tickets created in the group, or passed on or back to it.
        counts: Tickets a day, one for each day of the desk.
    """

    group_name: str
    is_created: bool
    counts: Counts


@dataclass(frozen=True)
class Series:
    """A sum of components.

    Attributes:
        name: `Total`, or the group's name.
        measure: `created` for the total, `demand` for a group.
        components: Positions of its components in the desk's list.
        start: First day with a ticket, as a position on the desk's days.
        counts: Tickets a day, one for each day of the desk.
    """

    name: str
    measure: str
    components: tuple[int, ...]
    start: int
    counts: Counts


@dataclass(frozen=True)
class Desk:
    """All components and series on one calendar without gaps."""

    first_day: date
    days: int
    components: Sequence[Component]
    series: Sequence[Series]

    @property
    def next_day(self) -> date:
        """The first day to forecast: the one after the last complete day."""
        return self.first_day + timedelta(days=self.days)

    def day(self, position: int) -> date:
        """Return the day at a position; those past the end lie ahead."""
        return self.first_day + timedelta(days=position)


def desk_from_daily(daily_ops: pl.DataFrame) -> Desk | None:
    """Return the series of a desk, from its first complete day to its last.

    A day that a group has no row for counts as a day without tickets: a flow that stops is zero,
    not unknown. The day still under way is left out.

    Args:
        daily_ops: day, group_name, is_complete, created, reopened, received.

    Returns:
        The total first, then the groups by name; None without a complete day or without a ticket.
    """
    complete = daily_ops.filter("is_complete").with_columns(
        (pl.col("reopened") + pl.col("received")).alias("passed_on")
    )
    if complete.is_empty():
        return None
    first, last = complete.select(
        pl.col("day").min().alias("first"), pl.col("day").max().alias("last")
    ).row(0)
    calendar = pl.select(pl.date_range(first, last, "1d").alias("day"))
    components: list[Component] = []
    for (group,), rows in complete.sort("group_name", "day").group_by(
        "group_name", maintain_order=True
    ):
        filled = calendar.join(
            rows.group_by("day").agg(pl.col("created", "passed_on").sum()),
            on="day",
            how="left",
            maintain_order="left",
        )
        for flow in ("created", "passed_on"):
            counts = filled[flow].fill_null(0).cast(pl.Float64).to_numpy()
            if counts.any():
                components.append(Component(str(group), flow == "created", counts))
    if not components:
        return None
    return Desk(first, calendar.height, components, _series(components))


def _series(components: Sequence[Component]) -> list[Series]:
    members: dict[tuple[str, str], list[int]] = {}
    for position, component in enumerate(components):
        if component.is_created:
            members.setdefault((TOTAL, CREATED), []).append(position)
    groups: Mapping[str, list[int]] = {
        name: [n for n, component in enumerate(components) if component.group_name == name]
        for name in dict.fromkeys(component.group_name for component in components)
    }
    for name, positions in groups.items():
        # A group may be called what the total is called; the key must stay one of a kind.
        members[(f"{name} (group)" if name == TOTAL else name, DEMAND)] = positions
    made = []
    for (name, measure), positions in members.items():
        counts = np.sum([components[n].counts for n in positions], axis=0)
        start = int(np.flatnonzero(counts)[0])
        made.append(Series(name, measure, tuple(positions), start, counts))
    return made
