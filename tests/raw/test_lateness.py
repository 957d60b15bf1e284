"""Events that should have been in the snapshot already are found, and nothing else is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from control_tower.raw import lateness
from control_tower.raw.lateness import ToldBefore, late_events, told_before
from control_tower.warehouse import connect, write_table
from tests.raw.simulator.desks import AS_OF, desk

THEN = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALLOWED = timedelta(hours=48)


def _events(*rows: tuple[int, int, float, str]) -> pl.DataFrame:
    """Return events: event_id, ticket_id, hours before the snapshot's clock, activity."""
    return pl.DataFrame(
        [(key, ticket, THEN - timedelta(hours=hours), what) for key, ticket, hours, what in rows],
        schema={
            "event_id": pl.Int64,
            "ticket_id": pl.Int64,
            "occurred_at": pl.Datetime("us", "UTC"),
            "activity": pl.String,
        },
        orient="row",
    )


def _before(events: pl.DataFrame) -> ToldBefore:
    return ToldBefore("a desk", THEN, events.drop("event_id"))


KNOWN = ((1, 10, 90.0, "created"), (2, 10, 80.0, "solved"))


@pytest.mark.parametrize(
    ("more", "late"),
    [
        ((), 0),
        (((3, 11, 48.0, "created"),), 1),
        (((3, 11, 47.9, "created"),), 0),  # may still be on its way
        (((3, 11, -5.0, "created"),), 0),  # happened since
        (((3, 10, 80.0, "reopened"), (4, 10, 79.0, "solved")), 2),
    ],
)
def test_what_came_later_than_allowed_is_counted(
    more: tuple[tuple[int, int, float, str], ...], late: int
) -> None:
    found = list(late_events(_events(*KNOWN, *more), _before(_events(*KNOWN)), ALLOWED))
    assert bool(found) == bool(late)
    if late:
        assert f"{late} from before 2026-02-28 09:00 UTC came late" in found[0]
        assert f"event_id 3 of ticket {more[0][1]}" in found[0]


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_many_events_are_compared_some_at_a_time(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the first of all that are late is named."""
    known = [(n, n % 7, 90.0 + n, "created") for n in range(1, 20)]
    more = [(n, n % 5, 70.0 + n, "solved") for n in range(20, 31)]
    monkeypatch.setattr(lateness, "_EVENTS_AT_ONCE", at_once)
    (found,) = late_events(_events(*known, *more), _before(_events(*known)), ALLOWED)
    assert "11 from before" in found
    assert "event_id 30 of ticket 0" in found


def test_other_numbers_and_lost_events_are_not_late() -> None:
    """A file may number its events anew, and begin later than it did."""
    anew = _events((7, 10, 80.0, "solved"))
    assert not list(late_events(anew, _before(_events(*KNOWN)), ALLOWED))


def test_days_that_pass_on_a_simulated_desk_bring_nothing_late() -> None:
    """However short the time allowed."""
    earlier = AS_OF - timedelta(days=9)
    before = ToldBefore("a desk", earlier, desk(as_of=earlier).tables["ticket_events"])
    assert not list(late_events(desk().tables["ticket_events"], before, timedelta(seconds=1)))


@pytest.mark.parametrize(
    ("described_as", "same"),
    [("Zendesk acme (12 tickets)", True), ("Zendesk acme", True), ("Zendesk acme2", False)],
)
def test_a_source_is_the_same_whatever_its_number_of_tickets(
    described_as: str, same: bool, tmp_path: Path
) -> None:
    """The snapshot says what it was made from."""
    path = tmp_path / "ops.duckdb"
    assert told_before(path) is None
    path.write_bytes(b"broken")
    assert told_before(path) is None
    path.unlink()
    landed = pl.DataFrame({"described_as": ["Zendesk acme (9 tickets)"], "as_of": [THEN]})
    with connect(path) as connection:
        write_table(connection, "staging", "stg_landing", landed)
        write_table(connection, "staging", "stg_ticket_events", _events(*KNOWN))
    before = told_before(path)
    assert before
    assert before.as_of == THEN
    assert before.is_of(described_as) == same
    assert before.events.rows() == _events(*KNOWN).drop("event_id").rows()
