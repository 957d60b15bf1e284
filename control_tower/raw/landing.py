"""What a source hands over, and how it reaches the disk: validated whole, then written whole."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl
from polars.io.plugins import register_io_source

from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES, polars_schema
from control_tower.raw.opening_hours import open_intervals
from control_tower.raw.parts import Overlaid, parts_of
from control_tower.raw.validation import validate

__all__ = [
    "LandedFileError",
    "Landing",
    "complete_tables",
    "empty_table",
    "landed_path",
    "landing_id_of",
    "read_landed",
    "read_landed_parts",
    "write_landed",
]

_DAYS_OF_HOURS_BEFORE = 7
"""Before the year of the first ticket. What a clock shows counts from the first opening, so that
opening may not move from day to day where the oldest tickets are let go."""

_DAYS_OF_HOURS_AHEAD = 730
"""Running clocks are dated this far ahead; a target further off has no breach moment."""

_LANDING_ID_KEY = "landing_id"

_ROWS_A_GROUP = 122_880
"""As many as DuckDB takes at once; files are read as they are written, group by group."""

_ROWS_A_PART = 4 * _ROWS_A_GROUP

_Read = TypeVar("_Read")


class LandedFileError(ValueError):
    """A landed file is missing or cannot be read."""


def empty_table(table: str) -> pl.DataFrame:
    """Return the contract's table of that name without rows."""
    return pl.DataFrame(schema=polars_schema(table))


@dataclass(frozen=True)
class Landing:
    """One source's tickets, ready to be validated and written.

    Attributes:
        source: Name of the source: simulator, event_log, zendesk or zendesk_files.
        described_as: The source in words, such as the file's name or the simulator's seed.
        fingerprint: Text that changes exactly when the source, its input or its settings do.
        as_of: The tower's clock (UTC).
        tables: The six raw tables, and of the reference tables schedules, holidays,
            ticket_schedules, sla_applications, desk_ticket_metrics and desk_metric_events where
            the source has them, by name.
        repairs: Rows of the contract's `repairs` table: what was mended or refused, and how often.
    """

    source: str
    described_as: str
    fingerprint: str
    as_of: datetime
    tables: Mapping[str, pl.DataFrame]
    repairs: pl.DataFrame = field(default_factory=lambda: empty_table("repairs"))

    @property
    def landing_id(self) -> str:
        """Twelve hexadecimal digits that are the same exactly when the landing is."""
        text = f"{self.source}|{self.fingerprint}|{self.as_of.isoformat()}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def complete_tables(landing: Landing) -> Mapping[str, pl.DataFrame]:
    """Return all tables of the contract for a landing, validated, by name.

    Opening hours are laid out from a week before the first ticket's year to two years past the
    tower's clock; tables the source does not have are there without rows.

    Raises:
        ContractError: If a table breaks the contract.
    """
    names = (*RAW_TABLES, *REFERENCE_TABLES)
    added = {name: empty_table(name) for name in names if name not in landing.tables}
    added["landing"] = pl.DataFrame(
        [(landing.landing_id, landing.source, landing.described_as, landing.as_of)],
        schema=polars_schema("landing"),
        orient="row",
    )
    added["repairs"] = landing.repairs
    given = Overlaid(added, landing.tables)
    validate(given)
    created = given["tickets"]["created_at"].min()
    first = created if isinstance(created, datetime) else landing.as_of
    added["open_intervals"] = open_intervals(
        given["schedules"],
        given["holidays"],
        first_day=date(first.year, 1, 1) - timedelta(days=_DAYS_OF_HOURS_BEFORE),
        last_day=(landing.as_of + timedelta(days=_DAYS_OF_HOURS_AHEAD)).date(),
    )
    validate({"open_intervals": added["open_intervals"]})
    return given


def landed_path(data_dir: Path, table: str) -> Path:
    """Return where a raw or reference table's Parquet file lies."""
    room = "raw" if table in RAW_TABLES else "reference"
    return data_dir / room / f"{table}.parquet"


