"""Which tickets kept to the path, and what the others did otherwise."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings

from control_tower.process_mining.conformance import conformance, judge, reference_steps
from control_tower.process_mining.event_log import EventLog
from control_tower.process_mining.paths import paths_of
from control_tower.process_mining.reference_path import HAPPY_PATH, ChosenPath, ReferencePath
from tests.examples import examples
from tests.process_mining.desks import (
    AS_OF,
    START,
    Desk,
    Event,
    desks,
    events_in_order,
    log_of,
    path_log,
)

HAPPY = HAPPY_PATH.steps


ALL_WRONG = ["skipped assigned", "skipped closed", "skipped first reply", "wrong order"]


def _judged(log: EventLog, reference: ReferencePath = HAPPY_PATH) -> pl.DataFrame:
    return conformance(log, judge(log, paths_of(log), reference))


@pytest.mark.parametrize(
    ("path", "deviations", "fitness"),
    [
        (HAPPY, [], 1.0),
        (("created", "assigned", "solved", "closed"), ["skipped first reply"], 1 - 1 / 9),
        (
            ("created", "assigned", "escalated", "assigned", "replied", "solved", "closed"),
            ["escalated", "extra assigned"],
            1 - 2 / 12,
        ),
        (
            ("created", "assigned", "escalated", "escalated", "replied", "solved", "closed"),
            ["escalated", "repeated escalation"],
            1 - 2 / 12,
        ),
        (
            ("created", "assigned", "replied", "solved", "reopened", "solved", "closed"),
            ["extra solved", "reopened"],
            1 - 2 / 12,
        ),
        (("created", "replied", "assigned", "solved", "closed"), ["wrong order"], 1 - 2 / 10),
        (
            ("created",),
            ["skipped assigned", "skipped closed", "skipped first reply", "skipped solved"],
            1 - 4 / 6,
        ),
        (("solved", "created"), ALL_WRONG, 1 - 5 / 7),
    ],
)
def test_deviations_by_hand(path: tuple[str, ...], deviations: list[str], fitness: float) -> None:
    """What is left out, added, repeated or swapped is called by its name."""
    (row,) = _judged(path_log(path)).to_dicts()
    assert row["deviations"] == deviations
    assert row["fitness"] == pytest.approx(fitness)
    assert row["is_conformant"] == (fitness == 1)


def test_a_ticket_under_way_is_held_against_the_beginning() -> None:
    """What has not come yet is not missing; what was passed over is."""
    paths = [HAPPY[:1], HAPPY[:3], ("created", "assigned", "solved"), ("created", "escalated")]
    table = _judged(path_log(*paths, status="open"))
    assert table["is_under_way"].all()
    assert table["fitness"].to_list() == [1, 1, pytest.approx(1 - 1 / 3), pytest.approx(0.5)]
    assert table["deviations"].to_list() == [[], [], ["skipped first reply"], ["escalated"]]


@pytest.mark.parametrize(("days", "is_under_way"), [(3.99, True), (4.0, False), (30.0, False)])
def test_closing_takes_four_days(days: float, *, is_under_way: bool) -> None:
    """A solved ticket waits four days for the automation before its close is overdue."""
    moment = AS_OF - timedelta(days=days)
    events = [Event(n, 1, moment, step, "solved", None) for n, step in enumerate(HAPPY[:4], 1)]
    ticket = {"ticket_id": 1, "status": "solved", "created_at": START, "solved_at": moment}
    (row,) = _judged(log_of(events, [ticket])).to_dicts()
    assert row["is_under_way"] == is_under_way
    assert row["deviations"] == ([] if is_under_way else ["skipped closed"])


@given(desks())
@settings(max_examples=examples(50), deadline=None)
def test_one_row_a_ticket_and_fitness_one_exactly_on_the_path(desk: Desk) -> None:
    """Fitness lies between 0 and 1, and is 1 exactly without a deviation."""
    log = desk.log()
    table = _judged(log)
    assert table["ticket_id"].to_list() == sorted({event.ticket_id for event in desk.events})
    for row in table.to_dicts():
        assert 0 <= row["fitness"] <= 1
        is_free = not row["deviations"]
        assert is_free == row["is_conformant"] == (row["fitness"] == 1)
        assert is_free == (row["inserted_steps"] + row["skipped_steps"] == 0)
        if not row["is_under_way"] and is_free:
            events = events_in_order(desk.events)[row["ticket_id"]]
            walked = [event.activity for event in events]
            assert tuple(walked) == HAPPY


def test_how_each_step_was_kept() -> None:
    """Due tickets are those that had to take the step by now."""
    log = path_log(HAPPY, ("created", "assigned", "solved", "closed"), HAPPY[:2])
    judgements = judge(log, paths_of(log), HAPPY_PATH)
    table = reference_steps(log, judgements, ChosenPath(HAPPY_PATH, is_from_log=False))
    assert table["activity"].to_list() == list(HAPPY)
    assert table["due_tickets"].to_list() == [3, 3, 3, 3, 3]
    assert table["skipped_tickets"].to_list() == [0, 0, 2, 1, 1]
    apart = reference_steps(
        log, judgements, ChosenPath(HAPPY_PATH, is_from_log=False), by=["month"]
    )
    assert apart.drop("month").equals(table)


def test_roles_follow_the_reference_path() -> None:
    """A desk that calls things otherwise gives the activities that have names of their own."""
    reference = ReferencePath(
        steps=("Open", "Answer", "Done"), first_reply="Answer", escalation="Up", reopening="Back"
    )
    log = path_log(["Open", "Up", "Up", "Done", "Back", "Done"])
    (row,) = _judged(log, reference).to_dicts()
    assert row["deviations"] == [
        "escalated",
        "extra Done",
        "reopened",
        "repeated escalation",
        "skipped first reply",
    ]
