"""The gate lets pass what passed or warned, and nothing that failed or never ran."""

from hypothesis import given
from hypothesis import strategies as st

from control_tower.publishing.gate import CheckOutcome, Outcome, judge

OUTCOMES: tuple[Outcome, ...] = ("passed", "warned", "failed", "not_run")


@given(st.lists(st.sampled_from(OUTCOMES)))
def test_objection_exactly_if_a_check_failed_or_did_not_run(found: list[Outcome]) -> None:
    verdict = judge([CheckOutcome(f"check {n}", outcome) for n, outcome in enumerate(found)])
    assert (verdict.objection is not None) == bool({"failed", "not_run"} & set(found))
    assert verdict.checks_passed == found.count("passed")
    assert verdict.checks_warned == found.count("warned")


def test_objection_names_the_failed_check_first_and_what_it_said() -> None:
    verdict = judge(
        [
            CheckOutcome("unique of marts/sla", "not_run"),
            CheckOutcome("not_null of marts/sla", "failed", "3 rows, for example ticket_id 7"),
        ]
    )
    assert verdict.objection == (
        "check not_null of marts/sla failed: 3 rows, for example ticket_id 7 (1 more)"
    )
