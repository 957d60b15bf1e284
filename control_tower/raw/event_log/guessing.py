"""What the columns of an unknown log probably mean, judged by their names and their values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from control_tower.raw.event_log.reading import Log
from control_tower.raw.event_log.times import EARLIEST, ISO, LATEST, parse_times

__all__ = ["Guess", "TimeGuess", "guess", "guess_values", "value_counts"]

FORMATS: Final = (
    ISO,
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%m-%d-%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M %p",
    "%m/%d/%Y %I:%M %p",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M",
    "%d-%b-%Y %H:%M:%S",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
)

MISSING_WORDS: Final = ("?", "-", "NULL", "null", "N/A", "n/a", "NA", "None", "NaN", "nan")

_SAMPLE_ROWS = 20_000
_READABLE_SHARE = 0.95
_MOST_ACTIVITIES = 500

# Earlier patterns are better names.
_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "case": (
        r"case:concept:name",
        r"case[ _:-]?(id|key|number|no)?",
        r"(ticket|incident|issue|request|order)[ _-]?(id|key|number|no)?",
        r"number|key|reference|id",
        r".*(case|ticket|incident|issue|request).*id.*",
    ),
    "activity": (
        r"concept:name",
        r"activity([ _-]?name)?|event[ _-]?(name|type)?|action",
        r"task|step|operation|transition",
        r".*activity.*|.*event.*(name|type).*",
        r".*stat(e|us)",
    ),
    "time": (
        r"time:timestamp",
        r"(complete[ _-]?)?timestamp|(event|occurred)[ _-]?(time|at|date)",
        r".*timestamp.*|.*updated.*",
        r".*time.*|.*date.*|.*_at",
    ),
    "created": (r"(opened|created|submitted)([ _-]?(at|on|time|date))?", r".*(opened|created).*at"),
    "resource": (
        r"org:resource",
        r"resource|agent([ _-]?name)?|assignee|assigned[ _-]?to",
        r"user|owner|operator|employee|handled[ _-]?by",
    ),
    "group": (
        r"org:group",
        r"(assignment|support|agent)?[ _-]?(group|team|queue)([ _-]?name)?|workgroup",
        r"department|section|.*(group|team).*",
    ),
    "priority": (r"priority", r".*priority|severity|seriousness|urgency"),
    "status": (r"(ticket|incident|case)?[ _-]?(status|state)",),
    "ticket_type": (r"(ticket|request|case|incident)[ _-]?type", r"type|category|service_type"),
    "channel": (r"channel", r"contact[ _-]?type|source|via|.*channel"),
    "customer_tier": (r"(customer|service)?[ _-]?tier", r"service[ _-]?level|plan|segment"),
    "sla": (r"(made|met|within)[ _-]?sla|sla[ _-]?(met|made|ok)", r".*sla.*"),
}

_MEANINGS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "priority": (
        ("urgent", r"urgent|critical|highest|blocker|^p?1\b|emergency"),
        ("high", r"high|major|^p?2\b"),
        ("normal", r"normal|medium|moderate|standard|^p?3\b"),
        ("low", r"low|minor|trivial|^p?[45]\b|planning"),
    ),
    "status": (
        ("closed", r"closed|archived"),
        ("solved", r"solved|resolved|done|completed?|fixed"),
        ("hold", r"hold|vendor|third|problem|change|evidence|supplier"),
        ("pending", r"pending|await|wait|customer|user info"),
        ("new", r"^new|created|submitted|registered"),
        ("open", r"open|active|progress|assigned|work|accepted"),
    ),
    "role": (
        ("reopened", r"re-?open"),
        ("customer_reply", r"customer.*(repl|respon|comment|answer)|(repl|respon).*customer$"),
        (
            "agent_reply",
            r"(first|agent|public).*(repl|respon|answer)|^(replied|responded|answered)$",
        ),
        ("escalated", r"escalat"),
        ("closed", r"^close|closed$|^closing"),
        ("solved", r"^(re)?solve|(re)?solved$|resolution|^complete|^done$|^fixed$"),
        ("on_hold", r"hold|vendor|suspend|problem|supplier"),
        ("pending", r"pending|await|wait"),
    ),
    "sla": (
        ("met", r"^(true|yes|y|1|met|made|ok|within.*)$"),
        ("missed", r"^(false|no|n|0|missed|breached|violated)$"),
    ),
}


@dataclass(frozen=True)
class TimeGuess:
    """How a column's times are written.

    Attributes:
        format: A `strptime` format or `iso`.
        has_offset: Whether the times say their offset from UTC.
        rival: A format with day and month the other way round that reads the values as well.
    """

    format: str
    has_offset: bool
    rival: str | None


@dataclass(frozen=True)
class Guess:
    """Which column is what.

    Attributes:
        columns: Column by key of the mapping; keys without a fitting column are left out. `sla` is
            a column that says whether a target was met.
        time: How the times are written, None if no column holds times.
        missing: Words for a missing value that occur in the log.
    """

    columns: Mapping[str, str]
    time: TimeGuess | None
    missing: tuple[str, ...]


def guess(log: Log) -> Guess:
    """Guess what the columns of a log mean. A key needs both a fitting name and fitting values."""
    sample = log.frame.head(_SAMPLE_ROWS).select(pl.col(log.columns).str.strip_chars())
    missing = tuple(
        word
        for word in MISSING_WORDS
        if sample.select(pl.any_horizontal(pl.all() == word)).to_series().any()
    )
    sample = sample.select(pl.when(~pl.all().is_in([*missing, ""])).then(pl.all()).name.keep())
    formats = {name: readable for name in sample.columns if (readable := _formats(sample[name]))}
    chosen: dict[str, str] = {}
    case = _best("case", [name for name in sample.columns if _repeats(sample[name])], sample)
    case = case or _most_distinct(sample, [n for n in sample.columns if _repeats(sample[n])])
    chosen["case"] = case or sample.columns[0]
    time = _best_time(sample, formats, chosen["case"])
    found_time = None
    if time is not None:
        chosen["time"] = time
        found_time = _time_guess(sample, time, formats[time], chosen["case"])
    others = [n for n in sample.columns if n not in formats and n != chosen["case"]]
    words = [name for name in others if sample[name].n_unique() <= _MOST_ACTIVITIES]
    activity = _best("activity", words, sample)
    chosen["activity"] = activity or next(
        (name for name in words if sample[name].n_unique() > 1), sample.columns[-1]
    )
    created = _best("created", [n for n in formats if n != time], sample)
    if created is not None:
        chosen["created"] = created
    taken = set(chosen.values())
    for key in ("resource", "group", "priority", "status", "ticket_type", "channel"):
        free = [n for n in others if n not in taken or (key == "status" and n == activity)]
        found = _best(key, free, sample)
        if found is not None and (key != "status" or _all_have_meaning(sample[found], "status")):
            chosen[key] = found
            taken.add(found)
    for key in ("customer_tier", "sla"):
        found = _best(key, [n for n in others if n not in taken], sample)
        if found is not None and (key != "sla" or _all_have_meaning(sample[found], "sla")):
            chosen[key] = found
            taken.add(found)
    return Guess(chosen, found_time, missing)


def guess_values(values: Sequence[str], meanings: str) -> dict[str, str]:
    """Return what values probably mean: priorities, statuses, roles (`role`) or `sla` outcomes.

    Values without a likely meaning are left out.
    """
    found = {}
    for value in values:
        for meaning, pattern in _MEANINGS[meanings]:
            if re.search(pattern, value.strip().lower()):
                found[value] = meaning
                break
    return found


def value_counts(log: Log, column: str, missing: Sequence[str]) -> list[tuple[str, int]]:
    """Return a column's values and how often each occurs, the most frequent first."""
    values = log.frame.select(pl.col(column).str.strip_chars().alias("value")).filter(
        ~pl.col("value").is_in([*missing, ""])
    )
    counts = values.group_by("value").len().sort(["len", "value"], descending=[True, False])
    return [(str(value), int(count)) for value, count in counts.iter_rows()]


