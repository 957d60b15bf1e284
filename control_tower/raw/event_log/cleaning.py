"""Rows of a log made into dated events in order; whatever cannot be one is refused and counted."""

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from control_tower.raw.event_log.columns import check_columns, example, pick_columns, translate
from control_tower.raw.event_log.errors import EventLogError
from control_tower.raw.event_log.mapping import ROLES, Activity, EventLogMapping
from control_tower.raw.event_log.reading import ROW, Log
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.event_log.times import EARLIEST, ISO, LATEST, parse_times

__all__ = ["Cleaned", "clean"]

_KEYS = ("case", "activity", "time")


@dataclass(frozen=True)
class Cleaned:
    """Events that can be landed.

    Attributes:
        events: One row per event in order of time, equal times in the order of the file: `ROW`,
            case, activity, moment (UTC), created (UTC, null if not known), resource, the mapping's
            fields, sla_met, handle_minutes, cost_usd, satisfaction; null where the log says
            nothing.
        as_of: The tower's clock.
    """

    events: pl.DataFrame
    as_of: datetime


def clean(
    log: Log, mapping: EventLogMapping, repairs: RepairLog, *, as_of: datetime | None
) -> Cleaned:
    """Make a log's rows into events in order.

    Args:
        log: The rows as they stand in the file.
        mapping: What their columns mean.
        repairs: Where refusals and repairs are counted.
        as_of: The tower's clock; the newest event if None. Later events are refused.

    Raises:
        EventLogError: If a column is missing, too many times cannot be read, no event is left, or
            a role of the mapping has no event.
    """
    check_columns(log, mapping, repairs)
    rows = pick_columns(log, mapping)
    rows = _without_missing_keys(rows, mapping, repairs)
    rows = _with_moments(rows, log, mapping, repairs)
    rows = _without_duplicates(rows, log, mapping, repairs)
    if rows.is_empty():
        reasons = "; ".join(
            f"{rule}: {count}"
            for rule, count in repairs.frame()
            .filter(pl.col("treatment") == "refused")
            .select("rule", "rows")
            .iter_rows()
        )
        raise EventLogError(
            f"{log.name}: every {log.row_word} is refused ({reasons}); compare the mapping's "
            "case, activity and time with the file"
        )
    is_late = pl.col("moment") < pl.col("moment").cum_max().over("case")
    events = rows.with_columns(is_late=is_late).sort("moment", ROW)
    events = _with_activities(events, mapping.activity)
    _check_roles(events, log, mapping, repairs)
    events, clock = _up_to(events, log, as_of, repairs)
    _count_moved(events, repairs)
    return Cleaned(translate(events, mapping, repairs).drop("is_late"), clock)


def _without_missing_keys(
    rows: pl.DataFrame, mapping: EventLogMapping, repairs: RepairLog
) -> pl.DataFrame:
    for key in _KEYS:
        if key == "activity" and mapping.activity.changes:
            continue
        lost = rows.filter(pl.col(key).is_null())
        repairs.add(
            f"{key}_missing",
            "refused",
            lost.height,
            f"A row without {key} is no event.",
            example(lost, [name for name in _KEYS if name != key]),
        )
        rows = rows.filter(pl.col(key).is_not_null())
    return rows


def _with_moments(
    rows: pl.DataFrame, log: Log, mapping: EventLogMapping, repairs: RepairLog
) -> pl.DataFrame:
    time = mapping.time
    formats = (ISO,) if time.column in log.iso_columns else time.formats
    times = parse_times(rows["time"], formats, time.zone)
    rows = rows.hstack(times)
    unread = rows.filter(pl.col("moment").is_null())
    if unread.height > mapping.largest_unreadable_share * rows.height:
        row, value = unread.select(ROW, "time").row(0)
        raise EventLogError(
            f"{log.name}, {log.row_word} {row}, column {time.column}: {value!r} is no time written "
            f"as {' or '.join(formats)}, and {unread.height:,} of {rows.height:,} are not; correct "
            "time.formats in the mapping"
        )
    repairs.add(
        "time_unreadable",
        "refused",
        unread.height,
        f"A time that is not written as {' or '.join(formats)} cannot be placed.",
        example(unread, _KEYS),
    )
    rows = rows.filter(pl.col("moment").is_not_null())
    plausible = pl.col("moment").is_between(EARLIEST, LATEST, closed="left")
    lost = rows.filter(~plausible)
    repairs.add(
        "time_implausible",
        "refused",
        lost.height,
        "A time before 1971 or after 2099 is a placeholder of the system that wrote the log.",
        example(lost, _KEYS),
    )
    rows = rows.filter(plausible)
    repairs.add(
        "time_skipped_by_clocks",
        "repaired",
        int(rows["is_skipped"].sum()),
        f"Local times that {time.zone} skipped when its clocks went forward are read with the "
        "offset that held before.",
        example(rows.filter("is_skipped"), _KEYS),
    )
    repairs.add(
        "time_twice_by_clocks",
        "noted",
        int(rows["is_twofold"].sum()),
        f"Local times that occurred twice when the clocks of {time.zone} went back are taken for "
        "the first of the two.",
        example(rows.filter("is_twofold"), _KEYS),
    )
    if mapping.created is not None:
        formats = (ISO,) if mapping.created in log.iso_columns else time.formats
        created = parse_times(rows["created"], formats, time.zone)["moment"]
        is_fine = created.is_between(EARLIEST, LATEST, closed="left").fill_null(value=False)
        lost = rows.filter(~is_fine & pl.col("created").is_not_null())
        repairs.add(
            "created_unreadable",
            "repaired",
            lost.height,
            f"A value of {mapping.created!r} that is no plausible time counts as missing.",
            example(lost, ("case", "created")),
        )
        rows = rows.with_columns(created=pl.select(pl.when(is_fine).then(created)).to_series())
    else:
        rows = rows.with_columns(pl.col("created").cast(pl.Datetime("us", "UTC")))
    return rows.drop("is_skipped", "is_twofold")


