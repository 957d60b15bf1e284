"""All rules together: on desks that lack facts, and on desks on which all is well."""

import random
from datetime import date, timedelta

import polars as pl
import pytest

from control_tower.recommendations.advise import advise
from control_tower.recommendations.assets import RECOMMENDATIONS
from control_tower.recommendations.tables import TABLES
from control_tower.schema_rules import schema_violations
from tests.recommendations.frames import AS_OF, empty_inputs, frame, outcome, target

GROUPS = ("Alpha", "Beta", "Gamma")
PRIORITIES = {"urgent": 0.95, "normal": 0.9, "low": 0.85}
TYPES = ("question", "incident", "task")


def _healthy_desk(seed: int, tickets: int = 6000) -> dict[str, pl.DataFrame]:
    """Return a desk on which nothing goes with anything, and targets are kept with some to spare.

    Chance alone decides which 2 % of targets are missed, which 4 % of tickets are reopened or leave
    the path, and which 3 % of customers leave; people are enough.
    """
    draw = random.Random(seed)  # noqa: S311
    outcomes, targets, ways, events = [], [], [], []
    for ticket_id in range(1, tickets + 1):
        monday_morning = AS_OF - timedelta(days=88) + timedelta(weeks=draw.randrange(12))
        moment = monday_morning + timedelta(
            days=draw.randrange(5), hours=8 + draw.randrange(10), seconds=draw.randrange(3600)
        )
        late, again = draw.random() < 0.02, draw.random() < 0.04
        priority, kind = draw.choice(list(PRIORITIES)), draw.choice(TYPES)
        group = draw.choice(GROUPS)
        outcomes.append(
            outcome(
                ticket_id,
                moment,
                group_name=group,
                priority=priority,
                ticket_type=kind,
                channel=draw.choice(("email", "web", "phone")),
                customer_tier=draw.choice(("starter", "business")),
                cycle_hours=draw.lognormvariate(1, 1),
                handle_minutes=draw.lognormvariate(3, 0.5),
                csat_score=draw.choice((3, 4, 5)),
                reopens=int(again),
                is_breached=late,
                churned_within_90_days=draw.random() < 0.03,
            )
        )
        targets.append(
            target(
                ticket_id,
                moment,
                is_met=not late,
                group_name=group,
                priority=priority,
                ticket_type=kind,
            )
        )
        ways.append(
            {"ticket_id": ticket_id, "deviations": ["reopened"] if draw.random() < 0.04 else []}
        )
        events += [
            {
                "occurred_at": moment + timedelta(minutes=draw.randrange(120)),
                "group_name": group,
                "agent_id": draw.randrange(9),
                "actor": "agent",
            }
            for _ in range(draw.randrange(1, 4))
        ]
    handed = {"median_hours": 3.0, "count": 400, "came_back": 14}
    enough = {
        "first_day": date(2026, 6, 1),
        "last_day": date(2026, 6, 30),
        "working_days": 22.0,
        "forecast_tickets": 600.0,
        "handle_minutes": 60.0,
        "required_fte_days": 90.0,
        "available_fte_days": 95.0,
        "gap_fte_days": -5.0,
        "lo_80": -12.0,
        "hi_80": 2.0,
        "capacity_tickets": 630.0,
        "gap_tickets": -30.0,
    }
    given = empty_inputs()
    given["marts.ticket_outcomes"] = frame("marts.ticket_outcomes", outcomes)
    given["marts.sla"] = frame("marts.sla", targets).drop("decided_at")
    given["process_mining.conformance"] = frame("process_mining.conformance", ways)
    given["staging.stg_ticket_events"] = frame("staging.stg_ticket_events", events)
    given["process_mining.handovers"] = frame(
        "process_mining.handovers",
        [{"from_group": "Alpha", "to_group": "Beta", **handed}],
    )
    given["forecasting.capacity_outlook"] = frame(
        "forecasting.capacity_outlook", [{"group_name": group, **enough} for group in GROUPS]
    )
    given["seeds.sla_policy_targets"] = frame(
        "seeds.sla_policy_targets",
        [{"priority": name, "attainment_target": share} for name, share in PRIORITIES.items()],
    )
    given["alerts.at_risk_tickets"] = frame(
        "alerts.at_risk_tickets",
        [
            {
                "ticket_id": number,
                "metric": "first_reply_time",
                "group_name": "Alpha",
                "remaining_minutes": 600.0,
                "breach_probability": 0.02,
                "similar_clocks": 500,
                "risk": "watch",
            }
            for number in range(1, 30)
        ],
    )
    return given


@pytest.fixture(scope="module")
def healthy() -> dict[str, pl.DataFrame]:
    """One healthy desk."""
    return _healthy_desk(0)


@pytest.mark.parametrize("seed", range(1, 6))
def test_nothing_is_to_be_done_on_a_healthy_desk(seed: int) -> None:
    """Five desks of chance, each looked at by every rule."""
    made = advise(_healthy_desk(seed))
    assert made["actions"]["action_id"].to_list() == []
    assert made["evidence"].is_empty()
    assert "no figure of this desk calls for action" in made["briefing"]["markdown"][0]


