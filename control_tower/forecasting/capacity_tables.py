"""What capacity planning makes: the tables, each declared once."""

import dataframely as dy

from control_tower.columns import amount, day, one_of, text

__all__ = ["BASES", "CapacityGap", "CapacityOutlook"]

BASES = ("handle minutes", "closures", "unknown")
"""What a group's capacity was worked out from, best first."""


class CapacityOutlook(dy.Schema):
    """People needed against people there, by group, over all days the forecast covers.

    The coming month as a whole: what `capacity_gap` splits at the turn of the calendar month. The
    gap is positive where people are missing.
    """

    group_name = text("Group that has to do the work", key=True)
    first_day = day("First day the row covers")
    last_day = day("Last day the row covers")
    working_days = amount("Days a full-time post works in that time", lowest=0)
    forecast_tickets = amount("Tickets expected to come to the group", lowest=0)
    handle_minutes = amount("Minutes of work a ticket takes the group", nullable=True, lowest=0)
    required_fte_days = amount(
        "Days of full-time posts the tickets need at target occupancy", nullable=True, lowest=0
    )
    available_fte_days = amount(
        "Days of full-time posts there will be, absences taken off", nullable=True, lowest=0
    )
    gap_fte_days = amount("Required less available days; above 0 people are short", nullable=True)
    lo_80 = amount("Lower end of the gap's 80 % interval, days", nullable=True)
    hi_80 = amount("Upper end of the gap's 80 % interval, days", nullable=True)
    lo_95 = amount("Lower end of the gap's 95 % interval, days", nullable=True)
    hi_95 = amount("Upper end of the gap's 95 % interval, days", nullable=True)
    capacity_tickets = amount("Tickets the people there can do", nullable=True, lowest=0)
    gap_tickets = amount("Expected tickets less those that can be done", nullable=True)
    basis = one_of(BASES, "What the capacity was worked out from")


class CapacityGap(CapacityOutlook):
    """People needed against people there, by group and calendar month, as far as forecasts reach.

    Each row covers the days of the month that the forecast covers, from first_day to last_day: the
    month under way from today on, the month after it up to the forecast's end. The gap is positive
    where people are missing.
    """

    month = day("First day of the calendar month", key=True)
