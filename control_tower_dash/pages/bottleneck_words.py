"""The sentences of the bottleneck page, written from its frames."""

import polars as pl

from control_tower_dash.formats import readable
from control_tower_dash.queries.unrolled import OTHER_WAYS

__all__ = [
    "deviations_caption",
    "flow_caption",
    "groups_caption",
    "handovers_caption",
    "headline",
    "map_caption",
    "matrix_caption",
    "path_caption",
    "place_among_groups",
    "rework_caption",
    "variants_caption",
]

_OFTEN = 0.02


def headline(groups: pl.DataFrame, path: pl.DataFrame) -> str:
    """Return the worst bottleneck and how many tickets kept to the path; empty without either."""
    says = []
    ranked = groups.drop_nulls("rank")
    if not ranked.is_empty():
        worst = ranked.sort("rank").row(0, named=True)
        score = readable(worst["bottleneck_score"], "number")
        place = place_among_groups(worst["rank"], "is the bottleneck")
        hours = readable(worst["median_hours_in_group"], "hours")
        says.append(
            f"{worst['group_name']} {place}, with a score of {score}: "
            f"{worst['tickets']:,} tickets were there for a median of {hours} and "
            f"{worst['breach_rate']:.0%} of them missed a target."
        )
    elif not groups.is_empty():
        slowest = groups.sort("total_hours_in_group").row(-1, named=True)
        says.append(
            f"Most time passes with {slowest['group_name']}: {slowest['tickets']:,} tickets for a "
            f"median of {readable(slowest['median_hours_in_group'], 'hours')}."
        )
    if not path.is_empty():
        kept, tickets = path.select("conformant", "tickets").row(0)
        says.append(f"{kept / tickets:.1%} of {tickets:,} tickets kept to the {_named(path)}.")
    return " ".join(says)


def place_among_groups(rank: int, first: str) -> str:
    """Return what a group is among those that hold tickets up, in other words where it leads."""
    return first if rank == 1 else f"is number {rank} of the groups that hold tickets up"


def _named(path: pl.DataFrame) -> str:
    return str(path["path_name"][0])


def map_caption(frame: pl.DataFrame) -> str:
    """Return the most frequent step, the slowest of the frequent ones, and what it is all about."""
    total = frame["count"].sum()
    first = frame.row(0, named=True)
    often = frame.filter((pl.col("count") >= _OFTEN * float(total)) & ~pl.col("is_administrative"))
    slow = (often if often.height else frame).sort("median_hours").row(-1, named=True)
    return (
        f"Tickets created in the period. Most frequent: {first['from_activity']} → "
        f"{first['to_activity']} ({first['count']:,} times); slowest of the frequent steps: "
        f"{slow['from_activity']} → {slow['to_activity']} (median "
        f"{readable(slow['median_hours'], 'hours')}). Orange leads back; dashed grey is rest "
        "between solved and closed; hours are calendar hours."
    )


def matrix_caption(frame: pl.DataFrame) -> str:
    """Return how many kinds of step there are, and how a row is read."""
    first = frame.row(0, named=True)
    return (
        f"{frame.height} kinds of step. Read a row: {first['share_of_from']:.0%} of the steps from "
        f"{first['from_activity']} lead to {first['to_activity']}. Empty means never."
    )


def flow_caption(frame: pl.DataFrame) -> str:
    """Return what the numbers behind names mean, and how much leaves into other ways."""
    other = frame.filter(pl.col("target") == OTHER_WAYS)["tickets"].sum()
    return (
        "The second time at an activity is a step of its own, (2), the third and all later ones "
        "another, (3+); ↺ marks what follows a step against the usual order. "
        f"{other:,} tickets leave into other ways, at a step that fewer than 1 in 200 take."
    )


def variants_caption(frame: pl.DataFrame) -> str:
    """Return what share of the tickets the variants shown have."""
    last = frame.row(-1, named=True)
    return (
        f"{frame.height} of {last['all_variants']:,} variants; "
        f"{last['cumulative_share']:.1%} of the tickets go one of these ways. Σ adds up; cycle "
        "time is from creation to the last solution. Click for the tickets."
    )


def groups_caption(frame: pl.DataFrame) -> str:
    """Return how much of the time with groups was waiting."""
    known = frame.drop_nulls("working_hours")
    if known.is_empty():
        return (
            "Time while there was work to do. This source does not say how long anybody worked on "
            "a ticket, so waiting and work are not told apart."
        )
    work, wait = known.select(pl.sum("working_hours", "waiting_hours")).row(0)
    if not work + wait:
        return "No time passed in a group yet."
    hours = (
        "opening hours"
        if frame["median_business_hours_in_group"].is_not_null().any()
        else "calendar hours"
    )
    return (
        f"Of {work + wait:,.0f} hours with groups ({hours}, without rest after the solution) "
        f"tickets waited {wait / (work + wait):.0%} and were worked on {work / (work + wait):.0%}."
    )


def handovers_caption(frame: pl.DataFrame) -> str:
    """Return how many handovers there were and how many came straight back."""
    total, back = frame.select(pl.sum("count", "came_back")).row(0)
    return (
        f"{total:,} handovers; {back:,} ({back / total:.1%}) came straight back, known as "
        "ping-pong."
    )


def rework_caption(frame: pl.DataFrame) -> str:
    """Return what is repeated most."""
    most = frame.row(0, named=True)
    return (
        f"Most repeated: {most['activity']}, {most['repeats']:,} times beyond the first, on "
        f"{most['share']:.1%} of the tickets that have it."
    )


def path_caption(frame: pl.DataFrame) -> str:
    """Return how many tickets kept to the path, and where the path comes from."""
    kept, tickets, from_log = frame.select("conformant", "tickets", "is_from_log").row(0)
    whence = " It is the commonest path of finished tickets, since none is written down." * from_log
    return (
        f"{kept:,} of {tickets:,} tickets ({kept / tickets:.1%}) kept to the {_named(frame)}; one "
        f"still under way is held against its beginning.{whence}"
    )


def deviations_caption(frame: pl.DataFrame) -> str:
    """Return the deviation that costs most, and what it is compared with."""
    costly = frame.drop_nulls("total_extra_hours").sort("total_extra_hours")
    if costly.is_empty():
        return "No deviation has tickets alike without it to be compared with."
    worst = costly.row(-1, named=True)
    return (
        f"Most hours go to “{worst['deviation']}”: {worst['total_extra_hours']:,.0f} on "
        f"{worst['compared_tickets']:,} solved tickets, compared with tickets of the same first "
        "group, priority and type without it. A ticket may deviate in several ways, so the "
        "hours do not add up; what goes with a deviation need not come from it."
    )
