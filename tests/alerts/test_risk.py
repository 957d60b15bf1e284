"""Today's clocks: their chances, classes and reasons."""

import polars as pl
import pytest

from control_tower.alerts.assets import ALERTS
from control_tower.alerts.clocks import numbered_clocks, stretches_of
from control_tower.alerts.history import BreachHistory
from control_tower.alerts.risk import RISKS, at_risk_tickets, risk_class, unjudged
from control_tower.alerts.tables import TABLES
from control_tower.alerts.turns import turns_of
from control_tower.room import Frames
from control_tower.schema_rules import schema_violations
from control_tower.settings import Settings
from tests.alerts.desk import AS_OF, at, clock, given


def _made(tables: dict[str, pl.DataFrame]) -> Frames:
    made = ALERTS.compute(tables, Settings())
    for name, schema in TABLES.items():
        assert not list(schema_violations(name, schema, made[name]))
    ALERTS.figures(made)
    for check in ALERTS.checks:
        assert not check.problems(tables, made)
    return made


@pytest.mark.parametrize(
    ("state", "remaining", "probability", "risk"),
    [
        ("active", -0.1, 1.0, "breached"),
        ("paused", -0.1, 1.0, "breached"),
        ("active", 0.0, 0.5, "critical"),
        ("active", 120.0, 0.5, "critical"),
        ("active", 120.1, 0.5, "high"),
        ("active", 120.0, 0.25, "high"),
        ("active", 120.1, 0.49, "watch"),
        ("active", 30.0, 0.24, "watch"),
        ("paused", 30.0, 0.99, "watch"),
    ],
)
def test_classes(state: str, remaining: float, probability: float, risk: str) -> None:
    """The lines between them, from both sides."""
    row = pl.DataFrame(
        {
            "clock_state": [state],
            "remaining_minutes": [remaining],
            "breach_probability": [probability],
        }
    )
    assert row.select(risk_class()).item() == risk


def test_a_clock_is_judged_by_those_like_it() -> None:
    """Of 200 answered within the hour 150 were quick, and 50 took two hours: half an hour in, only
    the slow ones are left; at the start one in four was late.
    """
    day = 60 * 24
    quick = [clock(n, at(day + n), at(day + n - 10)) for n in range(1, 151)]
    slow = [clock(n, at(day + n), at(day + n - 120)) for n in range(151, 201)]
    now = [clock(501, at(0)), clock(502, at(30)), clock(503, at(90))]
    table = _made(given([*quick, *slow, *now]))["at_risk_tickets"]
    found = {row["ticket_id"]: row for row in table.iter_rows(named=True)}
    assert found.keys() == {501, 502, 503}
    assert found[501]["breach_probability"] == pytest.approx(0.25, abs=0.02)
    assert found[502]["breach_probability"] == pytest.approx(1.0, abs=0.02)
    assert found[503]["breach_probability"] == 1.0
    assert [row["risk"] for row in found.values()] == ["breached", "critical", "high"]
    assert found[502]["similar_clocks"] == 50 + 2
    assert found[503]["reason"] == (
        "60 minutes first reply target passed 30 minutes ago (Tier 1 Support, normal)"
    )
    assert found[502]["reason"] == (
        "30 minutes left of 60 minutes first reply; nearly all tickets like it at this point went "
        "on to breach (Tier 1 Support, normal)"
    )
    assert (
        "; 3 in 10 tickets like it" in found[501]["reason"] or "; 2 in 10" in found[501]["reason"]
    )


def test_a_clock_left_out_is_found() -> None:
    """The check that guards the table sees what is missing from it."""
    tables = given([clock(1, at(10)), clock(2, at(20)), clock(3, at(90), at(80))])
    table = _made(tables)["at_risk_tickets"]
    (found,) = unjudged(tables["marts.sla"], table.filter(pl.col("ticket_id") != 2))
    assert "first_reply_time of ticket 2" in found


def test_a_paused_clock_is_listed_and_never_urgent() -> None:
    """It may run again; until then nobody can do anything, and when it is due nobody knows."""
    paused = clock(1, at(100), elapsed_minutes=50.0, clock_state="paused")
    (row,) = _made(given([paused]))["at_risk_tickets"].iter_rows(named=True)
    assert row["risk"] == "watch"
    assert row["breach_at"] is None
    assert "the clock paused; few tickets were ever at this point" in row["reason"]


def test_the_most_urgent_come_first() -> None:
    """By class, then chance, then time left."""
    past = [clock(n, at(9000 + n), at(9000 + n - 100)) for n in range(1, 40)]
    now = [clock(100 + n, at(minutes)) for n, minutes in enumerate((5, 70, 50, 200, 20))]
    risks = _made(given([*past, *now]))["at_risk_tickets"]["risk"].to_list()
    assert risks == sorted(risks, key=RISKS.index)


def test_clocks_without_a_target_or_a_priority() -> None:
    """An outcome alone cannot be foretold; a ticket without priority, type and group can."""
    outcome_only = clock(1, at(50)) | {"target_minutes": None, "remaining_minutes": None}
    bare = clock(2, at(50), priority=None, ticket_type=None, group_name="Unassigned")
    (row,) = _made(given([outcome_only, bare]))["at_risk_tickets"].iter_rows(named=True)
    assert row["ticket_id"] == 2
    assert row["reason"].endswith("(Unassigned)")


def test_a_desk_without_targets_has_empty_tables() -> None:
    """No SLA, no tickets: nothing at risk, nothing to calibrate, nothing to complain of."""
    made = _made(given([]))
    assert all(frame.is_empty() for frame in made.values())


def test_a_very_large_desk_is_learned_from_by_sample() -> None:
    """One ticket in three, and every clock that runs; each of those is judged all the same."""
    past = [clock(n, at(9000 + n), at(9000 + n - 30)) for n in range(1, 91)]
    now = [clock(100 + n, at(20)) for n in range(10)]
    tables = given([*past, *now])
    clocks = numbered_clocks(tables["marts.sla"], tables["intermediate.int_sla_targets"], most=34)
    sample = clocks.filter("is_sample")
    assert set(sample["ticket_id"]) == {n for n in [*range(1, 91), *range(100, 110)] if n % 3 == 0}
    assert set(clocks["ticket_id"]) - set(sample["ticket_id"]) == {
        n for n in range(100, 110) if n % 3
    }
    stretches = stretches_of(clocks, tables["intermediate.int_sla_clock_readings"])
    states, hours = tables["intermediate.int_ticket_states"], tables["staging.stg_open_intervals"]
    history = BreachHistory(turns_of(clocks, states, stretches, hours))
    judged = at_risk_tickets(clocks, history, AS_OF)
    assert judged.height == 10
    # 30 finished in the sample, and of the ten that run the three that belong to it.
    assert judged["similar_clocks"].unique().to_list() == [33]
