"""What a rule hands over: one action with its evidence, its estimate and how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = [
    "CONFIDENCES",
    "DESK",
    "HOURS_KINDS",
    "QUESTIONS",
    "Action",
    "Confidence",
    "EvidenceRow",
    "HoursKind",
    "confidence_of",
]

QUESTIONS: Final[dict[int, str]] = {
    1: "Are we hitting SLA, per group, priority and type?",
    2: "Where do tickets pile up: cycle time, volume or capacity?",
    3: "Will we have enough people next month?",
    4: "What hurts customer satisfaction: reopens, escalations, slow cycles?",
    5: "What should we do about it, in order?",
}
"""What leaders ask every Monday, by number."""

DESK: Final = "Whole desk"
"""Owner of an action that no single group can take."""

Confidence: TypeAlias = Literal["high", "medium", "low"]
HoursKind: TypeAlias = Literal["cycle", "working"]
CONFIDENCES: Final[tuple[Confidence, ...]] = ("high", "medium", "low")
HOURS_KINDS: Final[tuple[HoursKind, ...]] = ("cycle", "working")

_HIGH_SAMPLE, _HIGH_PRECISION = 300, 0.5
_MEDIUM_SAMPLE, _MEDIUM_PRECISION = 100, 0.25


@dataclass(frozen=True)
class EvidenceRow:
    """A row behind an action.

    Attributes:
        subject: What the row is about: a ticket, a group, an hour of the week, a deviation.
        label: What the value measures.
        value: The value; None if not known.
        unit: The value's unit.
        ticket_id: The ticket, where the row is about one.
    """

    subject: str
    label: str
    value: float | None
    unit: str
    ticket_id: int | None = None


@dataclass(frozen=True)
class Action:
    """Something to do, why, and what it should bring in a month.

    Attributes:
        action_id: Rule and subject, the same from run to run for the same advice.
        question: Which of `QUESTIONS` it answers.
        title: A few words.
        action: What to do, as an instruction.
        evidence: The figures that speak for it.
        metric: The figure it should move.
        estimated_impact: How far, in `impact_unit`.
        impact_unit: Unit of the estimate.
        impact_hours: Hours saved a month, of the kind `hours_kind` says.
        hours_kind: `cycle`, hours customers wait, or `working`, hours agents work.
        breaches_avoided: Missed targets avoided a month.
        impact_usd: Dollars saved a month less what the action costs, hours and breaches apart.
        arithmetic: The estimate spelled out with its numbers.
        confidence: See `confidence_of`.
        owner_group: Group that can do it.
        rows: The rows behind it.
    """

    action_id: str
    question: int
    title: str
    action: str
    evidence: str
    metric: str
    estimated_impact: float
    impact_unit: str
    arithmetic: str
    confidence: Confidence
    owner_group: str
    impact_hours: float = 0.0
    hours_kind: HoursKind = "cycle"
    breaches_avoided: float = 0.0
    impact_usd: float = 0.0
    rows: Sequence[EvidenceRow] = ()


def confidence_of(sample: int, estimate: float, lower: float) -> Confidence:
    """Return how far to trust an estimate.

    `high` needs 300 observations and an interval whose near end is at least half the estimate;
    `medium` needs 100 and a quarter; anything else a rule fires on is `low`.

    Args:
        sample: Observations behind the estimate, of the smaller side of a comparison.
        estimate: The estimate, above zero.
        lower: End of its interval that is nearer to zero.
    """
    precision = lower / estimate if estimate > 0 else 0.0
    if sample >= _HIGH_SAMPLE and precision >= _HIGH_PRECISION:
        return "high"
    if sample >= _MEDIUM_SAMPLE and precision >= _MEDIUM_PRECISION:
        return "medium"
    return "low"
