"""A full disk, missing permissions, a busy port, a locked or damaged build: said, and survived."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from control_tower.marts.lineage import LineageBook
from control_tower.settings import Settings
from control_tower.warehouse import build_path, connect, set_damaged_aside
from tests.bad_input.tower import ended, published, run, said, start

BALLAST = "ballast"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of eighty megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a file system can be mounted by root only, where the machine allows it")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True, capture_output=True)


@pytest.mark.parametrize(
    "kib_left_free",
    [
        # Enough for nothing, and for part of the build.
        pytest.param((0, 6000), id="short"),
        # For a few records, and for part of the landing.
        pytest.param((40, 700), id="more", marks=pytest.mark.soak),
    ],
)
def test_full_disk(published_once: Path, small_disk: Path, kib_left_free: tuple[int, int]) -> None:
    data_dir = Path(shutil.copytree(published_once, small_disk / "data", symlinks=True))
    before = published(data_dir)
    ballast = small_disk / BALLAST
    for left_free in kib_left_free:
        with ballast.open("wb") as file:
            free = shutil.disk_usage(small_disk).free - left_free * 1024
            for _ in range(free // 4096):
                file.write(b"\1" * 4096)
        outcome = run(data_dir)
        said(outcome, 1, "free some space")
        assert published(data_dir) == before
        ballast.unlink()
    outcome = run(data_dir)
    assert outcome.code == 0, outcome.printed
    assert published(data_dir).target != before.target
    assert not list(data_dir.rglob("*.partial"))


@pytest.fixture
def forbidden() -> Iterator[list[Path]]:
    """Folders a test forbids; what it leaves forbidden is allowed again, so it can be removed."""
    folders: list[Path] = []
    yield folders
    for folder in folders:
        _allow(folder)


def _forbid(folder: Path) -> None:
    try:
        subprocess.run(["chattr", "+i", str(folder)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        folder.chmod(0o555)
        probe = folder / "probe"
        try:
            probe.touch()
        except OSError:
            return
        probe.unlink()
        folder.chmod(0o755)
        pytest.skip("nothing can be forbidden to this user on this file system")


def _allow(folder: Path) -> None:
    subprocess.run(["chattr", "-i", str(folder)], check=False, capture_output=True)
    folder.chmod(0o755)


_FORBIDDEN: Final[Mapping[str, Sequence[str]]] = {
    ".": ["cannot be written", "--data-dir"],
    "build": ["build cannot be written", "correct its permissions"],
    "dagster/history": ["the run's records", "correct the permissions"],
    "raw": ["the landed tables could not be written", "correct the permissions"],
    "published": ["the snapshot could not be written", "the last good one stays"],
}
"""Folders, and what a run says that may not write there."""


@pytest.mark.parametrize(
    "folders",
    [
        pytest.param((".", "published"), id="short"),
        pytest.param(tuple(_FORBIDDEN), id="all", marks=pytest.mark.soak),
    ],
)
def test_no_permission_to_write(
    data_dir: Path, forbidden: list[Path], folders: Sequence[str]
) -> None:
    before = published(data_dir)
    for name in folders:
        folder = data_dir / name
        _forbid(folder)
        forbidden.append(folder)
        outcome = run(data_dir)
        _allow(folder)
        said(outcome, 1, *_FORBIDDEN[name])
        assert published(data_dir) == before
    outcome = run(data_dir)
    assert outcome.code == 0, outcome.printed


def test_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        line = [sys.executable, "-m", "control_tower", "dagster", "--data-dir", str(tmp_path)]
        said(ended(start([*line, "--port", port])), 1, f"port {port} is in use", "--port")
        said(ended(start([*line, "--port", "99999"])), 2, "--port")


def test_damaged_leavings_of_earlier_runs(data_dir: Path) -> None:
    """Everything below build can be made again, and is."""
    before = published(data_dir)
    build = data_dir / "build"
    dbt = build / "dbt"
    database = build_path(data_dir)
    database.write_bytes(b"\xa5" * 100_000)
    (build / "lineage.json").write_text('{"a": [')
    (dbt / "partial_parse.msgpack").write_bytes(b"\xc1 no such thing")
    manifest = dbt / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:5000])

    outcome = run(data_dir)

    said(outcome, 0, "the build database could not be opened", "ops.damaged")
    after = published(data_dir)
    assert after.target != before.target
    assert after.tickets == before.tickets


@pytest.mark.parametrize("damage", ["garbage", "empty", "halved", "beheaded"])
def test_damaged_build_database_is_set_aside(
    published_once: Path, tmp_path: Path, damage: str
) -> None:
    whole = build_path(published_once).read_bytes()
    path = tmp_path / "ops.duckdb"
    path.write_bytes(
        {
            "garbage": b"\xa5" * 100_000,
            "empty": b"",
            "halved": whole[: len(whole) // 2],
            "beheaded": bytes(8192) + whole[8192:],
        }[damage]
    )
    set_damaged_aside(path)
    with connect(path) as connection:
        connection.execute("create table anew as select 1 as one")


@pytest.mark.parametrize(
    "content", ["", "[]", '"text"', '{"a": ', '{"a": 3}', '{"a": {"b": [1]}}', "\0"]
)
def test_damaged_lineage_is_worked_out_again(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lineage.json"
    path.write_text(content)
    book = LineageBook(path)
    tables = {("raw", "t"): {"a": "INTEGER"}}
    assert book.lineage("select a from raw.t", tables) == {"a": [("raw", "t", "a")]}
    book.save()
    assert LineageBook(path).lineage("select a from raw.t", tables) == book.lineage(
        "select a from raw.t", tables
    )


HOLDING = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"


def test_build_database_open_elsewhere(data_dir: Path) -> None:
    before = published(data_dir)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(build_path(data_dir))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        outcome = run(data_dir)
    finally:
        holder.communicate("\n")
    said(outcome, 1, str(build_path(data_dir)), "is open in another program", "run again")
    assert published(data_dir) == before
    assert build_path(Settings(data_dir=data_dir).data_dir).exists()
