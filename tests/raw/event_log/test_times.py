"""Times as logs write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_tower.raw.event_log.times import parse_times, tells_the_date


def moment(text: str | None, formats: list[str], zone: str = "UTC") -> datetime | None:
    """Return one text read as a time."""
    read = parse_times(pl.Series([text], dtype=pl.String), formats, zone)["moment"][0]
    assert read is None or isinstance(read, datetime)
    return read


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T10:00:00Z",
        "2024-05-01T12:00:00+02:00",
        "2024-05-01T12:00:00.000+0200",
        "2024-05-01 12:00+02",
        "2024-05-01 10:00:00 UTC",
        "2024-05-01T06:00:00,000000-04:00",
        "2024-05-01T10:00",
        "2024-05-01 10:00:00.000",
    ],
)
def test_iso_is_read_in_its_many_spellings(text: str) -> None:
    assert moment(text, ["iso"]) == datetime(2024, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "2024-05-01T25:00:00Z", None])
def test_what_is_no_time_is_null(text: str | None) -> None:
    assert moment(text, ["iso"]) is None


def test_day_first_and_month_first_are_told_apart_by_the_format() -> None:
    assert moment("03/02/2026 09:00", ["%d/%m/%Y %H:%M"]) == datetime(2026, 2, 3, 9, tzinfo=UTC)
    assert moment("03/02/2026 09:00", ["%m/%d/%Y %H:%M"]) == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_formats_are_tried_in_order() -> None:
    texts = pl.Series(["03/02/2026", "2026-02-03T09:00:00Z", "3.2.2026 10:00"])
    read = parse_times(texts, ["%d/%m/%Y", "iso", "%d.%m.%Y %H:%M"], "Europe/Rome")["moment"]
    assert read.to_list() == [
        datetime(2026, 2, 2, 23, tzinfo=UTC),
        datetime(2026, 2, 3, 9, tzinfo=UTC),
        datetime(2026, 2, 3, 9, tzinfo=UTC),
    ]


def test_seconds_since_1970_are_a_format() -> None:
    assert moment("1700000000", ["%s"]) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_time_the_clocks_skipped_keeps_the_offset_before() -> None:
    read = parse_times(pl.Series(["2024-03-31T02:30:00"]), ["iso"], "Europe/Berlin")
    assert read.row(0) == (datetime(2024, 3, 31, 1, 30, tzinfo=UTC), True, False)


def test_a_time_that_occurred_twice_is_the_first() -> None:
    read = parse_times(pl.Series(["2024-10-27T02:30:00"]), ["iso"], "Europe/Berlin")
    assert read.row(0) == (datetime(2024, 10, 27, 0, 30, tzinfo=UTC), False, True)


@given(
    st.datetimes(
        datetime(1971, 1, 1),  # noqa: DTZ001 - local times are what is drawn
        datetime(2037, 12, 31),  # noqa: DTZ001
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)
def test_local_times_are_those_of_the_standard_library(local: datetime, zone: str) -> None:
    local = local.replace(microsecond=0)
    read = parse_times(pl.Series([local.isoformat()]), ["iso"], zone)
    # fold 0 is the first of two, and the offset before a gap.
    assert read["moment"][0] == local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


@pytest.mark.parametrize(
    ("pattern", "tells"),
    [
        ("iso", True),
        ("%Y-%m-%d %H:%M:%S", True),
        ("%d.%m.%y", True),
        ("%d-%b-%Y %I:%M %p", True),
        ("%d/%m %H:%M", False),
        ("%H:%M", False),
        ("%Q", False),
        ("day month year", False),
    ],
)
def test_a_format_must_tell_the_date(pattern: str, tells: bool) -> None:
    assert tells_the_date(pattern) is tells
