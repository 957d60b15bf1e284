"""Files of every kind, whole and broken."""

import gzip
import os
from pathlib import Path

import polars as pl
import pytest

from control_tower.raw.event_log import EventLogError
from control_tower.raw.event_log.csv_file import sniff_delimiter
from control_tower.raw.event_log.reading import ROW, read_log
from control_tower.raw.event_log.unpacking import MAX_RATIO, unpacked
from tests.raw.event_log.logs import write_csv, write_xes


def sentence(path: Path, **options: str) -> str:
    """Return what reading a file that cannot be read says."""
    with pytest.raises(EventLogError) as caught:
        read_log(path, **options)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_csv_is_text_with_the_row_a_spreadsheet_shows(tmp_path: Path) -> None:
    log = read_log(write_csv(tmp_path / "log.csv", "id,what", "007,a", '"1,5","b ""c"""'))
    assert log.frame.to_dict(as_series=False) == {
        ROW: [2, 3],
        "id": ["007", "1,5"],
        "what": ["a", 'b "c"'],
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    lines = [["case", "what", "when"], ["1", "a, b; c", "12:00"], ["2", "x", "13:00"]]
    text = [delimiter.join(f'"{cell}"' for cell in line) for line in lines]
    log = read_log(write_csv(tmp_path / "log.csv", *text))
    assert log.columns == ["case", "what", "when"]
    assert log.frame["what"].to_list() == ["a, b; c", "x"]


def test_a_single_column_has_any_delimiter() -> None:
    assert sniff_delimiter("case\n1\n2\n") in ",;\t|"


def test_a_given_delimiter_is_used(tmp_path: Path) -> None:
    log = read_log(write_csv(tmp_path / "log.csv", "a:b,c", "1:2,3"), delimiter=":")
    assert log.columns == ["a", "b,c"]


def test_byte_order_mark_windows_line_ends_and_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"\xef\xbb\xbfcase,what\r\n1,a\r\n\r\n2,b\r\n\r\n")
    log = read_log(path)
    assert log.frame.select("case", "what").rows() == [("1", "a"), ("2", "b")]


def test_line_breaks_inside_quotes_stay(tmp_path: Path) -> None:
    log = read_log(write_csv(tmp_path / "log.csv", "case,what", '1,"a', 'b"', "2,c"))
    assert log.frame["what"].to_list() == ["a\nb", "c"]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16"])
