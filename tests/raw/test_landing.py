"""Landed files are written whole or not at all, and never taken for another landing's."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from control_tower.raw import landing as landing_module
from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES
from control_tower.raw.landing import (
    LandedFileError,
    Landing,
    complete_tables,
    landed_path,
    landing_id_of,
    read_landed,
    read_landed_parts,
    write_landed,
)
from control_tower.raw.parts import MadeTables
from control_tower.raw.validation import ContractError


def _write(landing: Landing, data_dir: Path) -> Mapping[str, pl.DataFrame]:
    tables = complete_tables(landing)
    write_landed(tables, data_dir, landing_id=landing.landing_id)
    return tables


def _digests(data_dir: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data_dir.rglob("*"))
        if path.is_file()
    }


def test_every_table_of_the_contract_is_written_and_read_back(
    small_landing: Landing, tmp_path: Path
) -> None:
    tables = _write(small_landing, tmp_path)
    assert set(tables) == {*RAW_TABLES, *REFERENCE_TABLES}
    for name, table in tables.items():
        assert_frame_equal(read_landed(tmp_path, name), table)
        assert landing_id_of(tmp_path, name) == small_landing.landing_id


def test_same_landing_is_the_same_bytes(small_landing: Landing, tmp_path: Path) -> None:
    _write(small_landing, tmp_path / "a")
    _write(small_landing, tmp_path / "b")
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")


def test_landing_id_follows_source_input_and_clock(small_landing: Landing) -> None:
    others = [
        replace(small_landing, fingerprint="other"),
        replace(small_landing, source="simulator"),
        replace(small_landing, as_of=small_landing.as_of + timedelta(days=1)),
    ]
    ids = {landing.landing_id for landing in [small_landing, *others]}
    assert len(ids) == 4
    assert replace(small_landing, described_as="renamed").landing_id == small_landing.landing_id


def test_violation_writes_nothing(small_landing: Landing, tmp_path: Path) -> None:
    _write(small_landing, tmp_path)
    before = _digests(tmp_path)
    broken = dict(small_landing.tables)
    broken["tickets"] = broken["tickets"].with_columns(priority=pl.lit("urgnt"))
    with pytest.raises(ContractError, match="urgnt"):
        _write(replace(small_landing, tables=broken), tmp_path)
    assert _digests(tmp_path) == before


def test_failed_write_leaves_the_files_there_were(
    small_landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(small_landing, tmp_path)
    before = _digests(tmp_path)
    original = pl.LazyFrame.sink_parquet
    written = 0

    def full_disk(self: pl.LazyFrame, *args: object, **kwargs: object) -> None:
        nonlocal written
        written += 1
        if written > 4:
            raise pl.exceptions.ComputeError("parquet: underlying IO error: No space left")
        original(self, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", full_disk)
    other = replace(small_landing, fingerprint="other")
    with pytest.raises(OSError, match="No space left"):
        _write(other, tmp_path)
    assert _digests(tmp_path) == before


def test_a_part_that_cannot_be_made_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    def make(name: str, number: int) -> pl.DataFrame:
        raise pl.exceptions.ComputeError(f"part {number} of {name} cannot be made")

    with pytest.raises(pl.exceptions.ComputeError, match="part 0 of tickets"):
        write_landed(MadeTables(["tickets"], 2, make), tmp_path, landing_id="x")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("rows_a_part", [1, 2, 1000])
def test_a_file_read_in_parts_is_the_file(
    small_landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_a_part: int
) -> None:
    """Tables without rows are one part, with their columns."""
    tables = _write(small_landing, tmp_path)
    monkeypatch.setattr(landing_module, "_ROWS_A_PART", rows_a_part)
    for name, table in tables.items():
        parts = list(read_landed_parts(tmp_path, name))
        assert_frame_equal(pl.concat(parts), table)
        assert len(parts) == max(1, -(-table.height // rows_a_part))


def test_only_the_chosen_tables_are_written(small_landing: Landing, tmp_path: Path) -> None:
    tables = complete_tables(small_landing)
    write_landed(tables, tmp_path, landing_id="x", names={"agents"})
    assert [path.name for path in tmp_path.rglob("*.parquet")] == ["agents.parquet"]


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "text"])
def test_damaged_file_is_named(small_landing: Landing, tmp_path: Path, damage: str) -> None:
    _write(small_landing, tmp_path)
    path = landed_path(tmp_path, "tickets")
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        damaged = {"empty": b"", "truncated": content[: len(content) // 2], "text": b"a,b\n1,2\n"}
        path.write_bytes(damaged[damage])
    with pytest.raises(LandedFileError, match=r"tickets\.parquet.*land the tables"):
        read_landed(tmp_path, "tickets")
    with pytest.raises(LandedFileError, match=r"tickets\.parquet.*land the tables"):
        list(read_landed_parts(tmp_path, "tickets"))
    with pytest.raises(LandedFileError, match=r"tickets\.parquet.*land the tables"):
        landing_id_of(tmp_path, "tickets")


def test_foreign_parquet_file_is_not_taken_for_a_landed_one(tmp_path: Path) -> None:
    path = landed_path(tmp_path, "tickets")
    path.parent.mkdir(parents=True)
    pl.DataFrame({"a": [1]}).write_parquet(path)
    with pytest.raises(LandedFileError, match="was not written by this tower"):
        landing_id_of(tmp_path, "tickets")
