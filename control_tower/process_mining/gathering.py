"""Entries brought together by key, each key's in the order given.

A counting sort, as SciPy turns columns of a sparse matrix into rows: several times faster than
sorting, since nothing is compared.
"""

from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Gathered", "Integers", "are_dense", "gathered"]

Integers: TypeAlias = npt.NDArray[np.int64]

_WORTH_A_TABLE: Final = 8


class Gathered(NamedTuple):
    """Entries by key.

    Attributes:
        place: Where each entry was.
        values: What each holds.
        starts: Place of the first entry of each key from 0 up, and behind the last key the end.
    """

    place: npt.NDArray[Any]
    values: npt.NDArray[Any]
    starts: npt.NDArray[Any]


def are_dense(highest: int, count: int) -> bool:
    """Return whether so many keys from 0 up are dense enough to keep a table of all of them."""
    return highest <= _WORTH_A_TABLE * count + 1_000_000


def gathered(keys: npt.NDArray[Any], size: int, values: npt.NDArray[Any]) -> Gathered:
    """Return entries by key.

    Args:
        keys: Key of each entry, from 0 up; dense, as `are_dense` judges.
        size: One more than the highest key.
        values: What each entry holds.
    """
    # The dashboard mines only where a reader chooses tickets, and SciPy takes memory.
    from scipy.sparse import csc_array  # noqa: PLC0415

    count = len(keys)
    # Each entry is a column with one value, in the row of its key.
    columns = np.arange(count + 1, dtype=np.int32 if count < np.iinfo(np.int32).max else np.int64)
    rows = csc_array(
        (values, keys.astype(columns.dtype, copy=False), columns), shape=(size, count)
    ).tocsr()
    return Gathered(rows.indices, rows.data, rows.indptr)
