"""Series are sums of flows on one calendar without gaps."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.forecasting.series import TOTAL, desk_from_daily
from tests.examples import examples
from tests.forecasting.desks import FIRST_DAY, daily_ops


def test_total_is_created_and_a_group_is_all_that_comes_to_it() -> None:
    """Worked by hand: an escalated ticket is created once and worked on twice."""
    desk = desk_from_daily(
        daily_ops(
            {
                "First": {"created": [5, 0, 7], "reopened": [1, 0, 0]},
                "Second": {"received": [0, 2, 3], "reopened": [0, 0, 1]},
            }
        )
    )
    assert desk is not None
    found = {series.name: (series.measure, series.counts.tolist()) for series in desk.series}
    assert found == {
        TOTAL: ("created", [5, 0, 7]),
        "First": ("demand", [6, 0, 7]),
        "Second": ("demand", [0, 2, 4]),
    }
    assert next(series.start for series in desk.series if series.name == "Second") == 1
    assert desk.next_day == FIRST_DAY + timedelta(days=3)


def test_a_day_without_a_row_is_a_day_without_tickets() -> None:
    """A gap is filled, and no series is shifted by it."""
    daily = daily_ops({"First": {"created": [5, 6, 7, 8]}, "Second": {"created": [1, 1, 1, 1]}})
    gappy = daily.filter(
        ~((pl.col("group_name") == "First") & (pl.col("day") == FIRST_DAY + timedelta(days=2)))
    )
    desk = desk_from_daily(gappy)
    assert desk is not None
    assert desk.series[0].counts.tolist() == [6, 7, 1, 9]


def test_the_day_under_way_is_no_evidence() -> None:
    """A morning's tickets would look like a quiet day."""
    daily = daily_ops({"First": {"created": [5, 6]}}).with_columns(created=pl.lit(4))
    desk = desk_from_daily(daily)
    assert desk is not None
    assert desk.days == 2


@pytest.mark.parametrize(
    "daily",
    [
        daily_ops({"First": {"created": []}}).clear(),
        daily_ops({"First": {"created": []}}),
        daily_ops({"First": {"created": [0, 0, 0]}}),
    ],
    ids=["no rows", "no complete day", "no ticket"],
)
def test_a_desk_without_tickets_has_no_series(daily: pl.DataFrame) -> None:
    """Nothing is made up."""
    assert desk_from_daily(daily) is None


def test_a_group_called_total_does_not_hide_the_total() -> None:
    """Names of series stay one of a kind."""
    desk = desk_from_daily(daily_ops({"Total": {"created": [1, 2]}, "Other": {"created": [3, 4]}}))
    assert desk is not None
    names = [series.name for series in desk.series]
    assert sorted(names) == ["Other", "Total", "Total (group)"]
    assert desk.series[0].counts.tolist() == [4, 6]


def test_a_desk_of_passed_on_tickets_alone_has_no_total() -> None:
    """A log may begin after all of its tickets were created."""
    desk = desk_from_daily(daily_ops({"First": {"received": [1, 2]}}))
    assert desk is not None
    assert [series.name for series in desk.series] == ["First"]


@settings(max_examples=examples(50), deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]),
        st.tuples(*(st.lists(st.integers(0, 9), min_size=5, max_size=5) for _ in range(3))),
        min_size=1,
    )
)
def test_no_ticket_is_lost_or_counted_twice(flows: dict[str, tuple[list[int], ...]]) -> None:
    """The total holds all created tickets; the groups hold those and all passed on."""
    named = {
        group: dict(zip(("created", "reopened", "received"), counts, strict=True))
        for group, counts in flows.items()
    }
    desk = desk_from_daily(daily_ops(named))
    created = np.sum([given["created"] for given in named.values()], axis=0)
    everything = np.sum([np.sum([*given.values()], axis=0) for given in named.values()], axis=0)
    if desk is None:
        assert not everything.any()
        return
    totals = [series.counts.tolist() for series in desk.series if series.measure == "created"]
    groups = [series.counts for series in desk.series if series.measure == "demand"]
    assert totals == ([created.tolist()] if created.any() else [])
    assert np.sum(np.stack(groups), axis=0).tolist() == everything.tolist()
    assert isinstance(desk.first_day, date)
