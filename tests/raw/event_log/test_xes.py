"""XES: the standard's shapes, and XML that means harm."""

import io
from itertools import pairwise
from pathlib import Path

import pytest

from control_tower.raw.event_log import EventLogError
from control_tower.raw.event_log.xes import read_xes


def rows(text: str) -> list[dict[str, str | None]]:
    """Return the events of a XES text."""
    return read_xes(io.BytesIO(text.encode()), "log.xes").to_dicts()


def sentence(text: str) -> str:
    """Return what reading says of XML that is refused."""
    with pytest.raises(EventLogError) as caught:
        rows(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.xes-standard.org/"', ' xmlns="x"'])
def test_events_carry_their_own_and_their_trace_s_attributes(namespace: str) -> None:
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
    <!-- made by hand -->
    <log xes.version="1.0"{namespace}>
      <extension name="Concept" prefix="concept" uri="http://x"/>
      <global scope="event"><string key="concept:name" value="default"/></global>
      <classifier name="Activity" keys="concept:name"/>
      <string key="source" value="hand"/>
      <trace>
        <string key="concept:name" value="A"/>
        <event><string key="concept:name" value="open"/><int key="cost" value="3"/></event>
        <event><string key="concept:name" value="close"/>
          <date key="time:timestamp" value="2024-01-01T00:00:00Z"/></event>
        <boolean key="vip" value="true"/>
      </trace>
      <trace><string key="concept:name" value="B"/></trace>
    </log>"""
    assert rows(text) == [
        {
            "concept:name": "open",
            "cost": "3",
            "case:concept:name": "A",
            "case:vip": "true",
            "time:timestamp": None,
        },
        {
            "concept:name": "close",
            "cost": None,
            "case:concept:name": "A",
            "case:vip": "true",
            "time:timestamp": "2024-01-01T00:00:00Z",
        },
    ]


def test_nested_attributes_and_lists_are_passed_over() -> None:
    text = """<log><trace><event>
      <string key="who" value="Ada"><string key="team" value="First line"/></string>
      <list key="tags"><values><string key="tag" value="x"/></values></list>
      <container key="box"><string key="in" value="y"/></container>
    </event></trace></log>"""
    assert rows(text) == [{"who": "Ada"}]


def test_of_an_attribute_given_twice_the_first_counts() -> None:
    text = '<log><trace><event><string key="a" value="1"/><string key="a" value="2"/></event></trace></log>'  # noqa: E501
    assert rows(text) == [{"a": "1"}]


def test_events_outside_a_trace_have_no_case_but_are_rows() -> None:
    text = """<log><event><string key="a" value="1"/></event>
    <trace><string key="concept:name" value="A"/><event><string key="a" value="2"/></event></trace>
    <event/></log>"""
    assert [row["case:concept:name"] for row in rows(text)] == [None, "A", None]


def test_more_events_than_fit_one_chunk_keep_their_order() -> None:
    events = "".join(f'<event><int key="n" value="{n}"/></event>' for n in range(120_000))
    found = rows(f"<log><trace>{events}</trace></log>")
    assert [row["n"] for row in found] == [str(n) for n in range(120_000)]


def test_events_that_say_nothing_are_rows_up_to_a_point() -> None:
    assert len(rows(f"<log><trace>{'<event/>' * 10_000}</trace></log>")) == 10_000
    said = sentence(f"<log><trace>{'<event/>' * 10_001}</trace></log>")
    assert "log.xes has more than 10,000 events without any attribute" in said


def test_a_log_without_events_has_no_rows() -> None:
    assert rows("<log><trace/></log>") == []


@pytest.mark.parametrize(
    "text",
    [
        '<log><trace><event><string key="a" value="1"/></event>',
        "<log><trace></log>",
        '<log><trace><event><string key="a" value=1/></event></trace></log>',
        "no XML at all",
        '<log><trace><event><string key="a" value="&unknown;"/></event></trace></log>',
    ],
)
def test_malformed_xml(text: str) -> None:
    assert "the XML is malformed or cut short" in sentence(text)


def test_malformed_xml_is_placed() -> None:
    assert sentence("<log>\n<trace></log>").startswith("log.xes, line 2, column ")


def test_other_xml() -> None:
    assert "log.xes holds no XES log" in sentence("<html><body/></html>")


def test_a_file_is_never_read_through_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    text = f"""<!DOCTYPE log [<!ENTITY secret SYSTEM "{secret.as_uri()}">]>
    <log><trace><event><string key="a" value="1">&secret;</string></event></trace></log>"""
    said = sentence(text)
    assert "declares a document type" in said
    assert "the secret" not in said


def test_an_outside_document_type_is_not_fetched() -> None:
    text = '<!DOCTYPE log SYSTEM "http://127.0.0.1:9/log.dtd"><log><trace><event/></trace></log>'
    assert "declares a document type" in sentence(text)


def test_entities_that_multiply_are_refused() -> None:
    names = "abcdefghij"
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names)
    )
    text = (
        f"<!DOCTYPE log [{entities}]>"
        '<log><trace><event><string key="a" value="&j;"/></event></trace></log>'
    )
    assert "log.xes" in sentence(text)
    inside = text.replace('value="&j;"/>', 'value="1">&j;</string>')
    assert "log.xes" in sentence(inside)
