"""Visits worked out by hand on the life of one ticket."""

from datetime import UTC, datetime, timedelta

import polars as pl

from control_tower.forecasting.desk_visits import visits

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIFE = [
    (0, "new", "A"),
    (10, "open", "A"),
    (20, "pending", "A"),
    (80, "open", "A"),
    (100, "open", "B"),
    (130, "solved", "B"),
    (190, "open", "B"),
    (200, "solved", "B"),
    (999, "closed", "B"),
]


def _visits(*, is_deleted: bool = False) -> pl.DataFrame:
    events = pl.DataFrame(
        [
            (n, 1, START + timedelta(minutes=minute), status, group)
            for n, (minute, status, group) in enumerate(LIFE, start=1)
        ],
        schema=["event_id", "ticket_id", "occurred_at", "status", "group_name"],
        orient="row",
    )
    tickets = pl.DataFrame(
        {
            "ticket_id": [1],
            "priority": ["high"],
            "is_deleted": [is_deleted],
            "merged_into_ticket_id": [None],
        },
        schema_overrides={"merged_into_ticket_id": pl.Int64},
    )
    costs = pl.DataFrame(
        {"ticket_id": [1, 1], "group_name": ["A", "B"], "handle_minutes": [30.0, 44.0]}
    )
    return visits(events, tickets, costs)


def test_a_life_by_hand() -> None:
    """New, back from pending, handed over, reopened: four visits and how each ended."""
    found = _visits().select(
        "group_name",
        ((pl.col("began_at") - START).dt.total_minutes()).alias("began"),
        ((pl.col("ended_at") - START).dt.total_minutes()).alias("ended"),
        "is_returning",
        "outcome",
        "to_group",
        "away_minutes",
        "minutes",
    )
    assert found.rows() == [
        ("A", 0, 20, False, "pending", None, 60.0, 15.0),
        ("A", 80, 100, True, "handed_over", "B", None, 15.0),
        ("B", 100, 130, False, "reopened", None, 60.0, 22.0),
        ("B", 190, 200, True, "done", None, None, 22.0),
    ]


def test_deleted_tickets_have_none() -> None:
    """What was deleted was nobody's work to plan for."""
    assert _visits(is_deleted=True).is_empty()
