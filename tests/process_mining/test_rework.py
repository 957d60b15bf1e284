"""Activities gone through again, counted one by one."""

from collections import Counter, defaultdict
from statistics import median

import pytest
from hypothesis import given, settings

from control_tower.process_mining.paths import paths_of
from control_tower.process_mining.rework import rework
from tests.examples import examples
from tests.process_mining.desks import Desk, desks, events_in_order, path_log


@given(desks())
@settings(max_examples=examples(50), deadline=None)
def test_repeats_one_by_one(desk: Desk) -> None:
    """Repeats, tickets and hours are those of a walk that remembers the last occurrence."""
    hours: dict[str, list[float]] = defaultdict(list)
    repeats: dict[str, list[int]] = defaultdict(list)
    direct: Counter[str] = Counter()
    for events in events_in_order(desk.events).values():
        last: dict[str, int] = {}
        for place, event in enumerate(events):
            if event.activity in last:
                before = last[event.activity]
                passed = event.occurred_at - events[before].occurred_at
                hours[event.activity].append(passed.total_seconds() / 3600)
                direct[event.activity] += before == place - 1
            last[event.activity] = place
        for activity, times in Counter(event.activity for event in events).items():
            repeats[activity].append(times - 1)
    log = desk.log()
    table = rework(log, paths_of(log))
    assert set(table["activity"]) == set(hours)
    for row in table.to_dicts():
        of_activity = repeats[row["activity"]]
        assert row["tickets"] == len(of_activity)
        assert row["tickets_with_rework"] == sum(times > 0 for times in of_activity)
        assert row["repeats"] == sum(of_activity) == len(hours[row["activity"]])
        assert row["most_repeats"] == max(of_activity)
        assert row["direct_repeats"] == direct[row["activity"]]
        assert row["median_hours"] == pytest.approx(median(hours[row["activity"]]), abs=1e-9)
        assert row["total_hours"] == pytest.approx(sum(hours[row["activity"]]), abs=1e-6)
    apart = rework(log, paths_of(log), by=("ticket_type", "month"))
    assert apart["repeats"].sum() == table["repeats"].sum()


def test_a_path_without_repeats_has_no_rows() -> None:
    """Nothing done twice, nothing to show."""
    log = path_log(["a", "b", "c"])
    assert rework(log, paths_of(log)).is_empty()
