"""The tables of the room: what stands at risk now, and how far its forecasts can be trusted."""

from collections.abc import Mapping
from typing import Final

import dataframely as dy
import polars as pl

from control_tower.alerts.calibration import METHODS
from control_tower.alerts.risk import RISKS
from control_tower.columns import amount, count, flag, identifier, moment, one_of, share, text

__all__ = ["TABLES", "AtRiskTickets", "RiskCalibration", "RiskScores"]


class AtRiskTickets(dy.Schema):
    """Every SLA clock of an open ticket that runs or is paused, with the chance of a breach.

    The most urgent come first. The probability is how often clocks of the same metric, stage,
    priority, group and type that had run as long went on to pass their target.
    """

    ticket_id = identifier("Ticket's key", key=True)
    metric = text("SLA metric", key=True)
    instance = identifier("Which of the ticket's clocks of this metric, counted from 1", key=True)
    group_name = text("Group that holds the ticket now, or Unassigned")
    priority = text("Priority now; null where the source has none", nullable=True)
    ticket_type = text("Kind of request", nullable=True)
    policy_name = text("Policy the target comes from")
    clock_state = one_of(("active", "paused"), "Whether the clock runs now, or waits")
    is_business_hours = flag("Whether the clock runs in opening hours only")
    started_at = moment("When the clock started")
    target_minutes = amount("Target, minutes on the clock", lowest=0)
    elapsed_minutes = amount("Minutes on the clock now", lowest=0)
    remaining_minutes = amount("Target less elapsed, negative once the target is passed")
    breach_at = moment(
        "When the target was passed or, the clock running on, will be; null while it is paused",
        nullable=True,
    )
    breach_probability = share("Chance that the target is passed; 1 once it is")
    similar_clocks = count("Past clocks of the same kind that had got as far")
    risk = one_of(RISKS, "Urgency: breached, critical, high or watch")
    reason = text("Why, in one sentence")

    @dy.rule()
    def remaining_minutes_is_target_less_elapsed(cls) -> pl.Expr:
        """Time left and time spent make up the target."""
        gap = pl.col("target_minutes") - pl.col("elapsed_minutes") - pl.col("remaining_minutes")
        return gap.abs() < 1e-6

    @dy.rule()
    def breached_exactly_when_nothing_remains(cls) -> pl.Expr:
        """The class agrees with the clock; time equal to the target is within it."""
        return (pl.col("risk") == "breached") == (pl.col("remaining_minutes") < 0)


class RiskScores(dy.Schema):
    """How well breaches are foretold, beside the two rules a desk would otherwise go by.

    Every 71 hours of the past year, all clocks not yet due were judged by what was known at
    that moment, and scored by what came of them. Empty while the history is too short.
    """

    method = one_of(
        METHODS,
        "survival (the breach probability), late_rate_by_type or elapsed_share",
        key=True,
    )
    moments = count("Moments in the past at which clocks were judged")
    clocks = count("Clocks judged, all moments together")
    breach_rate = share("Share of them that passed their target")
    brier_score = share("Mean squared gap between forecast and outcome; 0 is perfect")
    calibration_error = share("Mean gap between forecast and observed share, in ten bins")
    error_by_chance = share("Calibration error to expect of forecasts that are exactly right")
    auc = share(
        "Chance that of two clocks the one that breached had the higher forecast; null if all "
        "ended alike",
        nullable=True,
    )


class RiskCalibration(dy.Schema):
    """What was foretold and what came, for forecasts of like height: the reliability table."""

    method = one_of(
        METHODS,
        "survival (the breach probability), late_rate_by_type or elapsed_share",
        key=True,
    )
    bin = dy.Int64(primary_key=True, min=1, max=10, description="Bin of forecasts, 1 to 10")
    forecasts_from = share("Lowest forecast of the bin")
    forecasts_to = share("Forecast at which the next bin begins")
    clocks = count("Clocks with such a forecast")
    mean_forecast = share("Their mean forecast")
    observed_share = share("Share of them that passed their target")


TABLES: Final[Mapping[str, type[dy.Schema]]] = {
    "at_risk_tickets": AtRiskTickets,
    "risk_calibration": RiskCalibration,
    "risk_scores": RiskScores,
}