def _best(key: str, candidates: Sequence[str], sample: pl.DataFrame) -> str | None:
    for pattern in _NAMES[key]:
        named = [n for n in candidates if re.fullmatch(pattern, n.strip().lower())]
        if named:
            # Of columns with equally good names the one that tells more apart is the likelier.
            return _most_distinct(sample, named)
    return None


def _most_distinct(sample: pl.DataFrame, names: Sequence[str]) -> str | None:
    return max(names, key=lambda name: sample[name].n_unique(), default=None)


def _repeats(values: pl.Series) -> bool:
    known = values.drop_nulls()
    return known.len() < 2 or known.n_unique() < known.len()


def _all_have_meaning(values: pl.Series, meanings: str) -> bool:
    distinct = values.drop_nulls().unique().to_list()
    return bool(distinct) and len(guess_values(distinct, meanings)) == len(distinct)


def _formats(values: pl.Series) -> list[str]:
    known = values.drop_nulls().unique(maintain_order=True)
    if known.is_empty():
        return []

    def reads(texts: pl.Series, pattern: str) -> bool:
        moments = parse_times(texts, [pattern], "UTC")["moment"]
        plausible = moments.is_between(EARLIEST, LATEST)
        return bool(plausible.sum() >= _READABLE_SHARE * texts.len())

    few = known.head(50)
    return [p for p in FORMATS if reads(few, p) and reads(known, p)]


def _best_time(sample: pl.DataFrame, formats: Mapping[str, Sequence[str]], case: str) -> str | None:
    changing = [
        name
        for name in formats
        if sample.select(pl.col(name).n_unique().over(case).max() > 1).item()
    ]
    return _best("time", changing, sample) or _most_distinct(sample, changing or list(formats))


def _time_guess(sample: pl.DataFrame, column: str, formats: Sequence[str], case: str) -> TimeGuess:
    def time_inside_cases(pattern: str) -> float:
        moments = parse_times(sample[column], [pattern], "UTC")["moment"]
        spans = (
            pl.DataFrame({"case": sample[case], "moment": moments})
            .group_by("case")
            .agg((pl.col("moment").max() - pl.col("moment").min()).dt.total_seconds())
        )
        return float(spans["moment"].sum())

    # Day and month taken for each other scatter a case's events over the year.
    likeliest = min(formats, key=time_inside_cases)
    rival = next((p for p in formats if p != likeliest and sorted(p) == sorted(likeliest)), None)
    known = sample[column].drop_nulls()
    has_offset = bool(known.str.contains(r"\d(Z|z|[+-]\d{2}:?\d{2})$").all())
    return TimeGuess(likeliest, has_offset, rival)
