"""A real help desk, counted again in plain Python."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from control_tower.process_mining.event_log import event_log_of
from control_tower.process_mining.mining import mine
from control_tower.raw.event_log import load_mapping, read_event_log


def test_helpdesk(real_data: Path) -> None:
    """4,580 cases and 21,348 events: every step, every variant, every commonest way."""
    landing = read_event_log(real_data / "helpdesk.xes.gz", load_mapping(Path("helpdesk")))
    events, tickets = landing.tables["ticket_events"], landing.tables["tickets"]
    made = mine(event_log_of(events, tickets, landing.as_of))
    walked: dict[int, list[str]] = {}
    for ticket_id, activity in (
        events.sort("occurred_at", "event_id").select("ticket_id", "activity").iter_rows()
    ):
        walked.setdefault(ticket_id, []).append(activity)
    assert (len(walked), events.height) == (4580, 21348)

    steps = Counter(pair for path in walked.values() for pair in pairwise(path))
    found = made["transitions"].select("from_activity", "to_activity", "count").rows()
    assert {(a, b): count for a, b, count in found} == steps
    assert made["transitions"]["count"].sum() == 21348 - 4580

    paths = Counter(tuple(path) for path in walked.values())
    table = made["variants"].select("activities", "tickets").rows()
    assert {tuple(path): tickets for path, tickets in table} == paths
    assert len(paths) == 226
    assert made["variants"]["tickets"].to_list() == sorted(paths.values(), reverse=True)

    # None of its activities is on the happy path, so the desk's own commonest way is the measure.
    assert made["reference_path"]["is_from_log"].all()
    assert tuple(made["reference_path"]["activity"]) == paths.most_common(1)[0][0]
    conformant = made["conformance"].filter(pl.col("is_conformant") & ~pl.col("is_under_way"))
    assert conformant.height == pytest.approx(paths.most_common(1)[0][1], rel=0.02)
    assert made["handovers"].is_empty() == (events["group_name"].n_unique() < 2)
