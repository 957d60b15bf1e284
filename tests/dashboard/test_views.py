"""Views are worked out once for all who share a folder, and never handed on broken."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from control_tower_dash import views as module
from control_tower_dash.filters import Filters
from control_tower_dash.packed import Packed
from control_tower_dash.views import Views

WEEK = Filters(period="7d")
_LONG_AGO = 1e6


class _Work:
    """Work that is counted, slow enough for others to come by meanwhile."""

    def __init__(self, said: str = "done", *, is_whole: bool = True) -> None:
        self.times = 0
        self._said = said
        self._is_whole = is_whole
        self._lock = threading.Lock()

    def __call__(self) -> Packed:
        with self._lock:
            self.times += 1
        time.sleep(0.05)
        return Packed.of({"said": self._said}, is_whole=self._is_whole)


def test_all_who_ask_at_once_get_what_one_worked_out(tmp_path: Path) -> None:
    """In one process or in several, for they share nothing but the folder."""
    work = _Work()
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda _: Views(tmp_path).of("a", "overview", WEEK, work).value(), range(8))
        )
    assert found == [{"said": "done"}] * 8
    assert work.times == 1


def test_another_snapshot_page_or_choice_is_another_view(tmp_path: Path) -> None:
    """And so is an option of the page's own."""
    views = Views(tmp_path)
    keys = [
        ("a", "overview", WEEK),
        ("b", "overview", WEEK),
        ("a", "queues", WEEK),
        ("a", "overview", Filters()),
        ("a", "overview", WEEK.with_options(ticket="7")),
    ]
    for round_ in range(2):
        for number, key in enumerate(keys):
            found = views.of(*key, _Work(f"{number}")).value()
            assert found == {"said": f"{number}"}, (round_, key)


def test_what_failed_in_part_is_worked_out_again(tmp_path: Path) -> None:
    views = Views(tmp_path)
    assert views.of("a", "overview", WEEK, _Work("half", is_whole=False)).value()["said"] == "half"
    assert views.of("a", "overview", WEEK, _Work("whole")).value()["said"] == "whole"


def test_work_that_raises_lets_the_next_one_try(tmp_path: Path) -> None:
    def fail() -> Packed:
        raise ZeroDivisionError

    views = Views(tmp_path)
    with pytest.raises(ZeroDivisionError):
        views.of("a", "overview", WEEK, fail)
    assert views.of("a", "overview", WEEK, _Work()).is_whole


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Views of a snapshot, and snapshots, are so many at most; no lock outlives its view."""
    monkeypatch.setattr(module, "_MOST_OF_A_SNAPSHOT", 3)
    views = Views(tmp_path)
    for number in range(6):
        views.of("a", f"page {number}", WEEK, _Work())
        for path in tmp_path.rglob("*"):
            if path.stat().st_mtime > _LONG_AGO:
                os.utime(path, (number, number))
    (folder,) = tmp_path.iterdir()
    assert len([path for path in folder.iterdir() if not path.suffix]) == 3
    assert len(list(folder.iterdir())) == 6
    again = _Work()
    views.of("a", "page 5", WEEK, again)
    assert again.times == 0
    for number in range(5):
        views.of(f"snapshot {number}", "page", WEEK, _Work())
    assert len(list(tmp_path.iterdir())) == 3


def test_nobody_waits_forever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the one who works it out hangs, the next one does it again."""
    monkeypatch.setattr(module, "_WAITS_S", 0.05)
    views, hangs = Views(tmp_path), threading.Event()

    def hang() -> Packed:
        hangs.wait(10)
        return Packed.of({"said": "late"}, is_whole=True)

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(views.of, "a", "overview", WEEK, hang)
        while not list(tmp_path.rglob("*.lock")):
            time.sleep(0.01)
        assert views.of("a", "overview", WEEK, _Work("soon")).value() == {"said": "soon"}
        hangs.set()
        assert late.result().value() == {"said": "late"}


def test_a_folder_that_cannot_be_written_costs_no_view(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert Views(blocked).of("a", "overview", WEEK, _Work()).value() == {"said": "done"}


def test_a_folder_of_ones_own_is_removed_again() -> None:
    views = Views()
    views.of("a", "overview", WEEK, _Work())
    folder = views._folder
    assert folder.is_dir()
    del views
    assert not folder.exists()
