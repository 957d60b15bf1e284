"""The news as a person gets it: one short message, the most urgent first."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from control_tower.alerts.log_file import LoggedNews
from control_tower.alerts.news import ClockKey
from control_tower.alerts.risk import RISKS
from control_tower.presentation import readable_time

__all__ = ["Digest", "digest_of"]

Digest = tuple[str, str]
"""Title and body, both plain text."""

_LINES: Final = 10


def digest_of(news: Sequence[LoggedNews]) -> Digest | None:
    """Return one message about many news; None if there is nothing to say.

    Of several news about one clock only the latest counts, and an alert both opened and resolved
    among them is not worth a message.
    """
    first: dict[ClockKey, LoggedNews] = {}
    latest: dict[ClockKey, LoggedNews] = {}
    for line in news:
        first.setdefault(line.news.key, line)
        latest[line.news.key] = line
    told = [
        line
        for key, line in latest.items()
        if not (line.news.event == "resolved" and first[key].news.event == "opened")
    ]
    if not told:
        return None
    urgent = sorted(
        (line.news for line in told if line.news.event != "resolved"),
        key=lambda new: (
            RISKS.index(new.risk),
            -(new.breach_probability or 0.0),
            new.remaining_minutes or 0.0,
            new.key,
        ),
    )
    opened = sum(line.news.event == "opened" for line in told)
    worsened = sum(line.news.event == "worsened" for line in told)
    resolved = sum(line.news.event == "resolved" for line in told)
    title = f"Control tower: {opened} new, {worsened} worse, {resolved} resolved"
    lines = [f"As of {readable_time(max(line.as_of for line in told))}."]
    if urgent:
        by_risk = Counter(new.risk for new in urgent)
        by_group = Counter(new.group_name for new in urgent)
        lines += [
            "By risk: " + ", ".join(f"{by_risk[risk]} {risk}" for risk in RISKS if by_risk[risk]),
            "By group: " + ", ".join(f"{count} {group}" for group, count in by_group.most_common()),
            "",
        ]
        lines += [
            f"- {new.risk}: ticket {new.key.ticket_id}, {new.reason}" for new in urgent[:_LINES]
        ]
        if len(urgent) > _LINES:
            lines.append(f"and {len(urgent) - _LINES} more; all of them are in the alert log")
    return title, "\n".join(lines)
