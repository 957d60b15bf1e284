"""What is asked twice of a snapshot is worked out once."""

from dataclasses import replace
from datetime import UTC, datetime

from control_tower_dash.filters import Filters
from control_tower_dash.kept import kept_by_filters
from control_tower_dash.warehouse import Reader
from tests.dashboard.made_up import MadeUp

_AS_OF = datetime(2026, 1, 12, tzinfo=UTC)


def test_each_snapshot_has_its_own_answer_to_each_filter() -> None:
    """And only what was asked long ago is worked out again."""
    asked: list[tuple[Reader, Filters]] = []

    @kept_by_filters
    def answer(reader: Reader, filters: Filters) -> int:
        asked.append((reader, filters))
        return len(asked)

    one, other = MadeUp({}, _AS_OF), MadeUp({}, _AS_OF)
    high = Filters(priority=("high",))
    assert [answer(one, Filters()), answer(one, high), answer(other, high)] == [1, 2, 3]
    assert [answer(one, Filters()), answer(one, high), answer(other, high)] == [1, 2, 3]
    assert answer(one, Filters(priority=("high",))) == 2
    for day in range(100):
        answer(one, replace(high, options=(("day", str(day)),)))
    assert (answer(one, high), answer(other, high)) == (104, 3)
    assert answer.__name__ == "answer"
