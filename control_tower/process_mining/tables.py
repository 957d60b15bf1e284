"""The tables process mining makes, defined once."""

from collections.abc import Mapping
from typing import Final

import dataframely as dy

from control_tower import columns

__all__ = ["TABLES"]


class Transitions(dy.Schema):
    """What follows what: one row per step from one activity to the next, over all tickets.

    The order of events within a ticket is (occurred_at, event_id).
    """

    from_activity = columns.text("Activity the step leads from", key=True)
    to_activity = columns.text("Activity that follows next on the same ticket", key=True)
    count = columns.count("Times the one followed the other")
    share_of_from = columns.share("Share of all steps from that activity")
    mean_hours = columns.hours("Mean time from the one to the other, calendar hours")
    median_hours = columns.hours("Median of the same")
    p90_hours = columns.hours("90th percentile of the same")
    business_mean_hours = columns.hours(
        "Mean time, opening hours; null without a schedule", nullable=True
    )
    business_median_hours = columns.hours("Median of the same", nullable=True)
    business_p90_hours = columns.hours("90th percentile of the same", nullable=True)
    is_administrative = columns.flag(
        "Whether tickets are at rest in between: solved, waiting to be closed"
    )


class Variants(dy.Schema):
    """The distinct ways tickets take: one row per sequence of activities, most frequent first."""

    variant_id = columns.identifier("Number of the variant, 1 for the most frequent", key=True)
    activities = columns.texts("Activities in their order")
    path = columns.text("The same as one text")
    tickets = columns.count("Tickets that went this way")
    share = columns.share("Share of all tickets with events")
    cumulative_share = columns.share("Share of this variant and all more frequent ones")
    median_cycle_hours = columns.hours(
        "Median hours from creation to the last solve", nullable=True
    )
    breach_rate = columns.share(
        "Share of its tickets with a target that breached any", nullable=True
    )


class ReferencePath(dy.Schema):
    """The documented path tickets are held against: one row per step.

    Where the log knows no activity of the path that was asked for, it is the commonest path of
    finished tickets.
    """

    step = columns.identifier("Place of the step, counted from 1", key=True)
    activity = columns.text("Activity of the step")
    path_name = columns.text("What the path is called")
    is_from_log = columns.flag("Whether it is the commonest path, since no other fits the log")
    due_tickets = columns.count("Tickets that had to take the step by now")
    skipped_tickets = columns.count("Of these, tickets that left it out, or took it out of order")
    share_skipped = columns.share("Share of the due tickets; null without any", nullable=True)


class Conformance(dy.Schema):
    """How each ticket kept to the documented path: one row per ticket with events.

    A ticket still under way is held against the beginning of the path it fits best.
    """

    ticket_id = columns.identifier("Ticket's key", key=True)
    is_conformant = columns.flag("Whether it kept to the path throughout")
    fitness = columns.share("1 if it kept to the path, 0 if nothing of it fits")
    is_under_way = columns.flag(
        "Whether its way is not over: not closed, or solved within four days"
    )
    inserted_steps = columns.count("Events that have no place on the path")
    skipped_steps = columns.count("Steps of the path it left out")
    deviations = columns.texts("What it did otherwise, in alphabetical order")


class ConformanceSummary(dy.Schema):
    """What leaving the path costs: one row per deviation.

    Tickets with the deviation are compared with tickets alike without it: same first group,
    priority and type.
    """

    deviation = columns.text("What was done otherwise", key=True)
    tickets = columns.count("Tickets that did it")
    share = columns.share("Share of all tickets with events")
    compared_tickets = columns.count(
        "Solved tickets that did it and have tickets alike that did not"
    )
    extra_cycle_hours = columns.amount("Mean cycle time beyond tickets alike, hours", nullable=True)
    total_extra_hours = columns.amount("The same over all compared tickets, hours", nullable=True)
    extra_breach_rate = columns.amount(
        "Breach rate beyond tickets alike, as a share of one", nullable=True, lowest=-1
    )


class Bottlenecks(dy.Schema):
    """Where tickets are held up: one row per group that held any, worst first.

    The score is median hours in the group times tickets times breach rate, each relative to the
    largest. Time at rest between solved and closed counts for none of it.
    """

    group_name = columns.text(
        "Group, or Unassigned for time in which nobody held the ticket", key=True
    )
    tickets = columns.count("Tickets the group held")
    visits = columns.count("Times a ticket came to it")
    median_hours_in_group = columns.hours("Median hours a ticket spent there, calendar hours")
    median_business_hours_in_group = columns.hours(
        "The same in opening hours; null without a schedule", nullable=True
    )
    total_hours_in_group = columns.hours("Hours all its tickets spent there, calendar hours")
    median_hours_at_rest = columns.hours(
        "Median hours solved tickets waited to be closed; shown, not ranked", nullable=True
    )
    working_share = columns.share("Share of that time somebody worked on it", nullable=True)
    waiting_share = columns.share("Share of that time nobody did", nullable=True)
    breach_rate = columns.share(
        "Share of its tickets with a target that breached any", nullable=True
    )
    bottleneck_score = columns.amount(
        "0 to 100; null where it cannot be told", nullable=True, lowest=0
    )
    rank = columns.identifier("1 for the worst bottleneck; null without a score", nullable=True)


class Handovers(dy.Schema):
    """How tickets pass between groups: one row per pair of groups, most frequent first."""

    from_group = columns.text("Group that passed the ticket on", key=True)
    to_group = columns.text("Group that got it", key=True)
    count = columns.count("Handovers")
    tickets = columns.count("Tickets that were handed over so at least once")
    share = columns.share("Share of all handovers")
    median_hours = columns.hours("Median hours the ticket had been with the first group")
    came_back = columns.count("Handovers answered by one straight back: ping-pong")
    share_came_back = columns.share("Share of these handovers that came straight back")


class Rework(dy.Schema):
    """What is done more than once: one row per activity that any ticket repeats."""

    activity = columns.text("Activity that is repeated", key=True)
    tickets = columns.count("Tickets that have it")
    tickets_with_rework = columns.count("Tickets that have it more than once")
    share = columns.share("Share of the tickets that have it")
    repeats = columns.count("Occurrences beyond a ticket's first")
    direct_repeats = columns.count("Of these, those that follow the same activity at once")
    most_repeats = columns.count("Most repeats on a single ticket")
    median_hours = columns.hours("Median hours from one occurrence to the next")
    p90_hours = columns.hours("90th percentile of the same")
    total_hours = columns.hours("Sum of the same")


TABLES: Final[Mapping[str, type[dy.Schema]]] = {
    "transitions": Transitions,
    "variants": Variants,
    "reference_path": ReferencePath,
    "conformance": Conformance,
    "conformance_summary": ConformanceSummary,
    "bottlenecks": Bottlenecks,
    "handovers": Handovers,
    "rework": Rework,
}