def write_landed(
    tables: Mapping[str, pl.DataFrame],
    data_dir: Path,
    *,
    landing_id: str,
    names: Collection[str] | None = None,
) -> None:
    """Write tables as Parquet files, all under temporary names first, then renamed into place.

    Every file carries the landing's id, so that files of two landings are never taken for one.

    Args:
        tables: Validated tables by name.
        data_dir: The data directory; its `raw` and `reference` folders are made if missing.
        landing_id: The landing the tables belong to.
        names: Which tables to write; all of them if None.

    Raises:
        OSError: If a file cannot be written; the files that were there before are untouched.
    """
    chosen = [name for name in tables if names is None or name in names]
    for folder in {landed_path(data_dir, name).parent for name in chosen}:
        folder.mkdir(parents=True, exist_ok=True)
        # What a run that was killed left behind.
        for leftover in folder.glob(".*.partial"):
            leftover.unlink(missing_ok=True)
    written: list[tuple[Path, Path]] = []
    try:
        for name in chosen:
            target = landed_path(data_dir, name)
            handle, temporary = tempfile.mkstemp(
                dir=target.parent, prefix=f".{name}-", suffix=".partial"
            )
            os.close(handle)
            written.append((Path(temporary), target))
            _write(parts_of(tables, name), polars_schema(name), Path(temporary), landing_id)
        for temporary_path, target in written:
            temporary_path.chmod(0o644)
            temporary_path.replace(target)
    finally:
        for temporary_path, _ in written:
            temporary_path.unlink(missing_ok=True)


def _write(parts: Iterator[pl.DataFrame], schema: pl.Schema, path: Path, landing_id: str) -> None:
    """Write a table's parts one after the other, so that no more than a few are held at a time.

    Raises:
        OSError: If the file cannot be written.
    """

    def rows(*_pushed_down: object) -> Iterator[pl.DataFrame]:
        yield from parts

    try:
        register_io_source(rows, schema=schema).sink_parquet(
            path,
            compression="zstd",
            row_group_size=_ROWS_A_GROUP,
            metadata={_LANDING_ID_KEY: landing_id},
        )
    except pl.exceptions.ComputeError as error:
        # Polars tells so of a disk that is full.
        if "io error" not in str(error).lower():
            raise
        raise OSError(str(error).splitlines()[0]) from error


def landing_id_of(data_dir: Path, table: str) -> str:
    """Return the id of the landing a table's file belongs to.

    Raises:
        LandedFileError: If the file is missing, damaged or was not written by a landing.
    """
    path = landed_path(data_dir, table)
    metadata = _readable(path, lambda: pl.read_parquet_metadata(path))
    if _LANDING_ID_KEY not in metadata:
        raise LandedFileError(f"{path} was not written by this tower; land the tables again")
    return metadata[_LANDING_ID_KEY]


def read_landed(data_dir: Path, table: str) -> pl.DataFrame:
    """Read a landed table back.

    Raises:
        LandedFileError: If the file is missing, empty or truncated.
    """
    path = landed_path(data_dir, table)
    return _readable(path, lambda: pl.read_parquet(path))


def read_landed_parts(data_dir: Path, table: str) -> Iterator[pl.DataFrame]:
    """Yield a landed table some rows at a time, in their order; one part at least.

    Raises:
        LandedFileError: If the file is missing, empty or truncated.
    """
    path = landed_path(data_dir, table)
    rows = _readable(path, lambda: pl.scan_parquet(path).select(pl.len()).collect().item())
    for begin in range(0, max(rows, 1), _ROWS_A_PART):
        yield _readable(path, lambda: pl.scan_parquet(path).slice(begin, _ROWS_A_PART).collect())  # noqa: B023


def _readable(path: Path, read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except FileNotFoundError:
        raise LandedFileError(
            f"{path} is missing; land the tables first (materialize the raw group)"
        ) from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise LandedFileError(
            f"{path} cannot be read ({str(error).splitlines()[0]}); land the tables again"
        ) from error
