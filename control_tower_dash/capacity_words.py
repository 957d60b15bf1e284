"""What capacity planning says in sentences."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from control_tower_dash.figures.panels import MOST_GROUPS, MOST_PANELS
from control_tower_dash.formats import readable, readable_change

__all__ = [
    "MODELS",
    "accuracy_caption",
    "attainment_caption",
    "backlog_caption",
    "course_caption",
    "gap_caption",
    "month_caption",
    "needs_caption",
    "pairs_caption",
    "who_is_short",
]

MODELS: Final[Mapping[str, str]] = {
    "MeanOfThree": "the mean of three models (Theta, Holt-Winters, mean of same weekdays)",
    "HoltWinters": "Holt-Winters exponential smoothing",
    "DynamicOptimizedTheta": "the Theta method (DynamicOptimizedTheta)",
    "WeekdayMean": "the mean of the last eight same weekdays",
    "AutoETS": "exponential smoothing chosen by its fit (AutoETS)",
    "MSTL": "seasonal decomposition (MSTL)",
    "SeasonalNaive": "last week over again",
    "PlainMean": "the mean of all days so far",
}
"""Models of the forecasts in words."""

_A_GAP_THAT_MATTERS: Final = 1.0


def course_caption(frame: pl.DataFrame) -> str:
    """Return what is expected, by which model, and how that model did when tried on the past.

    Args:
        frame: As `queries.capacity.course` returns it.
    """
    ahead = frame.filter(pl.col("forecast").is_not_null())
    if ahead.is_empty():
        return ""
    names = ahead["series"].unique(maintain_order=True).to_list()
    first, last = (readable(ahead["day"].sort()[place], "day") for place in (0, -1))
    sentences = [f"Tickets expected from {first} to {last}."]
    for name in names[:MOST_PANELS]:
        own = ahead.filter(pl.col("series") == name)
        total = readable(own["forecast"].sum(), "count")
        sentences.append(f"{name}: {total}, by {_tested(own.row(0, named=True))}.")
    if ahead["rmsse"].is_not_null().any():
        sentences.append("An error of 1 is what repeating the last week costs.")
    unusual = frame.filter(pl.col("is_anomaly")).height
    holidays = frame.filter(pl.col("holiday_name").is_not_null()).height
    if unusual or holidays:
        sentences.append(
            f"Marked are {_many(unusual, 'unusual day')} and {_many(holidays, 'holiday')}."
        )
    if len(names) > MOST_PANELS:
        sentences.append(
            f"The first {MOST_PANELS} of {len(names)} groups are drawn; the table has all."
        )
    return " ".join(sentences)


def _tested(row: Mapping[str, object]) -> str:
    model = MODELS.get(str(row["model"]), str(row["model"]))
    if row["rmsse"] is None:
        return f"{model}, which there were too few days to test"
    share_80, share_95 = (readable(row[f"coverage_{level}"], "share") for level in (80, 95))
    covered = (
        f"; its 80 % interval held {share_80} of the days, its 95 % interval {share_95}"
        if row["coverage_80"] is not None
        else ""
    )
    return (
        f"{model}, tested on {row['days_tested']} past days: MASE {row['mase']:.2f}, "
        f"RMSSE {row['rmsse']:.2f}{covered}"
    )


def accuracy_caption(frame: pl.DataFrame) -> str:
    """Return which model is used for each series, and what its errors are measured against."""
    chosen = frame.filter("is_champion")
    parts = [
        f"{series}: {MODELS.get(model, model)}"
        for series, model in chosen.select("series", "model").rows()[:MOST_PANELS]
    ]
    return (
        f"Every model forecast the same past days with what was known then; the lowest RMSSE "
        f"forecasts. {'; '.join(parts)}."
    )


def gap_caption(frame: pl.DataFrame) -> str:
    """Return what the bars and the lines across them are.

    Args:
        frame: As `queries.capacity.outlook` returns it.
    """
    first, last, days = frame.select("first_day", "last_day", "working_days").row(0)
    return (
        f"Days of full-time posts needed less those there from {readable(first, 'day')} to "
        f"{readable(last, 'day')} ({days:g} working days). The thick line is the "
        "80 % interval, the thin one the 95 % interval; they are the volume's alone."
        f"{_drawn(frame['group_name'], 'shortest')}"
    )


def month_caption(frame: pl.DataFrame) -> str:
    """Return which days of the months count."""
    spans = frame.sort("month").unique("month", maintain_order=True)
    said = [
        f"{span} from {readable(first, 'day')} to {readable(last, 'day')}"
        for span, first, last in spans.select("span", "first_day", "last_day").rows()
    ]
    return (
        f"Months count as far as the forecast reaches: {', '.join(said)}. Lines: 80 % intervals."
        f"{_drawn(frame['group_name'], 'shortest')}"
    )


def needs_caption(frame: pl.DataFrame) -> str:
    """Return what the signs mean, and which groups' capacity is not known.

    Args:
        frame: As `queries.capacity.needs` returns it.
    """
    unknown = frame.filter(pl.col("basis") == "unknown")["group_name"].unique().sort().to_list()
    rest = f" What {_list(unknown)} can do is not known." if unknown else ""
    return f"A gap above 0 means that people are short; months as far as the forecast goes.{rest}"


def who_is_short(frame: pl.DataFrame) -> str:
    """Return the answer to the page's question.

    Args:
        frame: As `queries.capacity.needs` returns it; rows of the coming days count.
    """
    coming = frame.filter(pl.col("month").is_null())
    if coming.is_empty():
        return "There is no forecast to plan by yet."
    known = coming.filter(pl.col("gap_fte_days").is_not_null())
    if known.is_empty():
        return _by_tickets(coming)
    short = known.filter(pl.col("gap_fte_days") >= _A_GAP_THAT_MATTERS)
    span = str(coming["span"][0]).lower()
    others = [name for name in known["group_name"] if name not in set(short["group_name"])]
    enough = f"{_list(others)} {'has' if len(others) == 1 else 'have'} enough"
    if short.is_empty():
        return f"Yes: over the {span} {enough} people at their target occupancy."
    clauses = [_short(row) for row in short.iter_rows(named=True)]
    rest = f" {enough}." if others else ""
    return f"Over the {span} {'; '.join(clauses)}.{rest}"


def attainment_caption(frame: pl.DataFrame) -> str:
    """Return which targets are foretold, and what the plan does to them.

    Args:
        frame: As `queries.what_if.attainment` returns it.
    """
    row = frame.row(0, named=True)
    metric = str(row["metric"]).replace("_", " ")
    said = f"Targets for {metric} of tickets created in the coming 30 days"
    groups = frame.filter(pl.col("dimension") == "Group")["value"]
    if row["before"] is None or row["after"] is None:
        return f"{said}.{_drawn(groups, 'worst')}"
    change = readable_change(row["after"], row["before"], "share")
    return (
        f"{said}: {readable(row['before'], 'share')} kept as it stands, "
        f"{readable(row['after'], 'share')} by the plan ({change})."
        f"{_drawn(groups, 'worst')}"
    )


def pairs_caption(frame: pl.DataFrame) -> str:
    """Return which groups the plan leaves short.

    Args:
        frame: As `queries.what_if.gaps` returns it.
    """
    before, after = (
        frame.filter(pl.col(name) >= _A_GAP_THAT_MATTERS)["group_name"].to_list()
        for name in ("before", "after")
    )
    return (
        f"Short as it stands: {_list(before) or 'none of these'}; by the plan: "
        f"{_list(after) or 'none of these'}. Target occupancy moves the gap only: people work "
        f"through what there is, whatever was aimed for.{_drawn(frame['group_name'], 'shortest')}"
    )


def backlog_caption(frame: pl.DataFrame) -> str:
    """Return how many tickets wait at the end, as it stands and by the plan.

    Args:
        frame: As `queries.what_if.backlog` returns it.
    """
    last = frame.filter(pl.col("day") == pl.col("day").max())
    rows = last.select("group_name", "before", "after", "after_lo", "after_hi").rows()
    said = [
        f"{group}: {before:,.0f} as it stands, {after:,.0f} by the plan ({low:,.0f} to {high:,.0f})"
        for group, before, after, low, high in rows[:MOST_PANELS]
    ]
    rest = f" The table has all {len(rows)} groups." if len(rows) > MOST_PANELS else ""
    return (
        f"Waiting at the end of {readable(last['day'][0], 'day')}: {'; '.join(said)}. Bands are "
        f"80 % intervals.{rest}"
    )


def _short(row: Mapping[str, object]) -> str:
    low, high = (readable(row[name], "number") for name in ("lo_80", "hi_80"))
    posts = f", about {row['posts']:.1f} full-time posts" if row["posts"] is not None else ""
    lowest = row["lo_80"]
    sure = (
        " and may have enough if less comes than forecast"
        if isinstance(lowest, float) and lowest <= 0
        else ""
    )
    return (
        f"{row['group_name']} is {readable(row['gap_fte_days'], 'fte_days')} short{posts} "
        f"(80 % interval {low} to {high}){sure}"
    )


def _by_tickets(coming: pl.DataFrame) -> str:
    known = coming.filter(pl.col("gap_tickets").is_not_null())
    said = "This source does not say how many people work in a group."
    if known.is_empty():
        return f"{said} What they can do is not known either."
    over = known.filter(pl.col("gap_tickets") > 0)
    if over.is_empty():
        return (
            f"{said} By what they closed on busy days, {_list(known['group_name'].to_list())} can "
            "do the tickets expected."
        )
    clauses = [
        f"{name} lacks capacity for {readable(gap, 'count')} of the tickets expected"
        for name, gap in over.select("group_name", "gap_tickets").rows()
    ]
    return f"{said} By what they closed on busy days, {'; '.join(clauses)}."


def _list(names: list[str]) -> str:
    few = names[:6]
    if len(names) > len(few):
        return f"{', '.join(few)} and {len(names) - len(few)} more"
    return f"{', '.join(few[:-1])} and {few[-1]}" if len(few) > 1 else "".join(few)


def _drawn(groups: pl.Series, which: str) -> str:
    count = groups.n_unique()
    if count <= MOST_GROUPS:
        return ""
    return f" The {MOST_GROUPS} {which} of {count} groups are drawn; the table has all."


def _many(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
