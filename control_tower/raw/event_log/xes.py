"""IEEE XES read as a table of text, streaming, with outside entities and declarations refused."""

from collections.abc import Iterator
from typing import BinaryIO, Final

import polars as pl
from lxml import etree

from control_tower.raw.event_log.errors import EventLogError

__all__ = ["read_xes"]

_EVENTS_PER_CHUNK: Final = 50_000
_MOST_EMPTY_EVENTS: Final = 10_000
"""Events without an attribute say nothing and cost memory all the same."""

_TRACE: Final = "number of the trace"


def read_xes(stream: BinaryIO, name: str) -> pl.DataFrame:
    """Read a XES log.

    Attributes of an event become columns of their key, those of its trace columns of `case:` and
    their key. Attributes inside attributes, lists, extensions, global defaults and classifiers are
    passed over, for an event log states them on the event where they matter.

    Args:
        stream: The XML, unpacked.
        name: The file's name, for messages.

    Returns:
        One row per event in the order of the file; every column is text, null where an event has
        no such attribute.

    Raises:
        EventLogError: If the XML is malformed or cut short, declares a document type, or is
            another kind of XML.
    """
    traces: list[dict[str, str]] = []
    chunks = [_table(chunk) for chunk in _chunks(_events(stream, name, traces))]
    if not chunks:
        return pl.DataFrame()
    events = pl.concat(chunks, how="diagonal")
    if _TRACE not in events.columns:
        return events
    joined = events.join(_table(traces), on=_TRACE, how="left", maintain_order="left")
    return joined.drop(_TRACE)


def _events(stream: BinaryIO, name: str, traces: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Yield each event's attributes and the number of its trace, whose attributes go to a list.

    A trace's attributes are known for certain only when it ends, after its events were yielded.
    """
    context = etree.iterparse(
        stream,
        events=("start", "end"),
        tag=("{*}log", "{*}trace", "{*}event"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    is_log, is_in_trace, empty = False, False, 0
    read: etree._Element | None = None
    try:
        for moment, element in context:
            kind = etree.QName(element).localname
            if moment == "start":
                if not is_log:
                    _refuse_document_type(element, name)
                    is_log = True
                is_in_trace = is_in_trace or kind == "trace"
                continue
            if kind == "event":
                attributes = _attributes(element, "")
                empty += not attributes
                if empty > _MOST_EMPTY_EVENTS:
                    raise EventLogError(
                        f"{name} has more than {_MOST_EMPTY_EVENTS:,} events without any "
                        "attribute; export the log again with its attributes"
                    )
                yield attributes | {_TRACE: str(len(traces))} if is_in_trace else attributes
            elif kind == "trace":
                traces.append(_attributes(element, "case:") | {_TRACE: str(len(traces))})
                is_in_trace = False
            element.clear()
            # The parser still writes to what it has just read, so the one before is let go.
            if read is not None and (parent := read.getparent()) is not None:
                parent.remove(read)
            read = element
    except etree.XMLSyntaxError as error:
        line, column = error.position
        place = f", line {line}, column {column}" if line else ""
        reason = str(error.msg or "the file is empty").split(", line")[0]
        raise EventLogError(
            f"{name}{place}: the XML is malformed or cut short ({reason}); "
            "export or download the log again"
        ) from None
    if not is_log:
        raise EventLogError(f"{name} holds no XES log; give a file whose root element is <log>")


def _refuse_document_type(root: etree._Element, name: str) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise EventLogError(
            f"{name}, line 1: the XML declares a document type, which XES has no use for and "
            "through which files can be read or memory filled; remove the <!DOCTYPE> declaration"
        )


def _attributes(element: etree._Element, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in element:
        value = child.get("value")
        key = child.get("key")
        if value is not None and key is not None:
            found.setdefault(prefix + key, value)
    return found


def _chunks(events: Iterator[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    chunk: list[dict[str, str]] = []
    for event in events:
        chunk.append(event)
        if len(chunk) == _EVENTS_PER_CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _table(events: list[dict[str, str]]) -> pl.DataFrame:
    # An event may state a first attribute late, so the columns are those of the whole chunk.
    columns = dict.fromkeys(key for event in events for key in event)
    return pl.DataFrame(
        [
            pl.Series(name, [event.get(name) for event in events], dtype=pl.String)
            for name in columns
        ]
        or {"": [None] * len(events)}
    )
