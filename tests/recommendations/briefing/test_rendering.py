"""The page as Markdown and HTML: whole, self-contained, and deaf to what names contain."""

import re
from xml.etree import ElementTree

import pytest
from lxml import html as lxml_html

from control_tower.recommendations.briefing import as_html, as_markdown
from control_tower.recommendations.briefing.sparkline import sparkline
from tests.recommendations.briefing.desk import HOSTILE, briefing, tables
from tests.recommendations.briefing.test_compose import STAFF

PAGE = briefing(actions=[STAFF])
_VOID = re.compile(r"<(meta)([^>]*)>")


def _as_xml(text: str) -> ElementTree.Element:
    """Parse strictly: every element closed, every attribute quoted."""
    closed = _VOID.sub(r"<\1\2/>", text.replace("<!doctype html>", ""))
    return ElementTree.fromstring(closed)  # noqa: S314 - our own page


def _text(page: str) -> str:
    """Return what a reader sees."""
    return str(lxml_html.fromstring(page).xpath("string()"))


@pytest.mark.parametrize("page", [PAGE, briefing()], ids=["with advice", "without"])
def test_html_is_well_formed(page: object) -> None:
    """Strictly, but for the elements HTML never closes."""
    text = as_html(page)  # type: ignore[arg-type]
    root = _as_xml(text)
    assert root.tag == "html"
    assert root.get("lang") == "en"
    assert len(root.findall(".//h1")) == 1
    assert len(root.findall(".//h2")) == 5


def test_html_says_what_markdown_says() -> None:
    """Each answer, figure and piece of advice is in both."""
    text = _text(as_html(PAGE))
    markdown = re.sub(r"\\(.)", r"\1", as_markdown(PAGE))
    for section in PAGE.sections:
        for said in (
            section.question,
            section.answer,
            *(figure.label for figure in section.figures),
            *(figure.value for figure in section.figures),
            *(cell for row in (section.table.rows if section.table else ()) for cell in row),
        ):
            assert said in text
            assert said in markdown
    for advice in PAGE.advice:
        for said in (advice.title, advice.action, advice.worth, advice.arithmetic):
            assert said in text
            assert said in markdown


def test_html_needs_nothing_else() -> None:
    """No address, script or file is loaded, whatever the reader's program does."""
    page = lxml_html.fromstring(as_html(PAGE))
    assert not page.xpath("//script | //link | //img | //iframe | //object")
    assert not page.xpath("//@src | //@href")
    assert not re.search(r"url\(|@import|https?:", as_html(PAGE))


def test_html_is_light_and_dark_and_prints() -> None:
    """By the reader's own setting."""
    text = as_html(PAGE)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_hostile_names_are_only_names() -> None:
    """A group's name is shown as it is, and does nothing."""
    given = tables(HOSTILE)
    page = briefing(given, [STAFF])
    text = as_html(page)
    _as_xml(text)
    parsed = lxml_html.fromstring(text)
    assert not parsed.xpath("//script | //a | //strong")
    assert f"group: {HOSTILE}" in _text(text)
    markdown = as_markdown(page)
    assert "<script" not in markdown.replace("\\<", "")
    assert "](http" not in markdown.replace("\\]", "")
    rows = [line for line in markdown.splitlines() if "alert" in line and line.startswith("|")]
    assert rows
    for line in rows:
        header_cells = len(re.findall(r"(?<!\\)\|", line))
        assert header_cells in (6, 7)


def test_line_breaks_in_names_do_not_break_tables() -> None:
    """A name over two lines stands on one."""
    markdown = as_markdown(briefing(tables("Al\npha\n\n# Heading")))
    assert "\n# Heading" not in markdown
    assert "Al pha \\# Heading" in markdown


def test_markdown_tables_have_as_many_cells_as_headings() -> None:
    """In each of them."""
    widths = [
        len(re.findall(r"(?<!\\)\|", line))
        for line in as_markdown(PAGE).splitlines()
        if line.startswith("|")
    ]
    assert len(widths) > 8
    assert set(widths) == {5, 6, 7}


def test_sparkline_draws_each_run_of_weeks() -> None:
    """Two lines with a gap between them; the last value is marked at the top."""
    drawn = ElementTree.fromstring(sparkline([1, 2, None, 1, 3], "ratings"))  # noqa: S314
    lines = drawn.findall("polyline")
    assert [len((line.get("points") or "").split()) for line in lines] == [2, 2]
    circle = drawn.find("circle")
    assert circle is not None
    assert (circle.get("cx"), circle.get("cy")) == ("101.0", "3.0")


def test_sparkline_of_a_constant_runs_through_the_middle() -> None:
    """No division by a spread of nothing."""
    drawn = ElementTree.fromstring(sparkline([5, 5], "<&>"))  # noqa: S314
    circle = drawn.find("circle")
    assert circle is not None
    assert circle.get("cy") == "13.0"
    assert drawn.get("aria-label") == "<&>"


def test_sparkline_needs_two_weeks() -> None:
    """One value is no line."""
    assert sparkline([], "x") == sparkline([1.0], "x") == sparkline([None, 1.0, None], "x") == ""
