"""What the simulator answers: a plan beside the desk as it stands."""

from datetime import timedelta
from typing import Final

import polars as pl

from control_tower.forecasting.desk_profile import DeskProfile
from control_tower.forecasting.what_if import Outlook, what_if
from control_tower_dash.filters import Filters
from control_tower_dash.kept import KeptBySnapshot
from control_tower_dash.plan import Lever, Plan, PlanRead, levers_of, read_plan
from control_tower_dash.queries.dimensions import priority_rank
from control_tower_dash.warehouse import Reader

__all__ = [
    "HAS_PEOPLE",
    "attainment",
    "backlog",
    "foretold",
    "gaps",
    "levers",
    "plan_asked",
]

HAS_PEOPLE: Final = (
    "select 1 from forecasting.desk_groups, forecasting.desk_demand, forecasting.desk_routes "
    "limit 1"
)
"""Finds a row where a what-if has what it needs."""

_TABLES: Final = ("groups", "hours", "demand", "routes", "spreads", "backlog")
_ATTAINMENT: Final = {
    "dimension": pl.String(),
    "value": pl.String(),
    "metric": pl.String(),
    "before": pl.Float64(),
    "after": pl.Float64(),
    "difference": pl.Float64(),
}


_PROFILES: Final[KeptBySnapshot[None, DeskProfile]] = KeptBySnapshot(1)
_OUTLOOKS: Final[KeptBySnapshot[Plan, Outlook | None]] = KeptBySnapshot(64)


def foretold(reader: Reader, plan: Plan) -> Outlook | None:
    """Return what a plan comes to over the coming thirty days, or None without known people.

    Answers are kept by snapshot and plan.
    """
    return _OUTLOOKS.of(reader, plan, lambda: what_if(plan.scenario(), _profile(reader)))


def _profile(reader: Reader) -> DeskProfile:
    return _PROFILES.of(
        reader,
        None,
        lambda: DeskProfile.of_tables(
            {
                f"desk_{name}": reader.query(f"select * from forecasting.desk_{name}")  # noqa: S608
                for name in _TABLES
            }
        ),
    )


def levers(reader: Reader) -> tuple[Lever, ...]:
    """Return what can be changed of the desk of a snapshot; nothing if its people are not known."""
    if reader.query(HAS_PEOPLE).is_empty():
        return ()
    return levers_of(
        reader.query(
            "select group_name, fte, shrinkage, target_occupancy from forecasting.desk_groups"
        )
    )


def plan_asked(reader: Reader, filters: Filters) -> PlanRead:
    """Return the plan a URL asks for, and what of it was left out."""
    return read_plan(dict(filters.options), levers(reader))


def attainment(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the share of targets kept, by the desk as it stands and by the plan.

    Returns:
        dimension (Desk, Priority, Group), value, metric (the SLA metric foretold), before, after,
        difference; priorities from urgent on; only what has targets.
    """
    both = _both(reader, filters)
    if both is None:
        return pl.DataFrame(schema=_ATTAINMENT)
    desk = pl.DataFrame(
        {
            "value": ["Whole desk"],
            "before": [both[0].sla_attainment],
            "after": [both[1].sla_attainment],
        },
        schema={"value": pl.String, "before": pl.Float64, "after": pl.Float64},
    )
    priorities = _side_by_side(both[0].priorities, both[1].priorities, "priority", "sla_attainment")
    before, after = (_chosen(one.groups, filters) for one in both)
    groups = _side_by_side(before, after, "group_name", "sla_attainment")
    return (
        pl.concat(
            [
                desk.with_columns(dimension=pl.lit("Desk")),
                priorities.rename({"priority": "value"})
                .with_columns(dimension=pl.lit("Priority"))
                .sort(pl.col("value").map_elements(priority_rank, pl.Int64), "value"),
                groups.rename({"group_name": "value"})
                .with_columns(dimension=pl.lit("Group"))
                .sort("value"),
            ]
        )
        .filter(pl.any_horizontal(pl.col("before", "after").is_not_null()))
        .with_columns(difference=pl.col("after") - pl.col("before"), metric=pl.lit(both[0].metric))
        .select(*_ATTAINMENT)
    )


def gaps(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return each group's gap and how busy its people are, as the desk stands and by the plan.

    Returns:
        group_name, before, after, difference (gap in FTE days), required_fte_days and
        available_fte_days (by the plan), occupancy_before, occupancy_after; by group.
    """
    both = _both(reader, filters)
    if both is None:
        numbers = (
            "before",
            "after",
            "difference",
            "required_fte_days",
            "available_fte_days",
            "occupancy_before",
            "occupancy_after",
        )
        return pl.DataFrame(schema={"group_name": pl.String, **dict.fromkeys(numbers, pl.Float64)})
    before, after = (_chosen(one.groups, filters) for one in both)
    occupancy = _side_by_side(before, after, "group_name", "occupancy").rename(
        {"before": "occupancy_before", "after": "occupancy_after"}
    )
    return (
        _side_by_side(before, after, "group_name", "gap_fte_days")
        .with_columns(difference=pl.col("after") - pl.col("before"))
        .join(
            after.select("group_name", "required_fte_days", "available_fte_days"), on="group_name"
        )
        .join(occupancy, on="group_name")
        .sort("group_name")
    )


def backlog(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the tickets waiting at the end of each coming day, as it stands and by the plan.

    Returns:
        group_name, day, before, before_lo, before_hi, after, after_lo, after_hi (bounds of 80 %
        intervals); the group that waits longest by the plan first, oldest day first.
    """
    both = _both(reader, filters)
    bounds = ("before", "before_lo", "before_hi", "after", "after_lo", "after_hi")
    if both is None:
        return pl.DataFrame(
            schema={"group_name": pl.String, "day": pl.Date, **dict.fromkeys(bounds, pl.Float64)}
        )
    before, after = (
        _chosen(one.backlog, filters).rename(
            {"expected": name, "lo_80": f"{name}_lo", "hi_80": f"{name}_hi"}
        )
        for one, name in zip(both, ("before", "after"), strict=True)
    )
    begins = reader.query("select min(starts_at) as begins from forecasting.desk_hours")[
        "begins"
    ].item()
    # The day an end falls on, midnight counting to the day before it.
    days = pl.lit(begins - timedelta(microseconds=1)) + pl.duration(days=pl.col("day_number"))
    return (
        before.join(after, on=["group_name", "day_number"])
        .with_columns(day=days.dt.date())
        .sort(
            pl.col("after").last().over("group_name", order_by="day_number"),
            "group_name",
            "day",
            descending=[True, False, False],
        )
        .select("group_name", "day", *bounds)
    )


def _both(reader: Reader, filters: Filters) -> tuple[Outlook, Outlook] | None:
    """Return the desk as it stands and the plan asked for."""
    before = foretold(reader, Plan())
    after = foretold(reader, plan_asked(reader, filters).plan)
    return None if before is None or after is None else (before, after)


def _chosen(frame: pl.DataFrame, filters: Filters) -> pl.DataFrame:
    return frame.filter(pl.col("group_name").is_in(filters.group)) if filters.group else frame


def _side_by_side(before: pl.DataFrame, after: pl.DataFrame, key: str, value: str) -> pl.DataFrame:
    return before.select(key, before=value).join(
        after.select(key, after=value), on=key, maintain_order="left"
    )
