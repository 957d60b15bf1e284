"""What a desk says it applied: targets, targets it changed, and outcomes without a target."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from tests.dbt.clock_oracle import Span, spans
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
    for ticket_id in oracle.tickets:
        for metric in CLOCK_METRICS:
            found: dict[datetime, Row] = {}
            for span in spans(metric, oracle.states[ticket_id]):
                if random.random() < 0.2:
                    continue
                for row in _rows_of_a_clock(random, oracle, ticket_id, metric, span):
                    if row["applied_at"] <= desk.as_of:
                        found.setdefault(row["applied_at"], row)
            rows.extend(found.values())
    random.shuffle(rows)
    return replace(desk, tables={**desk.tables, "sla_applications": rows})


def _rows_of_a_clock(
    random: Random, oracle: DeskOracle, ticket_id: int, metric: str, span: Span
) -> Iterator[Row]:
    promise = Promise("Applied", None, random.random() < 0.6)
    elapsed = oracle.verdict(ticket_id, span, promise).clock.elapsed_microseconds
    off_by = random.choice((0, 0, -1, 1, 90_000_000, -90_000_000, -7_200_000_000))
    target = None if random.random() < 0.2 else max(1, elapsed + off_by) / _MICROSECONDS_A_MINUTE
    ended_at = span.ended_at or oracle.as_of
    row = {
        "ticket_id": ticket_id,
        "metric": metric,
        "policy_id": None,
        "policy_name": "Applied",
        "is_business_hours": promise.is_business_hours,
        "applied_at": span.started_at
        + random.choice((0, 0, 0.5, 1)) * (ended_at - span.started_at),
        "target_minutes": target,
        "is_met": random.choice((True, False)) if target is None else None,
    }
    if random.random() < 0.1:
        # The desk's log may tell of a target when the clock has already ended.
        yield {**row, "applied_at": ended_at + timedelta(seconds=1)}
        return
    yield row
    if random.random() < 0.3:
        before = span.started_at - timedelta(seconds=1)
        yield {**row, "applied_at": before, "target_minutes": 7.0, "is_met": None}
    if random.random() < 0.2:
        after = ended_at + timedelta(microseconds=1)
        yield {**row, "applied_at": after, "target_minutes": 9.0, "is_met": None}
