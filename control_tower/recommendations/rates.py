"""What an hour, a missed target and a lost customer are worth, so that actions can be ranked."""

from dataclasses import dataclass

import polars as pl

from control_tower.recommendations.action import Action

__all__ = ["Rates", "rates_of", "score_usd"]

_DEFAULT_HOURLY_COST_USD = 40.0


@dataclass(frozen=True)
class Rates:
    """Exchange rates into dollars. The defaults are conventions, not measurements: set your own.

    Attributes:
        working_hour_usd: An hour of an agent's work; `rates_of` takes the desk's own.
        cycle_hour_usd: An hour a customer's ticket takes longer.
        breach_usd: A missed target: by default an hour and a half of work to apologise, escalate
            and report.
        lost_customer_usd: A customer who leaves.
        overtime_factor: What an hour of overtime costs, in ordinary hours.
    """

    working_hour_usd: float = _DEFAULT_HOURLY_COST_USD
    cycle_hour_usd: float = 1.0
    breach_usd: float = 1.5 * _DEFAULT_HOURLY_COST_USD
    lost_customer_usd: float = 1_000.0
    overtime_factor: float = 1.5


def rates_of(
    agents: pl.DataFrame,
    *,
    cycle_hour_usd: float = 1.0,
    hours_per_breach: float = 1.5,
    lost_customer_usd: float = 1_000.0,
    overtime_factor: float = 1.5,
) -> Rates:
    """Return the rates of a desk from what its agents cost, weighted by their full-time share.

    An agent whose share is not known counts as full-time. Where no cost is known an hour is worth
    40 USD.
    """
    known = agents.drop_nulls("hourly_cost_usd")
    weight = pl.col("fte").fill_null(1.0)
    mean = known.select((pl.col("hourly_cost_usd") * weight).sum() / weight.sum()).item()
    hour = float(mean) if known.height and mean and mean > 0 else _DEFAULT_HOURLY_COST_USD
    return Rates(
        working_hour_usd=hour,
        cycle_hour_usd=cycle_hour_usd,
        breach_usd=hours_per_breach * hour,
        lost_customer_usd=lost_customer_usd,
        overtime_factor=overtime_factor,
    )


def score_usd(action: Action, rates: Rates) -> float:
    """Return what an action is worth a month: its hours, its breaches and its dollars, in USD."""
    hour = rates.working_hour_usd if action.hours_kind == "working" else rates.cycle_hour_usd
    return (
        action.impact_hours * hour + action.breaches_avoided * rates.breach_usd + action.impact_usd
    )
