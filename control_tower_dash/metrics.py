"""Every metric once: what it is called, how it reads, which way is good, what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from control_tower_dash.formats import Kind

__all__ = ["METRICS", "Metric"]


@dataclass(frozen=True)
class Metric:
    """A figure leaders steer by.

    Attributes:
        name: Name of it in tables.
        label: What people call it.
        kind: How it reads.
        good: Which way is good; neither where a change is only news.
        definition: What it is, in a sentence, with the moment that puts it into a period.
    """

    name: str
    label: str
    kind: Kind
    good: Literal["up", "down", "neither"]
    definition: str


METRICS: Final[Mapping[str, Metric]] = {
    metric.name: metric
    for metric in (
        Metric(
            "tickets",
            "Tickets opened",
            "count",
            "neither",
            "Tickets created in the period, without deleted ones.",
        ),
        Metric(
            "sla_attainment",
            "SLA attainment",
            "share",
            "up",
            "Share of SLA targets kept, of all targets decided in the period: a target is decided "
            "when its clock stops or the moment it is passed.",
        ),
        Metric(
            "median_cycle_hours",
            "Cycle time",
            "hours",
            "down",
            "Median calendar hours from creation to solution, of tickets solved in the period.",
        ),
        Metric(
            "p90_cycle_hours",
            "Cycle time, slowest tenth",
            "hours",
            "down",
            "Calendar hours from creation to solution that one in ten of the tickets solved in the "
            "period took longer than.",
        ),
        Metric(
            "median_first_reply_minutes",
            "First reply",
            "minutes",
            "down",
            "Median calendar minutes from creation to the first public reply of an agent, of "
            "tickets first replied to in the period.",
        ),
        Metric(
            "waiting_share",
            "Waiting share",
            "share",
            "down",
            "Share of the time tickets were with the group, in opening hours where they keep them, "
            "in which nobody worked on them; of tickets opened in the period.",
        ),
        Metric(
            "backlog",
            "Open backlog",
            "count",
            "down",
            "Tickets neither solved nor closed at the end of the period.",
        ),
        Metric(
            "cost_per_ticket",
            "Cost per ticket",
            "usd",
            "down",
            "Handling cost of the tickets solved in the period, divided by their number.",
        ),
        Metric(
            "csat_mean",
            "CSAT",
            "score",
            "up",
            "Mean satisfaction score, 1 to 5, of ratings given in the period.",
        ),
        Metric(
            "response_rate",
            "Response rate",
            "share",
            "up",
            "Share of tickets solved in the period that their customer has rated by now.",
        ),
        Metric(
            "breach_rate",
            "Breach rate",
            "share",
            "down",
            "Share of tickets that missed any SLA target, of those solved in the period that had "
            "one.",
        ),
        Metric(
            "reopen_rate",
            "Reopen rate",
            "share",
            "down",
            "Share of tickets solved in the period that came back at least once.",
        ),
        Metric(
            "escalation_rate",
            "Escalation rate",
            "share",
            "down",
            "Share of tickets solved in the period that were escalated to another group.",
        ),
        Metric(
            "churn_rate",
            "Churn after ticket",
            "share",
            "down",
            "Share of tickets whose customer left within ninety days, where that is known.",
        ),
        Metric(
            "bottleneck_score",
            "Bottleneck score",
            "number",
            "down",
            "Median hours in the group times tickets times breach rate, each relative to the "
            "largest group's, 0 to 100; the highest is the bottleneck.",
        ),
        Metric(
            "gap_fte_days",
            "Capacity gap",
            "fte_days",
            "down",
            "Days of full-time work needed for the forecast beyond those the group has; below "
            "nothing, it has people to spare.",
        ),
    )
}
