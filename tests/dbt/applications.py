"""What a desk says it applied: targets, targets it changed, and outcomes without a target."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from tests.dbt.desk import Row
from tests.dbt.random_desk import CLOCK_METRICS, Desk
from tests.dbt.sla_oracle import DeskOracle, Promise

__all__ = ["with_applications"]

_MICROSECONDS_A_MINUTE = 60_000_000


def with_applications(desk: Desk, seed: int) -> Desk:
    """Return a desk that says what it applied, many targets to be met or missed by a hair."""
    random = Random(seed)  # noqa: S311
    oracle = DeskOracle(desk)
    rows: list[Row] = []
    for ticket_id, ticket in oracle.tickets.items():
        for metric in CLOCK_METRICS:
            if random.random() < 0.2:
                continue
            promise = Promise(metric, "Applied", None, random.random() < 0.6)
            elapsed = oracle.verdict(ticket_id, promise).clock.elapsed_microseconds
            off_by = random.choice((0, 0, -1, 1, 90_000_000, -90_000_000, -7_200_000_000))
            target = (
                None if random.random() < 0.2 else max(1, elapsed + off_by) / _MICROSECONDS_A_MINUTE
            )
            is_met = random.choice((True, False)) if target is None else None
            row = {
                "ticket_id": ticket_id,
                "metric": metric,
                "policy_id": None,
                "policy_name": "Applied",
                "is_business_hours": promise.is_business_hours,
                "applied_at": ticket["created_at"],
                "target_minutes": target,
                "is_met": is_met,
            }
            rows.append(row)
            if random.random() < 0.3:
                before = ticket["created_at"] - timedelta(seconds=1)
                rows.append({**row, "applied_at": before, "target_minutes": 7.0, "is_met": None})
    random.shuffle(rows)
    return replace(desk, tables={**desk.tables, "sla_applications": rows})
