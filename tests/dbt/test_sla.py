"""The SLA marts against clocks worked out minute by minute, on desks drawn at random."""

from collections import Counter

import pytest

from tests.dbt.conftest import BuiltDesk
from tests.dbt.random_desk import CLOCK_METRICS

_SLA = """
    select
        ticket_id, metric, instance, policy_name, priority, group_name, target_minutes,
        is_business_hours, started_at, ended_at, elapsed_minutes, breach_at, clock_state,
        sla_status, is_decided
    from marts.sla
    order by ticket_id, metric, instance
"""


def test_every_target_stands_as_the_slow_clocks_say(random_built_desk: BuiltDesk) -> None:
    expected = [
        (
            ticket_id,
            metric,
            instance,
            verdict.promise.policy_name,
            verdict.priority,
            verdict.group_name,
            verdict.promise.target_minutes,
            verdict.promise.is_business_hours,
            verdict.started_at,
            verdict.clock.ended_at,
            pytest.approx(verdict.clock.elapsed_microseconds / 60_000_000, abs=1e-9),
            verdict.clock.breach_at,
            verdict.clock.state,
            verdict.status,
            verdict.is_decided,
        )
        for (ticket_id, metric, instance), verdict in sorted(
            random_built_desk.oracle.verdicts.items(), key=lambda item: item[0]
        )
    ]

    assert random_built_desk.query(_SLA) == expected


def test_the_random_desks_have_clocks_of_every_kind(random_built_desk: BuiltDesk) -> None:
    verdicts = random_built_desk.oracle.verdicts.values()
    kinds = Counter(
        (verdict.clock.state, verdict.status, verdict.clock.breach_at is not None)
        for verdict in verdicts
    )

    assert {state for state, _, _ in kinds} == {"active", "paused", "stopped"}
    assert kinds["paused", "breached", True]
    assert kinds["stopped", "within_sla", False]
    assert kinds["active", "within_sla", True]
    instances = Counter(
        metric for _, metric, instance in random_built_desk.oracle.verdicts if instance > 1
    )
    assert set(instances) == {"next_reply_time", "periodic_update_time", "group_ownership_time"}
    assert {metric for _, metric, _ in random_built_desk.oracle.verdicts} == set(CLOCK_METRICS)


def test_time_equal_to_the_target_keeps_it(applications_desk: BuiltDesk) -> None:
    outcomes = applications_desk.query("""
        select sla_status, count(*)
        from marts.sla
        where elapsed_minutes = target_minutes
        group by 1
    """)

    assert [status for status, _ in outcomes] == ["within_sla"]
    assert outcomes[0][1] > 50


def test_a_microsecond_more_misses_it(applications_desk: BuiltDesk) -> None:
    outcomes = applications_desk.query("""
        select distinct sla_status
        from marts.sla
        where round((elapsed_minutes - target_minutes) * 60000000) = 1
    """)

    assert outcomes == [("breached",)]
