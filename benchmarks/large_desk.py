"""A made desk of any size, landed: its tickets with opening hours and targets.

Run with `python -m benchmarks.large_desk FOLDER TICKETS [DAYS [DAYS_AGO]]`.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.telling import tell
from control_tower.raw.contract import METRICS, PRIORITIES, polars_schema
from control_tower.raw.landing import Landing, complete_tables, write_landed

__all__ = ["land_large_desk"]

_AS_OF: Final = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR: Final = 365
_DAY_SECONDS: Final = 86_400

_FIRST, _SECOND = "Tier 1 Support", "Tier 2 Specialists"
_OPENING: Final = [
    ("created", "new", _FIRST, "customer", True),
    ("assigned", "open", _FIRST, "system", False),
]
_ENDING: Final = [("solved", "solved", _FIRST, "agent", True)]
_CLOSING: Final = [("closed", "closed", _FIRST, "system", False)]
_REPLY: Final = ("replied", "open", _FIRST, "agent", True)
_LIVES: Final = (
    (0.62, [*_OPENING, _REPLY, *_ENDING, *_CLOSING]),
    (
        0.14,
        [
            *_OPENING,
            ("replied", "pending", _FIRST, "agent", True),
            ("customer_replied", "open", _FIRST, "customer", True),
            *_ENDING,
            *_CLOSING,
        ],
    ),
    (0.12, [*_OPENING, _REPLY, ("escalated", "open", _SECOND, "agent", False), *_ENDING]),
    (
        0.08,
        [
            *_OPENING,
            _REPLY,
            *_ENDING,
            ("reopened", "open", _FIRST, "customer", True),
            _REPLY,
            *_ENDING,
        ],
    ),
    (0.04, [*_OPENING, ("put_on_hold", "hold", _FIRST, "agent", False), *_ENDING]),
)
"""Shares of tickets by the life they lead: activity, status, group, actor, whether public."""


def land_large_desk(
    data_dir: Path, tickets: int, *, days: int = _YEAR, days_ago: int = 0, seed: int = 7
) -> int:
    """Land a desk with opening hours and targets, and return its number of events.

    Args:
        data_dir: Where it is landed.
        tickets: Tickets of all its days.
        days: How long it has been there.
        days_ago: What had happened some days ago is landed; the same desk as it was.
        seed: Of what is drawn.
    """
    generator = np.random.default_rng(seed)
    lives = generator.choice(len(_LIVES), size=tickets, p=[share for share, _ in _LIVES])
    created = np.sort(generator.integers(0, days * _DAY_SECONDS, size=tickets))
    desk = pl.DataFrame(
        {
            "ticket_id": np.arange(1, tickets + 1),
            "life": lives,
            "created": created,
            "priority": np.array(PRIORITIES)[generator.integers(0, 4, size=tickets)],
            "pace": generator.lognormal(mean=9.5, sigma=1.2, size=tickets),
        }
    )
    steps = pl.DataFrame(
        [
            (life, step, *what)
            for life, (_, whole_life) in enumerate(_LIVES)
            for step, what in enumerate(whole_life)
        ],
        schema=["life", "step", "activity", "status", "group_name", "actor", "is_public"],
        orient="row",
    )
    start, as_of = _AS_OF - timedelta(days=days), _AS_OF - timedelta(days=days_ago)
    seconds = pl.col("created") + pl.col("pace") * pl.col("step") * pl.col("step") / 4
    events = (
        desk.join(steps, on="life")
        .with_columns(
            (pl.lit(start) + pl.duration(seconds=seconds.cast(pl.Int64)))
            .cast(pl.Datetime("us", "UTC"))
            .alias("occurred_at")
        )
        .filter(pl.col("occurred_at") <= as_of)
        .sort("occurred_at", "ticket_id", "step")
        .with_row_index("event_id", offset=1)
    )
    raw_tickets = events.group_by("ticket_id", maintain_order=True).agg(
        pl.col("occurred_at").first().alias("created_at"),
        pl.col("priority", "group_name", "status").last(),
        _moments_of("solved").last().alias("solved_at"),
        _moments_of("closed").last().alias("closed_at"),
        pl.lit(value=False).alias("is_deleted"),
    )
    is_settled = pl.col("status").is_in(["solved", "closed"])
    raw_tickets = raw_tickets.with_columns(
        pl.when(is_settled).then("solved_at").alias("solved_at"),
        pl.lit("question").alias("ticket_type"),
    )
    landing = Landing(
        source="simulator",
        described_as=f"a benchmark of {tickets} tickets",
        fingerprint=f"{tickets}|{days}|{seed}",
        as_of=as_of,
        tables={
            "tickets": _as_contract("tickets", raw_tickets),
            "ticket_events": _as_contract("ticket_events", events),
            "sla_policies": _policies(),
            "schedules": _schedules(),
        },
    )
    write_landed(complete_tables(landing), data_dir, landing_id=landing.landing_id)
    return events.height


def _moments_of(status: str) -> pl.Expr:
    return pl.col("occurred_at").filter(pl.col("status") == status)


def _as_contract(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    schema = polars_schema(table)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )


def _policies() -> pl.DataFrame:
    rows = [
        ("Standard", 1, 1, metric, priority, 60.0 * 4 ** (1 + place), True)
        for metric in METRICS
        for place, priority in enumerate(PRIORITIES)
    ]
    names = "policy_name policy_id position metric priority target_minutes is_business_hours"
    return _as_contract("sla_policies", pl.DataFrame(rows, schema=names.split(), orient="row"))


def _schedules() -> pl.DataFrame:
    rows = [
        (1, "Office", "Europe/Berlin", weekday, opens, closes, True, None)
        for weekday in range(5)
        for opens, closes in ((540, 720), (780, 1080))
    ]
    return pl.DataFrame(rows, schema=polars_schema("schedules"), orient="row")


if __name__ == "__main__":
    _tickets, *_span = map(int, sys.argv[2:])
    tell(
        events=land_large_desk(
            Path(sys.argv[1]), _tickets, **dict(zip(("days", "days_ago"), _span, strict=False))
        )
    )
