"""Figures and names as sentences use them."""

__all__ = ["goal", "listed", "metric_in_words", "percent", "plural", "points"]

_METRICS = {
    "first_reply_time": "the first reply",
    "next_reply_time": "the next reply",
    "periodic_update_time": "regular updates",
    "requester_wait_time": "the requester's wait",
    "agent_work_time": "agents' work",
    "total_resolution_time": "resolution",
    "group_ownership_time": "the time in one group",
}


def metric_in_words(metric: str) -> str:
    """Return an SLA metric's name as it stands in a sentence."""
    return _METRICS.get(metric, metric.replace("_", " "))


def percent(share: float, digits: int = 1) -> str:
    """Return a share of one as a percentage."""
    return f"{share * 100:.{digits}f}%"


def points(difference: float, digits: int = 1) -> str:
    """Return a difference of shares of one in percentage points."""
    return f"{difference * 100:.{digits}f} points"


def goal(share: float) -> str:
    """Return a share somebody set as a percentage, without needless zeros."""
    return f"{round(share * 100, 4):g}%"


def plural(count: float, one: str, many: str | None = None) -> str:
    """Return a count with its noun, in the plural unless there is exactly one."""
    return f"{count:,.0f} {one if round(count) == 1 else many or one + 's'}"


def listed(names: list[str]) -> str:
    """Return names with commas and an `and` before the last."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
