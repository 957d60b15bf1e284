"""The rows the room looks at, chosen while they are read: rules and briefing look a quarter back.

Read whole, the clocks and events of a year of five million tickets need more memory than all else.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from control_tower.recommendations.briefing.weeks import SHOWN_WEEKS
from control_tower.recommendations.period import WINDOW_DAYS
from control_tower.warehouse import quoted_list

__all__ = ["DAYS_BACK", "recent_rows"]

DAYS_BACK: Final = max(WINDOW_DAYS, 7 * (SHOWN_WEEKS + 1))
"""The weeks shown end with the last that was over, which is up to a week before the clock."""

_SINCE: Final = f"(select as_of - interval {DAYS_BACK} days from staging.stg_landing)"  # noqa: S608

_CONDITIONS: Final[Mapping[str, str]] = {
    "staging.stg_ticket_events": f"actor = 'agent' and occurred_at >= {_SINCE}",
    # One ticket more tells a desk without targets from one where none was decided of late.
    "marts.sla": f"""
        greatest(started_at, ended_at, breach_at) >= {_SINCE}
        or ticket_id = (select min(ticket_id) from marts.sla where is_decided)
        or ticket_id = (select min(ticket_id) from marts.sla)
    """,  # noqa: S608
}


def recent_rows(inputs: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """Return SQL for the rows the room looks at of its largest inputs.

    Of events those of agents, of clocks those that ran, stopped or passed their target lately.

    Args:
        inputs: The columns it reads, by input.
    """
    return {
        name: f"select {quoted_list(inputs[name])} from {name} where {condition}"  # noqa: S608
        for name, condition in _CONDITIONS.items()
    }
