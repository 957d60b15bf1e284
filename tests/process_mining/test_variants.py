"""Variants: paths written out and counted one by one, numbered as the marts number them."""

from collections import defaultdict
from statistics import mean, median

import polars as pl
import pytest
from hypothesis import given, settings

from control_tower.process_mining.paths import paths_of
from control_tower.process_mining.variants import variants
from tests.examples import examples
from tests.process_mining.desks import Desk, desks, events_in_order, path_log


@given(desks())
@settings(max_examples=examples(50), deadline=None)
def test_paths_written_out_and_counted(desk: Desk) -> None:
    """Order, tickets, shares and outcomes are those of a dictionary of paths."""
    walked: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for ticket_id, events in events_in_order(desk.events).items():
        walked[tuple(event.activity for event in events)].append(ticket_id)
    order = sorted(walked, key=lambda path: (-len(walked[path]), " → ".join(path), path))
    tickets = {ticket["ticket_id"]: ticket for ticket in desk.tickets}
    log = desk.log()
    table = variants(log, paths_of(log))
    assert [tuple(path) for path in table["activities"].to_list()] == order
    assert table["variant_id"].to_list() == list(range(1, len(order) + 1))
    assert table["tickets"].sum() == sum(len(found) for found in walked.values())
    for row in table.to_dicts():
        of_path = [tickets[ticket_id] for ticket_id in walked[tuple(row["activities"])]]
        assert row["tickets"] == len(of_path)
        assert row["share"] == pytest.approx(len(of_path) / sum(map(len, walked.values())))
        cycles = [t["cycle_hours"] for t in of_path if t["cycle_hours"] is not None]
        assert row["median_cycle_hours"] == (median(cycles) if cycles else None)
        breached = [t["is_breached"] for t in of_path if t["is_breached"] is not None]
        assert row["breach_rate"] == (pytest.approx(mean(breached)) if breached else None)
    if order:
        assert table["cumulative_share"][-1] == pytest.approx(1)


def test_paths_that_read_alike_are_told_apart() -> None:
    """An arrow in a name makes no two paths one."""
    log = path_log(["a", "b → c"], ["a → b", "c"], ["a → b", "c"])
    table = variants(log, paths_of(log))
    assert table.select("activities", "tickets").rows() == [
        (["a → b", "c"], 2),
        (["a", "b → c"], 1),
    ]
    assert table["path"].n_unique() == 1


def test_the_same_activities_in_another_order_are_another_path() -> None:
    """The hash minds the order, and how often each occurs."""
    log = path_log(["a", "b"], ["b", "a"], ["a", "b", "a"], ["a"], ["a", "a"], ["a", "b"])
    table = variants(log, paths_of(log))
    assert table["path"].to_list() == ["a → b", "a", "a → a", "a → b → a", "b → a"]


@given(desks())
@settings(max_examples=examples(30), deadline=None)
def test_counted_apart_they_add_up_to_the_whole(desk: Desk) -> None:
    """Each slice has the shares of its own tickets, and the numbers of the whole log."""
    log = desk.log()
    whole = variants(log, paths_of(log))
    apart = variants(log, paths_of(log), by=("priority", "month"))
    summed = apart.group_by("variant_id", "path").agg(pl.col("tickets").sum())
    assert sorted(summed.rows()) == sorted(whole.select("variant_id", "path", "tickets").rows())
    for (_, _), part in apart.group_by("priority", "month"):
        assert part["share"].sum() == pytest.approx(1)
