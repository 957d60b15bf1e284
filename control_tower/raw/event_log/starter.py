"""A mapping to start from, written for a log nobody has described yet."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from control_tower.raw.event_log.errors import EventLogError
from control_tower.raw.event_log.guessing import Guess, guess, guess_values, value_counts
from control_tower.raw.event_log.mapping import ROLES
from control_tower.raw.event_log.reading import Log, read_log

__all__ = ["write_starter_mapping"]

_LISTED_VALUES: Final = 40
_ENCODINGS: Final = ("utf-8", "cp1252")

_OPTIONAL = """\
# What the log does not say can be said here; docs/how-to/event-log.md explains every key. For
# example:
#
# actors:
#   system: ["Robot"]            # resources that are no agents
# close_after_days: 4            # a solved ticket counts as closed after so many days
# sla:
#   targets:
#     - metric: total_resolution_time
#       minutes: {urgent: 480, high: 1440, normal: 4320, low: 10080}
#       business_hours: true     # needs a schedule
# schedule:
#   zone: Europe/Berlin
#   hours: {monday: "09:00-17:00", tuesday: "09:00-17:00"}
#   holidays: {country: DE}
"""


def write_starter_mapping(log: Path, target: Path) -> None:
    """Inspect a log and write a commented mapping for it, to be read through by a person.

    Columns are guessed by name and content; times are tried in the usual formats, day first and
    month first; activities and the values of priority and status are listed with their counts.

    Args:
        log: The event log.
        target: Where to write; nothing may be there yet.

    Raises:
        EventLogError: If the log cannot be read, or the target exists or cannot be written.
    """
    if target.exists():
        raise EventLogError(
            f"{target} exists already and is left as it is; remove it or name another with --output"
        )
    read, encoding = _read(log)
    text = _mapping_text(read, guess(read), encoding)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise EventLogError(
            f"{target} cannot be written ({error.strerror or error}); name a file in a folder "
            "you may write to with --output"
        ) from None


def _read(path: Path) -> tuple[Log, str]:
    for encoding in _ENCODINGS[:-1]:
        try:
            return read_log(path, encoding=encoding), encoding
        except EventLogError as error:
            if "is not utf-8" not in str(error):
                raise
    return read_log(path, encoding=_ENCODINGS[-1]), _ENCODINGS[-1]


def _mapping_text(log: Log, found: Guess, encoding: str) -> str:
    columns = found.columns
    lines = [
        f"# What the columns of {log.name} mean ({log.frame.height:,} {log.row_word}s), guessed",
        "# from names and values. Read it through and correct what is wrong before the first run.",
        "#",
        f"# Columns: {', '.join(_plain(name) for name in log.columns)}",
        "",
    ]
    if encoding != "utf-8":
        lines += ["file:", f"  encoding: {encoding}", ""]
    if found.missing:
        lines += [
            "# Words for a value that is not known.",
            f"missing: {_list(['', *found.missing])}",
            "",
        ]
    lines += [f"case: {_quoted(columns['case'])}", *_activity_lines(columns)]
    lines += _time_lines(log, found)
    for key in ("created", "resource", "group", "ticket_type", "channel", "customer_tier"):
        if key in columns:
            lines.append(f"{key}: {_quoted(columns[key])}")
    for key, default in (("priority", "normal"), ("status", "open")):
        lines += _value_lines(log, found, key, default)
    lines += _role_lines(log, found)
    lines += _sla_lines(log, found)
    return "\n".join([*lines, "", _OPTIONAL])


def _activity_lines(columns: Mapping[str, str]) -> list[str]:
    activity = columns["activity"]
    if activity != columns.get("status"):
        return [f"activity: {_quoted(activity)}"]
    # A log of states has no column that says what happened; what changed does.
    lines = [
        "# Each row is a state; what happened is the first of these that changed.",
        "activity:",
        "  changes:",
        f"    - {_quoted(activity)}",
    ]
    for key, name in (("group", "Group changed"), ("resource", "Assigned")):
        if key in columns:
            lines += [f"    - column: {_quoted(columns[key])}", f"      activity: {name}"]
    return [*lines, "  otherwise: Updated"]


def _time_lines(log: Log, found: Guess) -> list[str]:
    column = found.columns.get("time", log.columns[-1])
    lines = ["time:", f"  column: {_quoted(column)}"]
    if found.time is None:
        return [
            *lines,
            "  # No column reads as a time; name the column and how it is written, such as",
            '  # "%d/%m/%Y %H:%M" (day first) or iso.',
            "  formats: iso",
            "  zone: UTC",
        ]
    lines.append(f"  formats: {_quoted(found.time.format)}")
    if found.time.rival is not None:
        lines.append(
            f"  # {_quoted(found.time.rival)} reads every value too; this one keeps cases shorter."
        )
    if not found.time.has_offset:
        lines.append("  # The times do not say their zone: set the desk's own, as Europe/Berlin.")
    lines.append("  zone: UTC")
    return lines


def _value_lines(log: Log, found: Guess, key: str, default: str) -> list[str]:
    if key not in found.columns:
        return []
    counts = value_counts(log, found.columns[key], found.missing)
    meanings = guess_values([value for value, _ in counts], key)
    # A column none of whose values is understood is offered, not used.
    mark = "" if meanings else "# "
    lines = [
        "",
        f"{mark}{key}:",
        f"{mark}  column: {_quoted(found.columns[key])}",
        f"{mark}  values:",
    ]
    for value, count in counts[:_LISTED_VALUES]:
        note = f"{count:,} {log.row_word}s"
        if value in meanings:
            lines.append(f"    {_quoted(value)}: {meanings[value]}  # {note}")
        else:
            lines.append(f"#     {_quoted(value)}: {default}  # {note}; say which {key} it is")
    return lines


def _role_lines(log: Log, found: Guess) -> list[str]:
    counts = value_counts(log, found.columns["activity"], found.missing)
    lines = ["", f"# Activities ({len(counts)}):"]
    lines += [f"#   {count:>9,}  {_plain(name)}" for name, count in counts[:_LISTED_VALUES]]
    if len(counts) > _LISTED_VALUES:
        lines.append(f"#   and {len(counts) - _LISTED_VALUES} more")
    lines += [
        "# The status column says how tickets stand; give a role to replies and escalations."
        if "status" in found.columns
        else "# Give a role to those that have one; the others keep a ticket open.",
        f"# Roles: {', '.join(ROLES)}",
    ]
    named = guess_values([name for name, _ in counts[:_LISTED_VALUES]], "role")
    if "status" in found.columns:
        # With a status column only replies and escalations need a role.
        replies = ("agent_reply", "customer_reply", "escalated")
        named = {name: role for name, role in named.items() if role in replies}
    if named:
        lines.append("activities:")
        for role in ROLES:
            theirs = [name for name, own in named.items() if own == role]
            if theirs:
                lines.append(f"  {role}: {_list(theirs)}")
    return lines


def _sla_lines(log: Log, found: Guess) -> list[str]:
    if "sla" not in found.columns:
        return []
    column = found.columns["sla"]
    values = [value for value, _ in value_counts(log, column, found.missing)]
    meanings = guess_values(values, "sla")
    by_outcome = {
        outcome: [value for value, own in meanings.items() if own == outcome]
        for outcome in ("met", "missed")
    }
    if not all(by_outcome.values()):
        return []
    return [
        "",
        "# Whether the target was met; a ticket's last row counts.",
        "sla:",
        "  outcome:",
        f"    column: {_quoted(column)}",
        f"    met: {_list(by_outcome['met'])}",
        f"    missed: {_list(by_outcome['missed'])}",
    ]


def _quoted(text: str) -> str:
    if re.fullmatch(r"[A-Za-z_][\w:.-]*[\w]|iso", text) and ": " not in text:
        return text
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    """Return a text that cannot end the comment it stands in."""
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text))[:200]


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(json.dumps(value, ensure_ascii=False) for value in values)}]"
