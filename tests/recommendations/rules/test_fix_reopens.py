"""Worked by hand: one in five tickets by phone is reopened, one in twenty of the rest."""

import polars as pl
import pytest

from control_tower.recommendations.rules.fix_reopens import fix_reopens
from tests.recommendations.frames import PERIOD, WEDNESDAYS, frame, outcome


def _tickets(phone: tuple[int, int], email: tuple[int, int]) -> pl.DataFrame:
    """Tickets and reopened ones by channel; a reopened one takes 60 minutes of work, not 30."""
    rows: list[dict[str, object]] = []
    for channel, (tickets, reopened) in {"phone": phone, "email": email}.items():
        for number in range(tickets):
            again = number < reopened
            minutes = (60.0 if again else 30.0) + (6.0 if number % 2 else -6.0)
            rows.append(
                outcome(
                    len(rows) + 1,
                    WEDNESDAYS[number % 12],
                    channel=channel,
                    reopens=int(again),
                    handle_minutes=minutes,
                    cycle_hours=2.0 + number % 2 + (10.0 if again else 0.0),
                )
            )
    return frame("marts.ticket_outcomes", rows)


def test_fires_with_the_work_reopened_tickets_make() -> None:
    """(20 % - 5 %) x 200 in 90 days is ten a month, at half an hour of work each."""
    (action,) = fix_reopens(_tickets((200, 40), (400, 20)), PERIOD)
    assert action.estimated_impact == pytest.approx(10)
    assert action.impact_hours == pytest.approx(5)
    assert action.hours_kind == "working"
    assert action.action_id == "fix_reopens:channel/phone"
    assert "40 of 200" in action.evidence
    assert "(20.0% - 5.0%) x 200 tickets x 30 / 90 days = 10.0" in action.arithmetic
    assert action.owner_group == "Alpha"
    assert action.confidence == "medium"
    assert len(action.rows) == 20


def test_waiting_counts_where_work_is_not_known() -> None:
    """Ten reopened tickets a month that take ten hours longer each."""
    unknown = _tickets((200, 40), (400, 20)).with_columns(handle_minutes=pl.lit(None, pl.Float64))
    (action,) = fix_reopens(unknown, PERIOD)
    assert action.hours_kind == "cycle"
    assert action.impact_hours == pytest.approx(100)


def test_a_group_owns_its_own_reopens() -> None:
    """The group with too many is the one that can do something about it."""
    tickets = _tickets((200, 40), (400, 20)).with_columns(
        group_name=pl.col("channel"), channel=pl.lit(None, pl.String)
    )
    (action,) = fix_reopens(tickets, PERIOD)
    assert action.action_id == "fix_reopens:group/phone"
    assert action.owner_group == "phone"


@pytest.mark.parametrize(
    ("phone", "email"),
    [
        ((200, 10), (400, 20)),
        ((200, 16), (400, 20)),
        ((99, 40), (400, 20)),
        ((200, 40), (99, 1)),
        ((20_000, 1200), (20_000, 1000)),
        ((0, 0), (400, 200)),
    ],
    ids=[
        "the same rate",
        "within chance",
        "few tickets",
        "few to compare with",
        "sure, but hardly more",
        "nothing to compare with",
    ],
)
def test_silent(phone: tuple[int, int], email: tuple[int, int]) -> None:
    """No difference worth talking about."""
    assert fix_reopens(_tickets(phone, email), PERIOD) == []


def test_silent_without_tickets() -> None:
    """An empty desk."""
    assert fix_reopens(_tickets((200, 40), (400, 20)).clear(), PERIOD) == []
