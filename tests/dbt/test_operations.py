"""The operational marts against counts made one ticket, group and day at a time."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.dbt.conftest import BuiltDesk
from tests.dbt.operations_oracle import (
    agent_productivity,
    daily_ops,
    daily_totals,
    group_performance,
    label,
    ticket_outcome,
)

_TOTALS = (
    *("created", "solved", "costed", "cost_usd", "ratings", "score_total", "decided", "met"),
    "backlog_change",
)


def _assert_mart(
    desk: BuiltDesk, mart: str, keys: str, expected: Sequence[Mapping[str, Any]]
) -> None:
    """Compare the columns the oracle knows with a mart's, row by row in order of its keys."""
    columns = ", ".join(expected[0])
    rows = desk.query(f"select {columns} from marts.{mart} order by {keys}")
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        found = dict(zip(wanted, row, strict=True))
        for name, value in wanted.items():
            if isinstance(value, float):
                assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-9), (name, wanted)
            else:
                assert found[name] == value, (name, wanted)


def test_tickets_went_as_their_events_tell(policies_desk: BuiltDesk) -> None:
    oracle = policies_desk.oracle
    expected = [ticket_outcome(oracle, key) for key in sorted(oracle.tickets)]

    _assert_mart(policies_desk, "ticket_outcomes", "ticket_id", expected)


def test_groups_do_as_their_tickets_do(policies_desk: BuiltDesk) -> None:
    oracle = policies_desk.oracle
    kept = [row for row in oracle.tickets.values() if not row["is_deleted"]]
    keys = {row["ticket_id"] for row in kept}
    groups = {label(row["group_name"]) for row in kept}
    groups |= {r["group_name"] for r in oracle.rows("ticket_costs") if r["ticket_id"] in keys}
    expected = [group_performance(oracle, group) for group in sorted(groups)]

    _assert_mart(policies_desk, "group_performance", "group_name", expected)


def test_agents_are_credited_with_the_tickets_they_hold(policies_desk: BuiltDesk) -> None:
    oracle = policies_desk.oracle
    agents = sorted(oracle.rows("agents"), key=lambda row: int(row["agent_id"]))
    expected = [agent_productivity(oracle, agent) for agent in agents]

    _assert_mart(policies_desk, "agent_productivity", "agent_id", expected)


def test_every_day_of_every_group_is_counted(policies_desk: BuiltDesk) -> None:
    oracle = policies_desk.oracle
    kept = [row for row in oracle.tickets.values() if not row["is_deleted"]]
    first = min(row["created_at"] for row in kept).date()
    days = [first + timedelta(days=n) for n in range((oracle.as_of.date() - first).days + 1)]
    groups = sorted(
        {label(state.group_name) for row in kept for state in oracle.states[row["ticket_id"]]}
    )
    expected = [daily_ops(oracle, day, group) for day in days for group in groups]

    _assert_mart(policies_desk, "daily_ops", "day, group_name", expected)


def test_what_happened_is_counted_in_every_slice(policies_desk: BuiltDesk) -> None:
    expected = daily_totals(policies_desk.oracle)

    found = {
        row[:6]: dict(zip(_TOTALS, row[6:], strict=True))
        for row in policies_desk.query(f"""
            select day, group_name, priority, ticket_type, channel, customer_tier,
                {", ".join(_TOTALS)}
            from marts.daily_totals
        """)
    }
    # A ticket may change its slice and be back by the end of the day.
    assert {key for key, row in found.items() if any(row.values())} == {
        key for key, row in expected.items() if any(row.values())
    }
    for key, row in found.items():
        wanted = expected.get(key, {})
        assert row == pytest.approx({name: wanted.get(name, 0) for name in _TOTALS}), key


def test_variants_are_the_paths_of_activities(policies_desk: BuiltDesk) -> None:
    oracle = policies_desk.oracle
    paths: dict[tuple[str, ...], list[int]] = {}
    for key, states in sorted(oracle.states.items()):
        path = tuple(state.event["activity"] for state in states if state.event)
        if path:
            paths.setdefault(path, []).append(key)
    in_order = sorted(paths, key=lambda path: (-len(paths[path]), " → ".join(path)))
    expected = sorted(
        (key, number) for number, path in enumerate(in_order, start=1) for key in paths[path]
    )

    found = policies_desk.query("""
        select ticket_id, variant_id
        from marts.ticket_outcomes
        where variant_id is not null
        order by ticket_id
    """)
    assert found == expected
