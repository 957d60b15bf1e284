"""The briefing as one HTML page that needs nothing else: styles and drawings are inside."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from control_tower.recommendations.briefing.page import Advice, Briefing, Figure, Section, Table
from control_tower.recommendations.briefing.sparkline import sparkline

__all__ = ["as_html"]

_STYLE = Path(__file__).with_name("style.css")


def as_html(briefing: Briefing) -> str:
    """Return the page; light or dark as the reader's system is, and fit for printing."""
    return "\n".join(_lines(briefing)) + "\n"


def _lines(briefing: Briefing) -> Iterator[str]:
    title = escape(briefing.title)
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield '<head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{title}</title>"
    yield f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head>"
    yield "<body><main>"
    yield f'<header><h1>{title}</h1><p class="quiet">{escape(briefing.summary)}</p></header>'
    for number, section in enumerate(briefing.sections, start=1):
        yield from _section(number, section)
    if briefing.advice:
        yield '<ol class="advice">'
        for advice in briefing.advice:
            yield from _advice(advice)
        yield "</ol>"
    yield '<footer class="quiet">'
    yield from (f"<p>{escape(footnote)}</p>" for footnote in briefing.footnotes)
    yield "</footer></main></body></html>"


def _section(number: int, section: Section) -> Iterator[str]:
    yield f"<section><h2><span>{number}</span> {escape(section.question)}</h2>"
    yield f'<p class="answer">{escape(section.answer)}</p>'
    if section.figures:
        yield '<dl class="figures">'
        yield from (_figure(figure) for figure in section.figures)
        yield "</dl>"
    if section.table:
        yield from _table(section.table)
    yield from (f"<p>{escape(remark)}</p>" for remark in section.remarks)
    yield "</section>"


def _figure(figure: Figure) -> str:
    change = (
        f'<span class="change {figure.change.direction}">{escape(figure.change.text)}</span>'
        if figure.change
        else ""
    )
    drawn = sparkline(figure.weeks, f"{figure.label}, the last {len(figure.weeks)} weeks")
    return (
        f"<div><dt>{escape(figure.label)}</dt>"
        f"<dd><b>{escape(figure.value)}</b>{drawn}{change}</dd></div>"
    )


def _table(table: Table) -> Iterator[str]:
    yield "<table><thead><tr>"
    yield "".join(f'<th scope="col">{escape(name)}</th>' for name in table.header)
    yield "</tr></thead><tbody>"
    for first, *others in table.rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        yield f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
    yield "</tbody></table>"


def _advice(advice: Advice) -> Iterator[str]:
    yield f"<li><h3>{escape(advice.title)}</h3>"
    yield f"<p>{escape(advice.action)}</p>"
    yield (
        f'<p class="worth"><b>{escape(advice.worth)}</b> '
        f'<span class="tag">{escape(advice.confidence)} confidence</span> '
        f'<span class="tag">{escape(advice.owner_group)}</span></p>'
    )
    yield f'<p class="quiet">{escape(advice.evidence)}</p>'
    yield f'<p class="quiet">{escape(advice.arithmetic)}</p></li>'
