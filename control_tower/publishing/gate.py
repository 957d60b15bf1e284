"""Whether what was built may be published: every blocking check has run, and none failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["CheckOutcome", "Verdict", "judge"]

Outcome = Literal["passed", "warned", "failed", "not_run"]


@dataclass(frozen=True)
class CheckOutcome:
    """How a check stands: its name as table and check, its outcome, and what it said."""

    check: str
    outcome: Outcome
    says: str = ""


@dataclass(frozen=True)
class Verdict:
    """How many checks passed and warned, and in words what stands against publishing."""

    checks_passed: int
    checks_warned: int
    objection: str | None


def judge(outcomes: Sequence[CheckOutcome]) -> Verdict:
    """Weigh the latest outcome of every check.

    A check that warned does not stand in the way. One that failed does, and so does one that has
    not run, since nobody knows what it would have said.
    """
    objections = [outcome for outcome in outcomes if outcome.outcome in ("failed", "not_run")]
    objections.sort(key=lambda outcome: outcome.outcome != "failed")
    objection = None
    if objections:
        first = objections[0]
        what = (
            f"check {first.check} failed: {first.says}"
            if first.outcome == "failed"
            else f"check {first.check} has not run on these tables; run the whole pipeline"
        )
        others = f" ({len(objections) - 1} more)" if len(objections) > 1 else ""
        objection = f"{what}{others}"
    return Verdict(
        checks_passed=sum(outcome.outcome == "passed" for outcome in outcomes),
        checks_warned=sum(outcome.outcome == "warned" for outcome in outcomes),
        objection=objection,
    )
