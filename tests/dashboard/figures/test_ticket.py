"""Clocks of a ticket: what ran, what was missed, what is still to come."""

from datetime import UTC, datetime, timedelta

import polars as pl

from control_tower_dash.figures.ticket import clock_course
from control_tower_dash.queries.ticket import VERDICTS

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _clocks(**verdicts: str) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "metric_label": name,
                "began_at": AT,
                "ended_at": AT + timedelta(hours=1),
                "started_at": AT,
                "stopped_at": AT + timedelta(hours=1),
                "breach_at": None if verdict == "within_sla" else AT + timedelta(hours=2),
                "verdict": VERDICTS[verdict],
            }
            for name, verdict in verdicts.items()
        ]
    )


def _marked(**verdicts: str) -> dict[str, list[str]]:
    drawn = clock_course(_clocks(**verdicts))["data"]
    return {trace["name"]: trace["y"] for trace in drawn if trace["mode"] == "markers"}


def test_only_a_missed_target_has_its_cross() -> None:
    """A clock that still runs, or rests, has not passed its target."""
    assert _marked(first="breached", second="active", third="paused", fourth="within_sla") == {
        "target passed": ["first"],
        "target to come": ["second", "third"],
    }
    assert _marked(first="within_sla") == {}
