"""Processes that write to an alert log, for tests that kill them or let them race."""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from control_tower.alerts.log_file import AlertLog
from control_tower.alerts.news import Alert, ClockKey, News

__all__ = ["AS_OF", "opened", "tell_each_once"]

AS_OF = datetime(2026, 3, 10, 12, tzinfo=UTC)


def opened(ticket_id: int, risk: str = "high") -> News:
    """Return the news that a ticket's clock is at risk."""
    return News(
        event="opened",
        key=ClockKey(ticket_id, "first_reply_time", 1),
        group_name="Tier 1 Support",
        priority="urgent",
        risk=risk,
        previous_risk=None,
        remaining_minutes=12.5,
        breach_at=AS_OF,
        breach_probability=0.5,
        reason=f"Ticket {ticket_id} „läuft“ ab",
    )


def tell_each_once(path: Path, tickets: int, batch: int, limit_bytes: int) -> None:
    """Tell of tickets 1 to `tickets` not told of yet, a batch at a time, until none is left."""
    log = AlertLog(path, limit_bytes=limit_bytes, kept=1000)

    def untold(told: Mapping[ClockKey, Alert]) -> Iterator[News]:
        known = {key.ticket_id for key in told}
        missing = [ticket for ticket in range(1, tickets + 1) if ticket not in known]
        return (opened(ticket) for ticket in missing[:batch])

    while log.tell(untold, AS_OF):
        pass


if __name__ == "__main__":
    tell_each_once(Path(sys.argv[1]), *(int(argument) for argument in sys.argv[2:]))
