"""What the bottleneck page shows, worked out by hand on a few tickets."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from control_tower_dash.filters import Filters
from control_tower_dash.queries import bottlenecks as queries
from tests.dashboard.mined_desk import PublishedDesk
from tests.process_mining.desks import AS_OF, Event

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALL = Filters(period="custom", first=date(2026, 1, 1), last=date(2026, 12, 31))
KEPT = ("created", "assigned", "replied", "solved", "closed")
CAME_BACK = ("created", "assigned", "replied", "solved", "reopened", "solved", "closed")


@pytest.fixture(scope="module")
def desk() -> PublishedDesk:
    """Return three tickets on the path and one reopened, with an hour from event to event."""
    events: list[Event] = []
    tickets: list[dict[str, object]] = []
    for ticket_id, path in enumerate((KEPT, KEPT, KEPT, CAME_BACK), start=1):
        for hour, activity in enumerate(path):
            at = DAY + timedelta(hours=hour)
            status = activity if activity in ("solved", "closed") else "open"
            group = None if activity == "created" and ticket_id == 1 else "Tier 1"
            events.append(Event(len(events) + 1, ticket_id, at, activity, status, group))
        tickets.append(
            {
                "ticket_id": ticket_id,
                "status": "closed",
                "priority": "high",
                "created_at": DAY,
                "solved_at": DAY + timedelta(hours=len(path) - 2),
                "closed_at": DAY + timedelta(hours=len(path) - 1),
                "cycle_hours": float(len(path) - 2),
                "is_breached": ticket_id == 4,
            }
        )
    return PublishedDesk(events, tickets, as_of=AS_OF)


def test_a_step_leads_to_its_tickets(desk: PublishedDesk) -> None:
    """Counts, hours, and the way to the tickets with the step."""
    row = queries.steps(desk, ALL).filter(from_activity="solved", to_activity="closed").to_dicts()
    assert (row[0]["count"], row[0]["median_hours"], row[0]["is_administrative"]) == (4, 1.0, True)
    assert parse_qs(row[0]["tickets_behind"]) == {
        "by": ["created"],
        "from_activity": ["solved"],
        "to_activity": ["closed"],
    }


def test_variants_add_up(desk: PublishedDesk) -> None:
    """Three of four go the first way, and both ways together are all."""
    frame = queries.top_variants(desk, ALL)
    assert frame["share"].to_list() == [0.75, 0.25]
    assert frame["cumulative_share"].to_list() == [0.75, 1.0]
    assert frame["breach_rate"].to_list() == [0.0, 1.0]
    assert frame["all_variants"].to_list() == [2, 2]
    assert parse_qs(frame["tickets_behind"][1])["variant"] == ["2"]


def test_what_nobody_holds_leads_to_no_tickets(desk: PublishedDesk) -> None:
    """A group leads to the tickets that were with it; nobody is no group."""
    ways = dict(queries.group_times(desk, ALL).select("group_name", "tickets_behind").iter_rows())
    assert ways["Unassigned"] is None
    assert parse_qs(ways["Tier 1"])["through"] == ["Tier 1"]


def test_the_path_says_who_kept_to_it(desk: PublishedDesk) -> None:
    """Three of four; the reopened one left out no step."""
    frame = queries.reference_path(desk, ALL)
    assert frame["activity"].to_list() == list(KEPT)
    assert frame["skipped_tickets"].to_list() == [0] * 5
    assert frame.select("conformant", "tickets").row(0) == (3, 4)


def test_a_deviation_costs_what_tickets_alike_did_not_take(desk: PublishedDesk) -> None:
    """The reopened ticket took five hours, those alike three; it breached, they did not."""
    row = queries.deviations(desk, ALL).filter(deviation="reopened").to_dicts()[0]
    # The first ticket came to the same group as the others, an event later.
    assert row["extra_cycle_hours"] == pytest.approx(2.0)
    assert row["total_extra_hours"] == pytest.approx(2.0)
    assert row["extra_breach_rate"] == pytest.approx(1.0)
    assert parse_qs(row["tickets_behind"])["deviation"] == ["reopened"]


def test_rework_is_what_is_done_twice(desk: PublishedDesk) -> None:
    """Solved twice by one of four, two hours apart."""
    row = queries.repeated(desk, ALL).to_dicts()
    assert [(r["activity"], r["tickets"], r["repeats"], r["median_hours"]) for r in row] == [
        ("solved", 4, 1, 2.0)
    ]


@pytest.mark.parametrize("name", queries.__all__)
def test_an_empty_period_has_no_rows(desk: PublishedDesk, name: str) -> None:
    """Days without tickets are no error."""
    none = Filters(period="custom", first=date(2020, 1, 1), last=date(2020, 1, 2))
    assert getattr(queries, name)(desk, none).is_empty()
