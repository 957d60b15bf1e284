"""The figures and tables of the bottleneck page."""

from typing import Final

from control_tower_dash.elements import Column, Element, metric_column
from control_tower_dash.figures.bottlenecks import deviation_bars, group_bars
from control_tower_dash.figures.chains import path_chain, variant_chains
from control_tower_dash.figures.flows import FLOW_HEIGHT, flow_chart, matrix
from control_tower_dash.figures.process_map import HEIGHT, process_map
from control_tower_dash.pages import bottleneck_words as words
from control_tower_dash.queries import bottlenecks as queries

__all__ = ["ELEMENTS"]

_BEHIND: Final = Column("tickets_behind", "Tickets", "drill")
_SHARE_OF_ALL: Final = Column("share", "Share", "share")
_STEP: Final = (
    Column("from_activity", "From"),
    Column("to_activity", "To"),
    Column("count", "Times", "count"),
    Column("share_of_from", "Share of the steps from there", "share"),
    Column("median_hours", "Median time", "hours", "Calendar hours"),
    Column("p90_hours", "9 of 10 within", "hours", "Calendar hours"),
    Column("business_median_hours", "Median, opening hours", "hours"),
    Column("is_administrative", "At rest", "flag", "Solved, and waiting to be closed"),
    _BEHIND,
)
_HAS_GROUPS: Final = "select 1 from process_mining.bottlenecks limit 1"
_NO_GROUPS: Final = "This source does not say which group held a ticket."
_HAS_PATH: Final = "select 1 from process_mining.reference_path limit 1"
_NO_PATH: Final = "No finished ticket shows a path that others could be held against."
_DEVIATION_COLUMNS: Final = (
    Column("deviation", "Deviation"),
    Column("tickets", "Tickets with it", "count"),
    _SHARE_OF_ALL,
    Column(
        "extra_cycle_hours",
        "Extra hours a ticket",
        "number",
        "Mean cycle time beyond tickets of the same first group, priority and type without it",
    ),
    Column("compared_tickets", "Compared", "count", "Solved tickets that have tickets alike"),
    Column("total_extra_hours", "Extra hours in total", "number"),
    Column(
        "extra_breach_rate",
        "Extra breach rate",
        "share",
        "Breach rate beyond tickets alike; below nothing, they breach less",
    ),
    _BEHIND,
)

ELEMENTS: Final = (
    Element(
        "process-map",
        "Process map",
        queries.steps,
        _STEP,
        process_map,
        words.map_caption,
        height=HEIGHT,
    ),
    Element(
        "group-times",
        "Waiting and work by group",
        queries.group_times,
        (
            Column("group_name", "Group"),
            Column("tickets", "Tickets", "count", "Tickets the group held"),
            Column("visits", "Visits", "count"),
            Column("median_hours_in_group", "Median time", "hours", "Calendar hours"),
            Column("median_business_hours_in_group", "Median, opening hours", "hours"),
            Column("total_hours_in_group", "Total hours", "count", "Calendar hours"),
            Column("waiting_hours", "Waiting hours", "count"),
            Column("working_hours", "Hands-on hours", "count"),
            Column("median_waiting_hours", "Median waiting", "hours"),
            Column("median_working_hours", "Median hands-on", "hours"),
            metric_column("waiting_share", "Waiting"),
            Column("median_hours_at_rest", "At rest", "hours", "Solved, waiting to be closed"),
            Column("breach_rate", "Breached", "share", "Of its tickets with a target"),
            metric_column("bottleneck_score"),
            _BEHIND,
        ),
        group_bars,
        words.groups_caption,
        source_needs=_HAS_GROUPS,
        missing=_NO_GROUPS,
    ),
    Element(
        "ticket-flows",
        "Ways of tickets, rework unrolled",
        queries.flows,
        (
            Column("source", "From"),
            Column("target", "To"),
            Column("tickets", "Tickets", "count"),
            _BEHIND,
        ),
        flow_chart,
        words.flow_caption,
        height=FLOW_HEIGHT,
    ),
    Element(
        "variants",
        "Ten most frequent variants",
        queries.top_variants,
        (
            Column("variant_id", "Variant", "count"),
            Column("path", "Way", width=420),
            Column("tickets", "Tickets", "count"),
            _SHARE_OF_ALL,
            Column("cumulative_share", "Together", "share"),
            Column(
                "median_cycle_hours",
                "Median cycle time",
                "hours",
                "Median calendar hours from creation to solution",
            ),
            Column("breach_rate", "Breached", "share", "Of those with a target"),
            _BEHIND,
        ),
        variant_chains,
        words.variants_caption,
        height=660,
    ),
    Element(
        "transition-matrix",
        "What follows what: row, then column",
        queries.steps,
        _STEP,
        matrix,
        words.matrix_caption,
        height=480,
    ),
    Element(
        "handovers",
        "Handovers and ping-pong",
        queries.passed_on,
        (
            Column("from_group", "From"),
            Column("to_group", "To"),
            Column("count", "Handovers", "count"),
            Column("tickets", "Tickets", "count"),
            _SHARE_OF_ALL,
            Column("median_hours", "Median time before", "hours", "Work with the first group"),
            Column("came_back", "Came back", "count", "Handed straight back: ping-pong"),
            Column("share_came_back", "Share back", "share"),
        ),
        caption=words.handovers_caption,
        empty="No ticket passed from one group to another.",
        source_needs=_HAS_GROUPS,
        missing=_NO_GROUPS,
    ),
    Element(
        "rework",
        "Rework",
        queries.repeated,
        (
            Column("activity", "Activity"),
            Column("tickets", "Tickets", "count", "Tickets that have it"),
            Column("tickets_with_rework", "Repeat it", "count"),
            Column("share", "Share", "share"),
            Column("repeats", "Repeats", "count", "Occurrences beyond a ticket's first"),
            Column("direct_repeats", "At once", "count", "Repeats that follow at once"),
            Column("most_repeats", "Most", "count", "Most repeats of a single ticket"),
            Column("median_hours", "Median time between", "hours"),
            Column("total_hours", "Total hours between", "count"),
        ),
        caption=words.rework_caption,
        empty="Nothing was done twice.",
    ),
    Element(
        "reference-path",
        "The path tickets are held against",
        queries.reference_path,
        (
            Column("step", "Step", "count"),
            Column("activity", "Activity"),
            Column("due_tickets", "Due", "count", "Tickets that had to take the step by now"),
            Column("skipped_tickets", "Left out", "count"),
            Column("share_skipped", "Share left out", "share"),
        ),
        path_chain,
        words.path_caption,
        source_needs=_HAS_PATH,
        missing=_NO_PATH,
        height=150,
    ),
    Element(
        "deviation-costs",
        "What leaving the path costs",
        queries.deviations,
        _DEVIATION_COLUMNS,
        deviation_bars,
        words.deviations_caption,
        empty="Every ticket kept to the path.",
        source_needs=_HAS_PATH,
        missing=_NO_PATH,
        height=420,
    ),
    Element(
        "deviations",
        "Deviations",
        queries.deviations,
        _DEVIATION_COLUMNS,
        empty="Every ticket kept to the path.",
        source_needs=_HAS_PATH,
        missing=_NO_PATH,
    ),
)
"""Everything the page shows, of tickets created in the period."""
