"""Tables that come in parts, together too large for memory: in files, or made when asked for."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

__all__ = ["MadeTables", "Overlaid", "PartedTables", "parts_of"]

_PREFIX = ".parts-"


class PartedTables(Mapping[str, pl.DataFrame]):
    """Tables by name, each made of the parts that were added, in their order.

    Given a folder, parts are kept in files below it, and a table is read anew whenever it is asked
    for; the files go with the object. Without one they are kept in memory.
    """

    def __init__(self, names: Iterable[str], folder: Path | None = None) -> None:
        """Take the tables' names, and a folder of which no other run makes use at the same time."""
        self._heights = dict.fromkeys(names, 0)
        self._frames: dict[str, list[pl.DataFrame]] = {name: [] for name in self._heights}
        self._files: dict[str, list[Path]] = {name: [] for name in self._heights}
        self._folder = None
        if folder is not None:
            # What a run that was killed left behind.
            for leftover in folder.glob(f"{_PREFIX}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            self._folder = Path(tempfile.mkdtemp(dir=folder, prefix=_PREFIX))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def add(self, name: str, part: pl.DataFrame) -> None:
        """Put a part at the end of a table.

        Raises:
            OSError: If it cannot be written.
        """
        self._heights[name] += part.height
        if self._folder is None:
            self._frames[name].append(part)
            return
        path = self._folder / f"{name}-{len(self._files[name]):06}.parquet"
        part.write_parquet(path, compression="lz4")
        self._files[name].append(path)

    def height(self, name: str) -> int:
        """Return how many rows a table has so far."""
        return self._heights[name]

    def __getitem__(self, name: str) -> pl.DataFrame:
        # One after the other: read at once, they need their memory twice.
        return pl.concat(list(self.parts(name)))

    def parts(self, name: str) -> Iterator[pl.DataFrame]:
        """Yield a table's parts in their order, one in memory at a time if they are in files."""
        if self._folder is None:
            yield from self._frames[name]
        for path in self._files[name]:
            yield pl.read_parquet(path)

    def __contains__(self, name: object) -> bool:
        return name in self._heights

    def __iter__(self) -> Iterator[str]:
        return iter(self._heights)

    def __len__(self) -> int:
        return len(self._heights)


@dataclass(frozen=True, eq=False)
class MadeTables(Mapping[str, pl.DataFrame]):
    """Tables of which nothing is kept: each part is made anew whenever it is asked for.

    Where there is only one, it is small, and is kept once it is made.

    Attributes:
        names: Names of the tables.
        count: How many parts each of them has, one at least.
        make: Makes a part, given the table's name and the part's number from 0.
    """

    names: Collection[str]
    count: int
    make: Callable[[str, int], pl.DataFrame]
    _only: dict[str, pl.DataFrame] = field(default_factory=dict, init=False)

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self.names:
            raise KeyError(name)
        return pl.concat(self.parts(name))

    def parts(self, name: str) -> Iterator[pl.DataFrame]:
        """Yield a table's parts in their order, one in memory at a time."""
        if self.count == 1:
            if name not in self._only:
                self._only[name] = self.make(name, 0)
            yield self._only[name]
            return
        for number in range(self.count):
            yield self.make(name, number)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class Overlaid(Mapping[str, pl.DataFrame]):
    """Tables of which some take the place of those of the same name below them."""

    above: Mapping[str, pl.DataFrame]
    below: Mapping[str, pl.DataFrame]

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.above[name] if name in self.above else self.below[name]

    def parts(self, name: str) -> Iterator[pl.DataFrame]:
        """Yield a table's parts in their order."""
        return parts_of(self.above if name in self.above else self.below, name)

    def __contains__(self, name: object) -> bool:
        return name in self.above or name in self.below

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self.below, *self.above)))

    def __len__(self) -> int:
        return len(set(self.below) | set(self.above))


def parts_of(tables: Mapping[str, pl.DataFrame], name: str) -> Iterator[pl.DataFrame]:
    """Yield a table's parts in their order; the table itself where it has none."""
    if isinstance(tables, (PartedTables, MadeTables, Overlaid)):
        yield from tables.parts(name)
    else:
        yield tables[name]
