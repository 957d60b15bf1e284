"""All tables together: their schemas, their promises, and logs that lack things."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from dagster import Failure
from hypothesis import given, settings
from polars.testing import assert_frame_equal

from control_tower.process_mining import mining as mining_module
from control_tower.process_mining.assets import PROCESS_MINING
from control_tower.process_mining.checks import CHECKS
from control_tower.process_mining.event_log import EventLog, event_log_of
from control_tower.process_mining.figures import readable_extracts
from control_tower.process_mining.mining import mine
from control_tower.process_mining.paths import paths_of
from control_tower.process_mining.tables import TABLES
from control_tower.schema_rules import schema_violations
from control_tower.settings import Settings
from tests.examples import examples
from tests.process_mining.desks import AS_OF, Desk, desks, event_frame, path_log, ticket_frame

CODED = ("activity", "status", "group_name")
EVENTS, OUTCOMES = "staging.stg_ticket_events", "marts.ticket_outcomes"


def _problems(
    given_frames: Mapping[str, pl.DataFrame], made: Mapping[str, pl.DataFrame]
) -> list[str]:
    found = [
        s for name, schema in TABLES.items() for s in schema_violations(name, schema, made[name])
    ]
    return [*found, *(s for check in CHECKS for s in check.problems(given_frames, made))]


def _inputs(desk: Desk, log: EventLog) -> dict[str, pl.DataFrame]:
    numbers = pl.DataFrame(
        {"ticket_id": log.tickets["ticket_id"], "variant_id": paths_of(log).of_ticket + 1},
        schema={"ticket_id": pl.Int64, "variant_id": pl.Int64},
    )
    outcomes = ticket_frame(desk.tickets).join(numbers, on="ticket_id", how="left")
    return {EVENTS: event_frame(desk.events), OUTCOMES: outcomes}


@given(desks())
@settings(max_examples=examples(35), deadline=None)
def test_every_desk_keeps_every_promise(desk: Desk) -> None:
    """Schemas hold and checks pass on any desk, an empty one included; extracts can be made."""
    log = desk.log()
    made = mine(log)
    assert list(made) == list(TABLES)
    assert _problems(_inputs(desk, log), made) == []
    assert set(readable_extracts(made)) == set(TABLES)


@given(desks())
@settings(max_examples=examples(15), deadline=None)
def test_a_large_log_with_texts_as_categories_is_mined_alike(desk: Desk) -> None:
    """One table after the other, from events as the room reads them."""
    made = mine(desk.log())
    events = event_frame(desk.events)
    coded = events.cast({name: pl.Categorical for name in CODED if name in events.columns})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mining_module, "_MOST_AT_ONCE", -1)
        again = mine(event_log_of(coded, ticket_frame(desk.tickets), AS_OF))
    for name, frame in made.items():
        assert_frame_equal(again[name], frame)
    inputs = {**_inputs(desk, desk.log()), EVENTS: coded}
    assert _problems(inputs, again) == []


def test_an_empty_log_makes_empty_tables() -> None:
    """No events, no rows, no error."""
    made = mine(path_log())
    assert all(frame.is_empty() for frame in made.values())
    assert readable_extracts(made)["variants"]["most_frequent_variants"].startswith("_No rows")


def test_tickets_of_one_event() -> None:
    """There is a variant, and nothing follows anything."""
    made = mine(path_log(["created"], ["created"]))
    assert made["transitions"].is_empty()
    assert made["variants"].select("path", "tickets").rows() == [("created", 2)]
    assert made["conformance"]["fitness"].to_list() == pytest.approx([1 - 4 / 6] * 2)


@pytest.mark.parametrize(
    ("table", "change", "sentence"),
    [
        ("transitions", pl.col("count") + 1, "transitions: 6 steps, but 3 events less tickets"),
        ("variants", pl.col("tickets") * 2, "variants: 4 tickets, but 2 tickets with events"),
        ("conformance", pl.lit(1.0).alias("fitness"), "conformance: ticket 1 has fitness 1.0"),
        ("conformance_summary", pl.col("tickets") + 1, "conformance_summary: 9 tickets, but 5"),
        ("variants", pl.col("variant_id") + 1, "variants: variant 1 has 0 tickets, and 1 in"),
        (
            "variants",
            pl.lit(["a"]).alias("activities"),
            "variants: variant 1 is created → assigned → solved, but a ticket of that variant",
        ),
        (
            "transitions",
            pl.col("share_of_from") / 2,
            "transitions: the shares of the steps from assigned add up to 0.5",
        ),
    ],
)
def test_checks_see_what_is_wrong(table: str, change: pl.Expr, sentence: str) -> None:
    """Each promise, once broken, is told in a sentence."""
    paths = [["created", "assigned", "solved"], ["created", "closed"]]
    log = path_log(*paths)
    events = pl.DataFrame(
        {
            "event_id": [1, 2, 3, 4, 5],
            "ticket_id": [1, 1, 1, 2, 2],
            "occurred_at": [datetime(2026, 3, n, tzinfo=UTC) for n in range(1, 6)],
            "activity": [step for path in paths for step in path],
        }
    )
    given_frames = {
        EVENTS: events,
        OUTCOMES: pl.DataFrame({"ticket_id": [1, 2], "variant_id": [1, 2]}),
    }
    made = dict(mine(log))
    assert _problems(given_frames, made) == []
    made[table] = made[table].with_columns(change)
    found = [s for check in CHECKS for s in check.problems(given_frames, made)]
    assert any(s.startswith(sentence) for s in found), found


def test_a_reference_path_that_cannot_be_used_fails_the_room(tmp_path: Path) -> None:
    """The failure says what to do in one sentence."""
    log = path_log(["created"])
    frames = {
        **_inputs(Desk([], []), log),
        "staging.stg_landing": pl.DataFrame({"as_of": [datetime(2026, 1, 1, tzinfo=UTC)]}),
        "staging.stg_open_intervals": pl.DataFrame(
            schema={
                "schedule_id": pl.Int64,
                "opens_at": pl.Datetime("us", "UTC"),
                "closes_at": pl.Datetime("us", "UTC"),
                "open_minutes_before": pl.Float64,
            }
        ),
        "staging.stg_schedules": pl.DataFrame(
            schema={"schedule_id": pl.Int64, "is_default": pl.Boolean}
        ),
        "staging.stg_ticket_schedules": pl.DataFrame(
            schema={
                "ticket_id": pl.Int64,
                "schedule_id": pl.Int64,
                "effective_from": pl.Datetime("us", "UTC"),
            }
        ),
        "staging.stg_ticket_costs": pl.DataFrame(
            schema={"ticket_id": pl.Int64, "group_name": pl.String, "handle_minutes": pl.Float64}
        ),
    }
    assert PROCESS_MINING.compute(frames, Settings())["variants"].is_empty()
    with pytest.raises(Failure) as caught:
        PROCESS_MINING.compute(frames, Settings(reference_path=tmp_path / "no.yaml"))
    assert "no.yaml cannot be read" in str(caught.value.description)
