"""What a scenario must do to a desk, and what the discrete-event simulator says it does."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.changed_desk import (
    Change,
    attainment,
    changed_desk,
    configuration_at,
    open_hours,
    profile_at,
)
from control_tower.forecasting.desk_profile import DeskProfile
from control_tower.forecasting.measured_capacity import handle_minutes_by_group
from control_tower.forecasting.profile_tables import PROFILE_TABLES
from control_tower.forecasting.staffing_inputs import build_profile
from control_tower.forecasting.what_if import Outlook, Scenario, what_if
from control_tower.raw.contract import polars_schema
from control_tower.schema_rules import schema_violations

START = date(2026, 5, 4)
TIER_1, TIER_2 = "Tier 1 Support", "Tier 2 Specialists"


@cache
def _profile(seed: int = 1) -> DeskProfile:
    return profile_at(configuration_at(START), seed=seed, start=START)


def _outlook(scenario: Scenario, *, draws: int = 20, tickets: int = 8_000) -> Outlook:
    found = what_if(scenario, _profile(), draws=draws, tickets=tickets)
    assert found is not None
    return found


def _backlog(outlook: Outlook, group: str) -> np.ndarray:
    return outlook.backlog.filter(pl.col("group_name") == group)["expected"].to_numpy()


def _attained(outlook: Outlook) -> float:
    assert outlook.sla_attainment is not None
    return outlook.sla_attainment


def test_the_profile_keeps_its_schemas_and_survives_storage() -> None:
    """Its tables are as declared, and say the same when read back."""
    profile = _profile()
    for name, table in profile.tables().items():
        assert list(schema_violations(name, PROFILE_TABLES[name], table)) == []
    again = what_if(Scenario(), DeskProfile.of_tables(profile.tables()), draws=5, tickets=2_000)
    before = what_if(Scenario(), profile, draws=5, tickets=2_000)
    assert again is not None
    assert before is not None
    assert again.sla_attainment == before.sla_attainment
    assert_frame_equal(again.backlog, before.backlog)


def test_a_day_of_staff_is_its_productive_hours() -> None:
    """The hours a post has for tickets add up to those it is said to have."""
    day = _profile().hours.filter(pl.col("local_day") == date(2026, 5, 6))
    hours = dict(day.group_by("group_name").agg(pl.col("staffed_share").sum()).iter_rows())
    assert hours[TIER_1] == pytest.approx(6.5, abs=0.2)
    assert hours[TIER_2] == pytest.approx(6.0, abs=0.2)


def test_no_tickets_no_backlog() -> None:
    """Without tickets what waits at the start is done, and no target is there to miss."""
    outlook = _outlook(Scenario(volume_factor=0))
    assert outlook.backlog.filter(pl.col("day_number") > 5)["expected"].max() == pytest.approx(0)
    assert outlook.sla_attainment is None
    assert outlook.groups["required_fte_days"].to_list() == [0, 0, 0]


def test_more_people_never_hurt() -> None:
    """The more posts, the smaller the backlog on every day and the better the service."""
    outlooks = [
        _outlook(Scenario(headcount={TIER_1: posts, TIER_2: posts / 2}))
        for posts in (12, 15, 18, 21, 25)
    ]
    for fewer, more in pairwise(outlooks):
        assert (_backlog(more, TIER_1) <= _backlog(fewer, TIER_1) + 1e-6).all()
        assert _attained(more) >= _attained(fewer) - 0.002


@pytest.mark.parametrize(
    "asked",
    [lambda x: Scenario(volume_factor=x), lambda x: Scenario(handle_time_factor=x)],
    ids=["volume", "handle time"],
)
def test_more_work_never_helps(asked: Callable[[float], Scenario]) -> None:
    """More tickets, or longer ones, serve nobody better; required days grow in proportion."""
    base, more, double = (_outlook(asked(x)) for x in (1.0, 1.2, 2.0))
    assert _attained(base) >= _attained(more) >= _attained(double)
    assert _backlog(double, TIER_1)[-1] > 10 * _backlog(base, TIER_1)[-1]
    required = base.groups["required_fte_days"] * 2
    assert double.groups["required_fte_days"].to_list() == pytest.approx(required.to_list())


def test_nobody_there_nothing_done() -> None:
    """Without people at Tier 1 its backlog is all that came, and no target is kept."""
    outlook = _outlook(Scenario(headcount={TIER_1: 0}))
    came = _profile().hours.filter(pl.col("group_name") == TIER_1)
    until = datetime(2026, 6, 3, tzinfo=UTC)
    expected = came.filter(pl.col("starts_at") < until)["expected_tickets"].to_numpy().sum()
    assert _backlog(outlook, TIER_1)[-1] > 0.9 * expected
    assert outlook.sla_attainment == 0


def test_occupancy_and_shrinkage_move_the_gap() -> None:
    """Higher occupancy needs fewer posts; more absence leaves fewer. Only the latter is felt."""
    base = _outlook(Scenario())
    fuller = _outlook(Scenario(occupancy={TIER_1: 1.0}))
    away = _outlook(Scenario(shrinkage={TIER_1: 0.5}))
    gap = [
        dict(o.groups.select("group_name", "gap_fte_days").iter_rows())[TIER_1]
        for o in (base, fuller, away)
    ]
    assert gap[1] < gap[0] < gap[2]
    assert fuller.sla_attainment == base.sla_attainment
    assert _attained(away) < _attained(base)


def test_the_same_question_has_the_same_answer() -> None:
    """Chance is the same in every run of a seed."""
    assert (
        _outlook(Scenario(volume_factor=1.1)).sla_attainment
        == _outlook(Scenario(volume_factor=1.1)).sla_attainment
    )


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        ({"volume_factor": -1}, "volume_factor is -1; give 0 or more"),
        ({"headcount": {TIER_1: -2}}, "headcount of Tier 1 Support is -2"),
        ({"shrinkage": {TIER_1: 1}}, "shrinkage of Tier 1 Support is 1"),
        ({"occupancy": {TIER_1: 0}}, "occupancy of Tier 1 Support is 0"),
    ],
)
def test_what_cannot_be_asked(scenario: dict[str, object], says: str) -> None:
    """A number that makes no sense is named, with what would."""
    with pytest.raises(ValueError, match=says):
        Scenario(**scenario)  # type: ignore[arg-type]


def test_unknown_groups_are_named() -> None:
    """Posts of a group the desk does not have are no silent no-op."""
    with pytest.raises(ValueError, match="no group 'Tier 9'"):
        what_if(Scenario(headcount={"Tier 9": 1}), _profile())


def test_a_desk_without_facts_has_no_outlook() -> None:
    """No tickets, no people, no targets: an empty profile and no answer, but no error."""
    capacity = {"group_name": pl.String} | dict.fromkeys(
        ("fte", "productive_hours_per_day", "shrinkage", "target_occupancy"), pl.Float64
    )
    as_of = datetime(2026, 5, 4, tzinfo=UTC)
    ticket_events, tickets, ticket_costs = (
        pl.DataFrame(schema=polars_schema(table))
        for table in ("ticket_events", "tickets", "ticket_costs")
    )
    profile = build_profile(
        ticket_events=ticket_events,
        tickets=tickets,
        ticket_costs=ticket_costs,
        sla=pl.DataFrame(
            schema={
                "ticket_id": pl.Int64,
                "metric": pl.String,
                "target_minutes": pl.Float64,
                "is_business_hours": pl.Boolean,
            }
        ),
        group_capacity=pl.DataFrame(schema=capacity),
        handle_minutes=handle_minutes_by_group(ticket_costs, tickets, ticket_events, as_of.date()),
        forecast=pl.DataFrame(
            schema={
                "series": pl.String,
                "day": pl.Date,
                "forecast": pl.Float64,
                "created_forecast": pl.Float64,
            }
        ),
        schedules=pl.DataFrame(schema=polars_schema("schedules")),
        open_intervals=pl.DataFrame(schema=polars_schema("open_intervals")),
        as_of=as_of,
    )
    assert profile.is_empty
    assert what_if(Scenario(), profile) is None


@pytest.mark.parametrize("posts", [0.85, 1.0])
def test_the_simulator_agrees(posts: float) -> None:
    """Service levels of three simulated months after a change are as foretold before it."""
    configuration = configuration_at(START)
    hours = open_hours(configuration, START)
    change = Change(posts, 1.0)
    foretold, came = [], []
    for seed in (1, 2, 3):
        outlook = what_if(Scenario(headcount=change.headcount(configuration)), _profile(seed))
        assert outlook is not None
        foretold.append(_attained(outlook))
        tables = changed_desk(configuration, change, seed=seed, start=START)
        came.append(attainment(tables, hours, START)["is_kept"].to_numpy().mean())
    # Three months are few: bursts that came or did not move them by points of their own.
    assert np.mean(foretold) == pytest.approx(np.mean(came), abs=0.08)
