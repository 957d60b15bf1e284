"""Tables in parts are the same table in memory and in files, and leave no file behind."""

import gc
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.raw.parts import MadeTables, Overlaid, PartedTables, parts_of
from tests.examples import examples

_SCHEMA = {"key": pl.Int64, "word": pl.String}
_ROWS = st.lists(st.tuples(st.integers(-5, 5), st.sampled_from(["a", "β", None])), max_size=4)


def _frame(rows: list[tuple[int, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


@settings(max_examples=examples(50), deadline=None)
@given(parts=st.lists(_ROWS, min_size=1, max_size=5))
def test_a_table_is_its_parts_in_their_order(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[tuple[int, str | None]]]
) -> None:
    """Wherever they are kept, empty parts among them."""
    whole = [row for part in parts for row in part]
    for folder in (None, tmp_path_factory.mktemp("parts")):
        tables = PartedTables(["a", "b"], folder)
        for part in parts:
            tables.add("a", _frame(part))
        assert tables["a"].rows() == whole
        assert tables["a"].schema == pl.Schema(_SCHEMA)
        assert (tables.height("a"), tables.height("b")) == (len(whole), 0)


def test_files_go_with_the_tables_and_so_do_those_of_a_killed_run(tmp_path: Path) -> None:
    """Nothing else in the folder is touched."""
    (tmp_path / ".parts-killed").mkdir()
    (tmp_path / ".parts-killed" / "a-000000.parquet").touch()
    (tmp_path / "store.duckdb").touch()
    tables = PartedTables(["a"], tmp_path)
    tables.add("a", _frame([(1, "a")]))
    assert not (tmp_path / ".parts-killed").exists()
    assert len([*tmp_path.rglob("*.parquet")]) == 1
    del tables
    gc.collect()
    assert [path.name for path in tmp_path.iterdir()] == ["store.duckdb"]


def test_a_table_above_takes_the_place_of_the_one_below() -> None:
    """Each name is there once."""
    one, two, three = (_frame([(n, "a")]) for n in (1, 2, 3))
    tables = Overlaid({"a": one}, {"a": two, "b": three})
    assert {name: frame.rows() for name, frame in tables.items()} == {
        "a": one.rows(),
        "b": three.rows(),
    }
    assert (len(tables), "a" in tables, "c" in tables) == (2, True, False)
    with pytest.raises(KeyError):
        tables["c"]


@given(parts=st.lists(_ROWS, min_size=1, max_size=5))
def test_tables_made_when_asked_for_are_their_parts(
    parts: list[list[tuple[int, str | None]]],
) -> None:
    """Also below others, and an only part is made once."""
    made: list[tuple[str, int]] = []

    def make(name: str, number: int) -> pl.DataFrame:
        made.append((name, number))
        return _frame(parts[number])

    tables = MadeTables(("a", "b"), len(parts), make)
    assert (len(tables), "a" in tables, "c" in tables, made) == (2, True, False, [])
    over = Overlaid({"c": _frame([])}, tables)
    assert [part.rows() for part in parts_of(over, "b")] == parts
    assert over["b"].rows() == [row for part in parts for row in part]
    assert len(made) == (1 if len(parts) == 1 else 2 * len(parts))
    with pytest.raises(KeyError):
        tables["c"]
