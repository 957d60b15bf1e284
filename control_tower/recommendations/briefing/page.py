"""What the briefing says, before it is Markdown or HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = ["NOT_IN_SOURCE", "Advice", "Briefing", "Change", "Figure", "Section", "Table"]

NOT_IN_SOURCE: Final = "not in this source"

Direction: TypeAlias = Literal["better", "worse", "neutral"]


@dataclass(frozen=True)
class Change:
    """How a figure moved since the week before, in words, and whether that is good."""

    text: str
    direction: Direction = "neutral"


@dataclass(frozen=True)
class Figure:
    """One figure of the week.

    Attributes:
        label: What it is.
        value: As it is read.
        change: Since the week before; None where there is nothing to compare with.
        weeks: The same figure by week, oldest first; None for a week without it.
    """

    label: str
    value: str
    change: Change | None = None
    weeks: Sequence[float | None] = ()


@dataclass(frozen=True)
class Table:
    """A small table; numbers are already texts. The first column is text, the others figures."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """A question, its answer in a sentence, and what the answer rests on."""

    question: str
    answer: str
    figures: Sequence[Figure] = ()
    table: Table | None = None
    remarks: Sequence[str] = ()


@dataclass(frozen=True)
class Advice:
    """An action as the briefing tells it."""

    title: str
    action: str
    evidence: str
    worth: str
    arithmetic: str
    confidence: str
    owner_group: str


@dataclass(frozen=True)
class Briefing:
    """The whole page.

    Attributes:
        title: With the week it is about.
        summary: The week in a few sentences.
        sections: The five questions in order.
        advice: What to do, first things first.
        footnotes: How to read the figures.
    """

    title: str
    summary: str
    sections: Sequence[Section]
    advice: Sequence[Advice]
    footnotes: Sequence[str]