def _without_duplicates(
    rows: pl.DataFrame, log: Log, mapping: EventLogMapping, repairs: RepairLog
) -> pl.DataFrame:
    alike = log.frame.filter(pl.col(ROW).is_in(rows[ROW].implode())).select(log.columns)
    is_copy = ~alike.select(pl.struct(pl.all()).is_first_distinct()).to_series()
    copies = rows.filter(is_copy)
    is_kept = mapping.duplicates == "keep"
    repairs.add(
        "exact_duplicate",
        "noted" if is_kept else "refused",
        copies.height,
        "Rows that equal an earlier one in every column are kept, as the mapping says."
        if is_kept
        else "Of rows that are equal in every column the first is kept.",
        example(copies, _KEYS),
    )
    return rows if is_kept else rows.filter(~is_copy)


def _with_activities(events: pl.DataFrame, activity: Activity) -> pl.DataFrame:
    if not activity.changes:
        return events
    names = [f"change {number}" for number in range(len(activity.changes))]
    events = events.with_columns(pl.col(names).forward_fill().over("case"))
    previous = pl.col(names).shift(1).over("case").name.prefix("previous ")
    events = events.with_columns(previous)
    first_change = [
        pl.when(
            pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"previous {name}"))
        ).then(pl.col(name) if change.activity is None else pl.lit(change.activity))
        for name, change in zip(names, activity.changes, strict=True)
    ]
    return events.with_columns(
        activity=pl.coalesce(*first_change, pl.lit(activity.otherwise))
    ).drop(names, [f"previous {name}" for name in names])


def _check_roles(
    events: pl.DataFrame, log: Log, mapping: EventLogMapping, repairs: RepairLog
) -> None:
    seen = set(events["activity"].unique().to_list())
    absent: list[str] = []
    for role in ROLES:
        named = getattr(mapping.activities, role)
        missing = [activity for activity in named if activity not in seen]
        if named and len(missing) == len(named):
            counts = events["activity"].value_counts(sort=True).head(8)["activity"]
            raise EventLogError(
                f"{log.name}: none of the activities under activities.{role} of the mapping occurs "
                f"({', '.join(named)}); use the log's own, such as {', '.join(counts)}"
            )
        absent += missing
    repairs.add(
        "activities_absent",
        "noted",
        len(absent),
        "Activities the mapping names do not occur in the log; what is counted is activities.",
        ", ".join(dict.fromkeys(absent)),
    )


def _up_to(
    events: pl.DataFrame, log: Log, as_of: datetime | None, repairs: RepairLog
) -> tuple[pl.DataFrame, datetime]:
    newest = events["moment"][-1]
    if as_of is None:
        return events, newest.astimezone(UTC)
    clock = as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of.astimezone(UTC)
    late = events.filter(pl.col("moment") > clock)
    repairs.add(
        "after_as_of",
        "refused",
        late.height,
        f"Events after the tower's clock ({clock:%Y-%m-%d %H:%M} UTC) have not happened yet.",
        example(late, _KEYS),
    )
    if late.height == events.height:
        raise EventLogError(
            f"{log.name}: every {log.row_word} is later than the clock {clock:%Y-%m-%d %H:%M} UTC; "
            f"set it after {events['moment'][0]:%Y-%m-%d %H:%M}"
        )
    return events.filter(pl.col("moment") <= clock), clock


def _count_moved(events: pl.DataFrame, repairs: RepairLog) -> None:
    moved = events.filter("is_late")
    repairs.add(
        "out_of_order",
        "repaired",
        moved.height,
        "Rows that stand after a later row of their case are put in order of time.",
        example(moved, _KEYS),
    )
    alone = events.filter(pl.len().over("case") == 1)
    repairs.add(
        "single_event_case",
        "noted",
        alone.height,
        "Cases of a single event have no transition and no duration.",
        example(alone, _KEYS),
    )
