"""Staff the group that will be short of people."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from control_tower.recommendations.action import Action, EvidenceRow, confidence_of
from control_tower.recommendations.period import DAYS_PER_MONTH, Period
from control_tower.recommendations.rates import Rates
from control_tower.recommendations.statistics import Slope, slope, z_score

__all__ = ["staff_bottleneck"]

_SMALLEST_GAP_DAYS = 1.0
_FEWEST_DAYS = 20
_HOURS_IN_AN_UNKNOWN_DAY = 6.5


@dataclass(frozen=True)
class _Shortage:
    """A group's gap, as thirty days' worth, and what covering it costs and brings."""

    group: str
    row: dict[str, Any]
    days: int
    gap: float
    tickets: float
    lender: str | None
    borrowed: float
    hours_a_day: float
    hourly_usd: float
    more_breaches: Slope | None
    more_hours: Slope | None

    @property
    def breaches_avoided(self) -> float:
        return self.more_breaches.estimate * self.tickets if self.more_breaches else 0.0

    @property
    def tickets_a_working_day(self) -> float:
        working_days = self.row["working_days"] * DAYS_PER_MONTH / self.days
        return self.tickets / working_days if working_days else 0.0

    @property
    def expected(self) -> float:
        return float(self.row["forecast_tickets"]) * DAYS_PER_MONTH / self.days

    @property
    def hours(self) -> float:
        if not self.more_hours:
            return 0.0
        return self.more_hours.estimate * self.tickets_a_working_day * self.expected

    @property
    def overtime_days(self) -> float:
        return self.gap - self.borrowed


def staff_bottleneck(
    capacity_outlook: pl.DataFrame,
    bottlenecks: pl.DataFrame,
    daily_ops: pl.DataFrame,
    agents: pl.DataFrame,
    group_capacity: pl.DataFrame,
    rates: Rates,
    period: Period,
) -> list[Action]:
    """Return one action for each group that will be short of people in the coming month.

    What the missing people would bring is read off the group's own working days in the period: by
    how many missed targets a day rises, and by how many hours its median cycle time, with each
    further ticket that comes to the group (least squares). Days another group is sure to have to
    spare (the near end of its 80 % interval) are borrowed; the rest is overtime at full cost.

    Silent for a group unless the 80 % interval of its gap lies above zero and the gap is at least
    one full-time day. Missed targets and hours are only counted if at least 20 days tell the slope
    and its 95 % interval lies above zero. Silent without a forecast or without known capacity.

    Args:
        capacity_outlook: Columns of the table of that name, days of full-time posts by group.
        bottlenecks: Columns group_name, rank.
        daily_ops: Columns day, group_name, is_complete, created, reopened, received, solved,
            breaches, median_cycle_hours.
        agents: Columns group_name, fte, hourly_cost_usd.
        group_capacity: Columns group_name, productive_hours_per_day.
        rates: What hours are worth where a group's own cost is not known.
        period: Which days tell the slopes.
    """
    short = capacity_outlook.filter(
        (pl.col("lo_80") > 0) & (pl.col("gap_fte_days") >= _SMALLEST_GAP_DAYS)
    ).sort("gap_fte_days", "group_name", descending=[True, False])
    spare = {
        name: -days
        for name, days in capacity_outlook.filter(pl.col("hi_80") <= -_SMALLEST_GAP_DAYS)
        .sort("hi_80", "group_name")
        .select("group_name", "hi_80")
        .iter_rows()
    }
    actions: list[Action] = []
    for row in short.iter_rows(named=True):
        group = row["group_name"]
        days = (row["last_day"] - row["first_day"]).days + 1
        to_month = DAYS_PER_MONTH / days
        gap = row["gap_fte_days"] * to_month
        lender = next(iter(spare), None)
        borrowed = min(gap, spare[lender] * to_month) if lender else 0.0
        if lender:
            # What one group borrows is not there for the next.
            spare[lender] -= borrowed / to_month
            spare = {name: left for name, left in spare.items() if left >= _SMALLEST_GAP_DAYS}
        shortage = _Shortage(
            group=group,
            row=row,
            days=days,
            gap=gap,
            tickets=(row["gap_tickets"] or 0.0) * to_month,
            lender=lender,
            borrowed=borrowed,
            hours_a_day=_hours_a_day(group_capacity, group),
            hourly_usd=_hourly_cost(agents, group, rates),
            more_breaches=_with_each_ticket(daily_ops, group, "breaches", period),
            more_hours=_with_each_ticket(daily_ops, group, "median_cycle_hours", period),
        )
        actions.append(_action(shortage, bottlenecks, rates))
    return actions


def _action(shortage: _Shortage, bottlenecks: pl.DataFrame, rates: Rates) -> Action:
    row, group, gap = shortage.row, shortage.group, shortage.gap
    cost = (
        shortage.overtime_days * shortage.hours_a_day * shortage.hourly_usd * rates.overtime_factor
    )
    is_first = bottlenecks.filter((pl.col("group_name") == group) & (pl.col("rank") == 1)).height
    is_told = shortage.more_breaches or shortage.more_hours
    return Action(
        action_id=f"staff_bottleneck:{group}",
        question=3,
        title=f"Staff {group}: {gap:,.1f} full-time days short in the coming month",
        action=_instruction(shortage),
        evidence=(
            f"{row['forecast_tickets']:,.0f} tickets are forecast for {group} from "
            f"{row['first_day']} to {row['last_day']}; they need "
            f"{row['required_fte_days']:,.1f} full-time days, {row['available_fte_days']:,.1f} "
            f"are there: {row['gap_fte_days']:,.1f} short (80% interval {row['lo_80']:,.1f} to "
            f"{row['hi_80']:,.1f})."
            + (" It is the desk's first bottleneck." if is_first else "")
            + _said(shortage.more_breaches, "missed targets", 2)
            + _said(shortage.more_hours, "hours of median cycle time", 3)
        ),
        metric="SLA attainment",
        estimated_impact=gap,
        impact_unit="full-time days covered a month",
        impact_hours=shortage.hours,
        hours_kind="cycle",
        breaches_avoided=shortage.breaches_avoided,
        impact_usd=-cost,
        arithmetic=_arithmetic(shortage, cost, rates),
        confidence=confidence_of(
            int(row["forecast_tickets"]) if is_told else 0, row["gap_fte_days"], row["lo_80"]
        ),
        owner_group=group,
        rows=_rows(shortage),
    )


def _instruction(shortage: _Shortage) -> str:
    cover = f"Cover {shortage.gap:,.1f} full-time days in {shortage.group} over the next month"
    rest = "overtime, a contractor or postponed leave"
    if not shortage.lender:
        return f"{cover} with {rest}; no group is sure to have days to spare."
    borrowed = (
        f"{cover}: borrow {shortage.borrowed:,.1f} from {shortage.lender}, where skills allow"
    )
    if shortage.overtime_days < 0.05:
        return f"{borrowed}."
    return f"{borrowed}, and plan {rest} for {shortage.overtime_days:,.1f}."


def _said(found: Slope | None, what: str, digits: int) -> str:
    if not found:
        return ""
    return (
        f" Each further ticket in a day goes with {found.estimate:.{digits}f} more {what} "
        f"(95% interval {found.lower:.{digits}f} to {found.upper:.{digits}f}, "
        f"{found.observations} days)."
    )


def _arithmetic(shortage: _Shortage, cost: float, rates: Rates) -> str:
    row = shortage.row
    sentences = [
        f"{row['required_fte_days']:,.1f} days required less {row['available_fte_days']:,.1f} "
        f"available is {row['gap_fte_days']:,.1f} over {shortage.days} days, "
        f"{shortage.gap:,.1f} a month."
    ]
    if shortage.more_breaches or shortage.more_hours:
        sentences.append(
            f"The people there can do {row['capacity_tickets']:,.0f} of "
            f"{row['forecast_tickets']:,.0f} tickets, {shortage.tickets:,.1f} a month too few."
        )
    if shortage.more_breaches:
        sentences.append(
            f"{shortage.tickets:,.1f} x {shortage.more_breaches.estimate:.2f} missed targets a "
            f"ticket = {shortage.breaches_avoided:,.1f} a month."
        )
    if shortage.more_hours:
        sentences.append(
            f"{shortage.tickets_a_working_day:,.1f} tickets a working day x "
            f"{shortage.more_hours.estimate:.3f} h x {shortage.expected:,.0f} tickets = "
            f"{shortage.hours:,.0f} cycle hours a month."
        )
    sentences.append(
        f"Overtime for {shortage.overtime_days:,.1f} days x {shortage.hours_a_day:g} h x "
        f"{shortage.hourly_usd:,.2f} USD x {rates.overtime_factor:g} = {cost:,.0f} USD."
    )
    return " ".join(sentences)


def _with_each_ticket(
    daily_ops: pl.DataFrame, group: str, outcome: str, period: Period
) -> Slope | None:
    days = daily_ops.filter(
        pl.col("group_name") == group,
        "is_complete",
        pl.col("solved") > 0,
        pl.col("day").is_between(period.start.date(), period.end.date(), closed="left"),
    ).drop_nulls(outcome)
    inflow = days["created"] + days["reopened"] + days["received"]
    found = slope(inflow, days[outcome], z_score())
    return found if found and found.observations >= _FEWEST_DAYS and found.lower > 0 else None


def _hours_a_day(group_capacity: pl.DataFrame, group: str) -> float:
    known = group_capacity.filter(pl.col("group_name") == group)["productive_hours_per_day"]
    value = known.drop_nulls()
    return float(value[0]) if value.len() else _HOURS_IN_AN_UNKNOWN_DAY


def _hourly_cost(agents: pl.DataFrame, group: str, rates: Rates) -> float:
    known = agents.filter(pl.col("group_name") == group)["hourly_cost_usd"].drop_nulls()
    mean = known.mean()
    return float(mean) if isinstance(mean, float) else rates.working_hour_usd


def _rows(shortage: _Shortage) -> list[EvidenceRow]:
    group, row = shortage.group, shortage.row
    rows = [
        EvidenceRow(group, "tickets forecast", row["forecast_tickets"], "tickets"),
        EvidenceRow(group, "tickets the people there can do", row["capacity_tickets"], "tickets"),
        EvidenceRow(group, "minutes of work a ticket", row["handle_minutes"], "minutes"),
        EvidenceRow(group, "required", row["required_fte_days"], "full-time days"),
        EvidenceRow(group, "available", row["available_fte_days"], "full-time days"),
        EvidenceRow(group, "short", row["gap_fte_days"], "full-time days"),
        EvidenceRow(group, "short at least, 80% interval", row["lo_80"], "full-time days"),
        EvidenceRow(group, "short at most, 80% interval", row["hi_80"], "full-time days"),
    ]
    if shortage.more_breaches:
        per_ticket = shortage.more_breaches.estimate
        rows.append(
            EvidenceRow(group, "missed targets with each further ticket", per_ticket, "targets")
        )
    if shortage.more_hours:
        per_ticket = shortage.more_hours.estimate
        rows.append(
            EvidenceRow(group, "median cycle time with each further ticket", per_ticket, "hours")
        )
    if shortage.lender:
        rows.append(
            EvidenceRow(shortage.lender, "surely to spare", shortage.borrowed, "full-time days")
        )
    return rows
