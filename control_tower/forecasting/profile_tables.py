"""The tables of a desk's profile, each declared once."""

from collections.abc import Mapping
from typing import Final

import dataframely as dy

from control_tower.columns import amount, count, day, moment, share, text

__all__ = [
    "PROFILE_TABLES",
    "ProfileBacklog",
    "ProfileDemand",
    "ProfileGroups",
    "ProfileHours",
    "ProfileRoutes",
    "ProfileSpreads",
]


class ProfileGroups(dy.Schema):
    """One row per group whose people and effort are known: the start of every what-if."""

    group_name = text("Group", key=True)
    fte = amount("Full-time posts", lowest=0)
    productive_hours_per_day = amount("Hours a post at work has for tickets in a day", lowest=0)
    shrinkage = share("Share of the time a post is away")
    target_occupancy = share("Share of the productive time planned to be filled with tickets")
    handle_minutes = amount("Minutes of work a ticket takes the group", lowest=0)
    forecast_tickets = amount("Tickets expected to come to the group in 30 days", lowest=0)
    working_days = amount("Days a post works in these 30 days", lowest=0)


class ProfileHours(dy.Schema):
    """One row per group and coming hour: who will write and who will be there.

    The thirty days ahead, and ten more in which the last of their tickets get done.
    """

    group_name = text("Group", key=True)
    starts_at = moment("Start of the hour, UTC", key=True)
    local_day = day("The hour's day in the desk's zone")
    local_hour = dy.Int64(min=0, max=23, description="The hour of that day")
    day_class = dy.Int64(min=0, max=7, description="Weekday, 0 is Monday; 7 is a holiday")
    expected_tickets = amount("New tickets expected at the group in that hour", lowest=0)
    staffed_share = share("Part of the hour a post at work that day has for tickets")
    working_days = share("What of a working day that day is for a post")
    open_minutes = amount("Minutes of the hour the default schedule is open", lowest=0)


class ProfileDemand(dy.Schema):
    """One row per past day, hour, group and priority in which tickets came.

    Coming days are drawn from whole past days of the same kind, so that incidents and everything
    else that makes customers write at once keep their size, their length and their priorities.
    """

    local_day = day("Day in the desk's zone", key=True)
    local_hour = dy.Int64(primary_key=True, min=0, max=23, description="Hour of that day")
    group_name = text("Group the tickets came to", key=True)
    priority = text("Priority", key=True)
    day_class = dy.Int64(min=0, max=7, description="Weekday, 0 is Monday; 7 is a holiday")
    new_tickets = count("Tickets created")
    returning_tickets = count("Tickets that came back from pending, hold or solved")


class ProfileRoutes(dy.Schema):
    """One row per group, kind of ticket and outcome of a visit: how often it comes to that."""

    group_name = text("Group visited", key=True)
    priority = text("Priority", key=True)
    target_minutes = dy.Float64(
        primary_key=True, min=0, description="Target of the metric in minutes; 0 if there is none"
    )
    is_business_hours = dy.Bool(
        primary_key=True, description="Whether the target's clock runs in opening hours only"
    )
    is_returning = dy.Bool(
        primary_key=True, description="Whether the ticket came back rather than anew"
    )
    outcome = text("handed_over, pending, hold, reopened or done", key=True)
    to_group = dy.String(primary_key=True, description="Group it goes to; empty if to none")
    metric = text("SLA metric the target is of")
    visits = amount("Such visits seen, whatever their outcome", lowest=0)
    share_of_visits = share("Share of such visits that end so")
    mean_minutes = amount("Mean minutes of work of such a visit, whatever its outcome", lowest=0)


class ProfileSpreads(dy.Schema):
    """Twenty equally likely values of each duration: work by group and outcome, and absences."""

    quantity = text("work, pending, hold or reopened", key=True)
    group_name = dy.String(primary_key=True, description="Group, for work; empty for absences")
    is_returning = dy.Bool(primary_key=True, description="Whether the ticket had come back")
    is_handed_over = dy.Bool(primary_key=True, description="Whether the visit ended in a handover")
    place = dy.Int64(primary_key=True, min=0, max=19, description="Place in order, 0 the shortest")
    minutes = amount("Duration, minutes", lowest=0)


class ProfileBacklog(dy.Schema):
    """One row per group and priority: the tickets waiting to be worked on now."""

    group_name = text("Group", key=True)
    priority = text("Priority", key=True)
    tickets = count("Tickets new or open")
    mean_age_hours = amount("Mean hours since they were created", lowest=0)


PROFILE_TABLES: Final[Mapping[str, type[dy.Schema]]] = {
    "desk_groups": ProfileGroups,
    "desk_hours": ProfileHours,
    "desk_demand": ProfileDemand,
    "desk_routes": ProfileRoutes,
    "desk_spreads": ProfileSpreads,
    "desk_backlog": ProfileBacklog,
}
"""The tables of a profile by the name they are stored under."""