def test_the_same_desk_calls_for_action_once_something_is_wrong(
    healthy: dict[str, pl.DataFrame],
) -> None:
    """Each wound made to the healthy desk is found, and only that."""
    sla = healthy["marts.sla"]
    is_hurt = (pl.col("group_name") == "Beta") & (pl.col("priority") == "urgent")
    missed = is_hurt & (pl.col("ticket_id") % 3 == 0)
    hurt_sla = sla.with_columns(
        sla_status=pl.when(missed).then(pl.lit("breached")).otherwise("sla_status"),
        breach_at=pl.when(missed).then("started_at").otherwise("breach_at"),
    )
    outcomes = healthy["marts.ticket_outcomes"]
    by_phone = (pl.col("channel") == "phone") & (pl.col("ticket_id") % 5 == 0)
    short = healthy["forecasting.capacity_outlook"].with_columns(
        gap_fte_days=pl.lit(9.0), lo_80=pl.lit(4.0), hi_80=pl.lit(14.0), gap_tickets=pl.lit(60.0)
    )
    wounds = {
        "raise_sla_cell:Beta/urgent/first_reply_time": {"marts.sla": hurt_sla},
        "fix_reopens:channel/phone": {
            "marts.ticket_outcomes": outcomes.with_columns(
                reopens=pl.when(by_phone).then(1).otherwise("reopens").cast(pl.Int64)
            )
        },
        "staff_bottleneck:Alpha": {"forecasting.capacity_outlook": short.head(1)},
        "reduce_ping_pong:Alpha/Beta": {
            "process_mining.handovers": healthy["process_mining.handovers"].with_columns(
                came_back=pl.lit(120, pl.Int64)
            )
        },
        "answer_at_risk:today": {
            "alerts.at_risk_tickets": healthy["alerts.at_risk_tickets"].with_columns(
                risk=pl.lit("critical"), breach_probability=pl.lit(0.8)
            )
        },
    }
    for expected, wound in wounds.items():
        found = advise({**healthy, **wound})
        assert found["actions"]["action_id"].to_list() == [expected]
        assert not found["evidence"].is_empty()
    everything = advise(
        {**healthy, **{k: v for wound in wounds.values() for k, v in wound.items()}}
    )
    assert set(everything["actions"]["action_id"]) == set(wounds)
    assert everything["actions"]["score_usd"].is_sorted(descending=True)
    for name, schema in TABLES.items():
        assert not list(schema_violations(name, schema, everything[name]))


def test_it_is_the_same_whatever_the_order_of_rows(healthy: dict[str, pl.DataFrame]) -> None:
    """Rows come from the warehouse in any order."""
    wounded = {
        **healthy,
        "seeds.sla_policy_targets": healthy["seeds.sla_policy_targets"].with_columns(
            attainment_target=pl.lit(0.9999)
        ),
    }
    shuffled = {
        name: table.sample(fraction=1, shuffle=True, seed=5) for name, table in wounded.items()
    }
    one, other = advise(wounded), advise(shuffled)
    assert one["actions"].height
    for name in TABLES:
        assert one[name].equals(other[name])


@pytest.mark.parametrize(
    "emptied", [*sorted(RECOMMENDATIONS.inputs.keys() - {"staging.stg_landing"}), "all"]
)
def test_a_source_that_lacks_a_table_is_no_error(
    healthy: dict[str, pl.DataFrame], emptied: str
) -> None:
    """Each table without rows, and all of them; the landing always has its one."""
    given = empty_inputs() if emptied == "all" else {**healthy, emptied: healthy[emptied].clear()}
    made = advise(given)
    for name, schema in TABLES.items():
        assert not list(schema_violations(name, schema, made[name]))
    assert made["actions"].is_empty()


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("marts.sla", ["priority", "ticket_type", "target_minutes"]),
        ("marts.ticket_outcomes", ["priority", "ticket_type", "channel", "customer_tier"]),
        ("marts.ticket_outcomes", ["csat_score", "is_breached", "churned_within_90_days"]),
        ("marts.ticket_outcomes", ["handle_minutes", "cycle_hours", "solved_at"]),
        ("staging.stg_ticket_events", ["agent_id", "actor"]),
        ("alerts.at_risk_tickets", ["similar_clocks"]),
    ],
)
def test_columns_that_say_nothing_are_no_error(
    healthy: dict[str, pl.DataFrame], table: str, columns: list[str]
) -> None:
    """Facts the source does not have."""
    unknown = healthy[table].with_columns(
        pl.lit(None, healthy[table].schema[name]).alias(name) for name in columns
    )
    made = advise({**healthy, table: unknown})
    assert made["actions"].is_empty()
    assert made["briefing"].height == 1


def test_one_ticket_is_enough_for_a_page() -> None:
    """A desk that opened this week."""
    given = empty_inputs()
    given["marts.ticket_outcomes"] = frame(
        "marts.ticket_outcomes", [outcome(1, AS_OF - timedelta(days=2))]
    )
    made = advise(given)
    assert made["actions"].is_empty()
    assert made["briefing"]["title"][0] == "Monday briefing: 25 to 31 May 2026"
