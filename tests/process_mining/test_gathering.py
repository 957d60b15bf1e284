"""Bringing entries together by key is a stable sort by key, however many keys there are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from control_tower.process_mining.durations import hours_by_key, numbered
from control_tower.process_mining.gathering import gathered

_HOUR = 3_600_000_000


@given(arrays.arrays(np.int64, st.integers(0, 60), elements=st.integers(0, 9)))
def test_gathering_is_a_stable_sort(keys: np.ndarray) -> None:
    """With each key's place among the others, also of keys nothing has."""
    found = gathered(keys, 10, keys * 7)
    assert (found.place == np.argsort(keys, kind="stable")).all()
    assert (found.values == np.sort(keys) * 7).all()
    assert (found.starts == np.searchsorted(np.sort(keys), np.arange(11))).all()


@pytest.mark.parametrize("distinct", [1, 3, 5000])
def test_percentiles_are_those_of_numpy(distinct: int) -> None:
    """Of few keys, gone through one by one, and of many, sorted at once."""
    generator = np.random.default_rng(distinct)
    keys = generator.integers(0, distinct, 20_000)
    times = generator.integers(0, 900 * _HOUR, 20_000)
    found = hours_by_key(numbered(keys), times)
    for key, count, mean, median, p90 in found.sample(min(distinct, 50), seed=1).iter_rows():
        hours = times[keys == key] / _HOUR
        assert count == len(hours)
        assert mean == pytest.approx(hours.mean())
        assert [median, p90] == pytest.approx(list(np.percentile(hours, [50, 90])))