def test_other_encodings_can_be_said(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("case,what\n1,für\n".encode(encoding))
    assert read_log(path, encoding=encoding).frame["what"].to_list() == ["für"]


def test_packed_csv_is_the_same_table(tmp_path: Path) -> None:
    plain = write_csv(tmp_path / "log.csv", "case,what", "1,a")
    packed = tmp_path / "log.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_log(packed).frame.equals(read_log(plain).frame)


def test_parquet_keeps_times_whatever_their_unit(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pl.DataFrame({"case": [7, 8], "nested": [[1], [2]], "share": [0.5, None]}).with_columns(
        local=pl.datetime(2024, 5, 1, 10, time_unit="ns"),
        zoned=pl.datetime(2024, 5, 1, 10, time_zone="Europe/Berlin", time_unit="ms"),
        day=pl.date(2024, 5, 1),
    ).write_parquet(path)
    log = read_log(path)
    assert log.iso_columns == {"local", "zoned", "day"}
    assert log.frame.row(0, named=True) == {
        ROW: 1,
        "case": "7",
        "share": "0.5",
        "local": "2024-05-01T10:00:00.000000",
        "zoned": "2024-05-01T10:00:00.000000+02:00",
        "day": "2024-05-01",
    }


def test_content_hash_is_of_the_bytes(tmp_path: Path) -> None:
    one = write_csv(tmp_path / "one.csv", "case,what", "1,a")
    two = write_csv(tmp_path / "two.csv", "case,what", "1,a")
    other = write_csv(tmp_path / "other.csv", "case,what", "1,b")
    assert read_log(one).content_hash == read_log(two).content_hash
    assert read_log(one).content_hash != read_log(other).content_hash


def test_missing_file(tmp_path: Path) -> None:
    assert "does not exist; check the path" in sentence(tmp_path / "log.csv")


def test_folder(tmp_path: Path) -> None:
    assert "is a folder; give the log file in it" in sentence(tmp_path)


def test_other_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    path.write_bytes(b"PK")
    assert "log.xlsx is no kind of file that is read here; give one ending in .csv" in sentence(
        path
    )


@pytest.mark.parametrize("name", ["log.csv", "log.parquet", "log.xes", "log.xes.gz"])
def test_empty_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    assert f"{name} is empty; give a file with events" in sentence(path)


@pytest.mark.parametrize("content", ["case,what", "case,what\n", "case,what\n\n"])
def test_header_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(content)
    assert sentence(path) == "log.csv has no rows; give a log with at least one"


def test_blank_csv(tmp_path: Path) -> None:
    assert "log.csv is empty" in sentence(write_csv(tmp_path / "log.csv", "", " "))


@pytest.mark.parametrize(("row", "columns"), [("3", 1), ("3,c,extra", 3)])
def test_ragged_rows_are_named(tmp_path: Path, row: str, columns: int) -> None:
    path = write_csv(tmp_path / "log.csv", "case,what", '1,"a', 'b"', row, "4,d")
    assert f"log.csv, row 3 (line 4): the row has {columns} columns and the header 2" in sentence(
        path
    )


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", "case,what", '1,a "word"', '2,"b', "3,c", "4,d")
    assert "log.csv, row 3: a quotation mark is opened and never closed" in sentence(path)


def test_column_named_twice(tmp_path: Path) -> None:
    assert "row 1: the header names column 'what' twice" in sentence(
        write_csv(tmp_path / "log.csv", "case,what,what", "1,a,b")
    )


def test_bytes_of_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"case,what\n1,a\n2,f\xfcr\n")
    assert sentence(path).startswith("log.csv, line 3: byte 0xfc is not utf-8; say how")


def test_encoding_that_does_not_exist(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", "case,what", "1,a")
    assert "'utf-9' is not an encoding; use utf-8" in sentence(path, encoding="utf-9")


def test_truncated_gzip(tmp_path: Path) -> None:
    path = write_xes(tmp_path / "log.xes.gz", {"1": [{"what": "a"}] * 500})
    path.write_bytes(path.read_bytes()[:-20])
    assert "log.xes.gz ends before its packed content does" in sentence(path)


def test_gzip_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "log.xes.gz"
    path.write_bytes(b"<log/>")
    assert "log.xes.gz is not intact gzip data" in sentence(path)


def test_damaged_gzip(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    packed = bytearray(gzip.compress(b"case,what\n" + os.urandom(4000).hex().encode()))
    packed[2000:2010] = bytes(10)
    path.write_bytes(packed)
    assert "log.csv.gz is not intact gzip data" in sentence(path)


@pytest.mark.parametrize("keep", [4, 200])
def test_truncated_parquet(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "log.parquet"
    pl.DataFrame({"case": [str(n) for n in range(1000)]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:keep])
    assert "log.parquet is not intact Parquet" in sentence(path)


def test_parquet_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pl.DataFrame({"case": []}, schema={"case": pl.String}).write_parquet(path)
    assert sentence(path) == "log.parquet has no rows; give a log with at least one"


def test_what_unpacks_to_far_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(100):
            file.write(bytes(1024**2))
    assert path.stat().st_size * MAX_RATIO < 100 * 1024**2
    assert "log.csv.gz unpacks to more than 64 MiB" in sentence(path)


def test_the_ceiling_holds_for_small_files_too(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(os.urandom(5000)))
    with unpacked(path, max_bytes=5000) as stream:
        assert len(stream.read()) == 5000
    with (
        pytest.raises(EventLogError, match="unpacks to more than"),
        unpacked(path, max_bytes=4999) as stream,
    ):
        stream.read()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(tmp_path: Path, end: str) -> None:
    """The header's end is found as the rows' ends are."""
    path = tmp_path / "log.csv"
    path.write_bytes(end.join(["case,activity", "1,come", "2,solve", ""]).encode())
    frame = read_log(path).frame.drop(ROW)
    assert frame.rows() == [("1", "come"), ("2", "solve")]
