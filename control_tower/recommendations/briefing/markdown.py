"""The briefing as Markdown."""

import re
from collections.abc import Iterator, Sequence

from control_tower.recommendations.briefing.page import Advice, Briefing, Figure, Section, Table

__all__ = ["as_markdown"]

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def as_markdown(briefing: Briefing) -> str:
    """Return the page as Markdown with tables; names from the source are taken literally."""
    return "\n".join(_lines(briefing)).rstrip() + "\n"


def _literal(text: str) -> str:
    """Return a text on one line, without a meaning to Markdown or to HTML inside it."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _lines(briefing: Briefing) -> Iterator[str]:
    yield f"# {_literal(briefing.title)}"
    yield ""
    yield _literal(briefing.summary)
    for number, section in enumerate(briefing.sections, start=1):
        yield ""
        yield f"## {number}. {_literal(section.question)}"
        yield ""
        yield from _section(section)
    for number, advice in enumerate(briefing.advice, start=1):
        yield ""
        yield from _advice(number, advice)
    yield ""
    yield "---"
    for footnote in briefing.footnotes:
        yield ""
        yield f"_{_literal(footnote)}_"


def _section(section: Section) -> Iterator[str]:
    yield f"**{_literal(section.answer)}**"
    if section.figures:
        yield ""
        yield from (_figure(figure) for figure in section.figures)
    if section.table:
        yield ""
        yield from _table(section.table)
    for remark in section.remarks:
        yield ""
        yield _literal(remark)


def _figure(figure: Figure) -> str:
    change = f" ({_literal(figure.change.text)})" if figure.change else ""
    return f"- {_literal(figure.label)}: {_literal(figure.value)}{change}"


def _table(table: Table) -> Iterator[str]:
    yield _row(table.header)
    yield _row([":--", *["--:"] * (len(table.header) - 1)], literal=False)
    for row in table.rows:
        yield _row(row)


def _row(cells: Sequence[str], *, literal: bool = True) -> str:
    return f"| {' | '.join(_literal(cell) if literal else cell for cell in cells)} |"


def _advice(number: int, advice: Advice) -> Iterator[str]:
    yield f"### {number}. {_literal(advice.title)}"
    yield ""
    yield _literal(advice.action)
    yield ""
    yield f"- Why: {_literal(advice.evidence)}"
    yield f"- Worth: {_literal(advice.worth)} ({advice.confidence} confidence)"
    yield f"- Estimate: {_literal(advice.arithmetic)}"
    yield f"- Owner: {_literal(advice.owner_group)}"
