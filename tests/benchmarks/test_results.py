"""Results are kept as they come, read back as they were, and shown with what they lack."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.__main__ import main
from benchmarks.results import Row, Run, kept_in, latest, new_file, read, read_all
from benchmarks.steps import BOUNDS, Bounds
from benchmarks.tables import PAGE, in_line, page_of

_ROW = Row("mining", "5 tickets", "ours", 1.25, 0.5, {"variants": 1234}, others=0.01)
_STOPPED = Row("mining", "5 tickets", "pm4py", how="stopped at 8 GiB", others=0.31)


def test_rows_read_back_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    assert list(kept_in(file, [_ROW])) == [_ROW]
    assert list(kept_in(file, [_STOPPED])) == [_STOPPED]
    first, second = read(file)
    assert (first.rows, second.rows) == ([_ROW], [_STOPPED])
    assert first.machine == machine.described()


def test_what_was_measured_is_kept_though_the_next_fails(tmp_path: Path) -> None:
    def rows() -> object:
        yield _ROW
        raise RuntimeError("it fails")

    with pytest.raises(RuntimeError, match="it fails"):
        list(kept_in(tmp_path / "kept.jsonl", rows()))  # type: ignore[arg-type]
    assert read(tmp_path / "kept.jsonl")[0].rows == [_ROW]


def test_the_latest_of_each_thing_is_shown_where_it_was_first() -> None:
    again = Row(**{**asdict(_ROW), "seconds": 9.0})
    other = Row("simulator", "5 tickets")
    runs = [Run("1", {}, [_ROW, other]), Run("2", {}, [_STOPPED, again])]
    assert latest(runs) == [again, _STOPPED, other]


def test_a_page_says_what_was_stopped_and_what_else_ran() -> None:
    page = page_of([Run("a day", {"processor": "p"}, [_ROW, _STOPPED])], Bounds(600, 8))
    assert "| 5 tickets | ours | 1.25 | 0.50 |  | variants 1,234 |" in page
    assert "| 5 tickets | pm4py |  |  | 31% | stopped at 8 GiB |" in page
    assert "Measured a day: processor p." in page
    assert "at most 600 seconds and 8 GiB" in page
    assert "1800\nseconds and 16 GiB" in page


def test_a_line_says_what_was_stopped() -> None:
    assert in_line(_STOPPED).endswith("mining | 5 tickets | pm4py  (stopped at 8 GiB)")


def test_a_machine_tells_neither_its_name_nor_a_path() -> None:
    import platform

    told = json.dumps(machine.described()) + new_file(Path()).name
    assert platform.node() not in told
    assert "/" not in told


def test_the_page_of_the_documentation_is_that_of_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(read_all(), BOUNDS)
    assert PAGE.read_text(encoding="utf-8") == page
    monkeypatch.setattr("benchmarks.__main__.PAGE", tmp_path / "page.md")
    main(["--render"])
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page


def test_a_page_cannot_be_made_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="make bench"):
        main(["--render", "--results", str(tmp_path)])


def test_what_is_kept_of_the_machine_measured_last_is_read_together(tmp_path: Path) -> None:
    for name in ("2026-01-01-big", "2026-01-02-small", "2026-01-03-big"):
        list(kept_in(tmp_path / f"{name}.jsonl", [replace(_ROW, size=name)]))
    sizes = [row.size for run in read_all(tmp_path) for row in run.rows]
    assert sizes == ["2026-01-01-big", "2026-01-03-big"]
