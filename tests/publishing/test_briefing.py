"""The briefing as files, and as the command that writes them."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from control_tower.publishing.briefing import NoBriefingError, read_briefing, write_briefing
from control_tower.publishing.link import snapshot_id_of
from control_tower.publishing.snapshot import publish
from control_tower.settings import PROJECT_ROOT
from control_tower.warehouse import build_path, connect, write_table


def _publish(data_dir: Path, text: str | None, second: int = 0) -> None:
    build = build_path(data_dir)
    build.parent.mkdir(parents=True, exist_ok=True)
    moment = datetime(2026, 6, 1, 0, 0, second, tzinfo=UTC)
    page = pl.DataFrame(
        {"as_of": [moment], "title": ["Briefing"], "markdown": [text], "html": [f"<p>{text}</p>"]}
    )
    with connect(build) as connection:
        table = "briefing" if text else "something_else"
        write_table(connection, "recommendations", table, page)
    row = pl.DataFrame({"snapshot_id": snapshot_id_of(moment, f"{second:08}")})
    publish(build, data_dir, row, ["recommendations"])


def _brief(data_dir: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "control_tower", "brief", *flags]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT_ROOT,
        env={**os.environ, "CONTROL_TOWER_DATA_DIR": str(data_dir)},
    )


def test_it_is_the_newest_snapshots(tmp_path: Path) -> None:
    """Read through the link, after each publish anew."""
    _publish(tmp_path, "first")
    assert read_briefing(tmp_path).markdown == "first"
    _publish(tmp_path, "second", 1)
    page = read_briefing(tmp_path)
    assert (page.title, page.markdown, page.html) == ("Briefing", "second", "<p>second</p>")


def test_without_a_snapshot_it_says_what_to_do(tmp_path: Path) -> None:
    """Nothing published; a snapshot without a briefing; a link to nowhere; no database."""
    with pytest.raises(
        NoBriefingError, match=r"there is no snapshot .* yet; run control-tower run"
    ):
        read_briefing(tmp_path)
    _publish(tmp_path, None)
    with pytest.raises(NoBriefingError, match=r"has no briefing .*; run control-tower run again"):
        read_briefing(tmp_path)
    link = tmp_path / "ops.duckdb"
    link.resolve().write_bytes(b"no database")
    with pytest.raises(NoBriefingError, match=r"run control-tower run again"):
        read_briefing(tmp_path)
    link.resolve().unlink()
    with pytest.raises(NoBriefingError, match="there is no snapshot"):
        read_briefing(tmp_path)


def test_files_are_whole_or_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves last week's page, and no leftovers."""
    _publish(tmp_path, "first")
    folder = tmp_path / "out"
    assert [path.name for path in write_briefing(read_briefing(tmp_path), folder)] == [
        "briefing.md",
        "briefing.html",
    ]
    _publish(tmp_path, "second", 1)

    def full(self: Path, text: str, **_: object) -> int:
        self.write_bytes(text[:1].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        write_briefing(read_briefing(tmp_path), folder)
    assert (folder / "briefing.md").read_text(encoding="utf-8") == "first"
    assert {path.name for path in folder.iterdir()} == {"briefing.md", "briefing.html"}


def test_command_writes_and_says_where(tmp_path: Path) -> None:
    """Into the data directory; or elsewhere, one format, printed as well."""
    _publish(tmp_path, "Größe")
    ended = _brief(tmp_path)
    paths = [tmp_path / "briefing.md", tmp_path / "briefing.html"]
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split() == [str(path) for path in paths]
    assert paths[0].read_text(encoding="utf-8") == "Größe"
    elsewhere = tmp_path / "else"
    ended = _brief(tmp_path, "--output", str(elsewhere), "--format", "html", "--print")
    assert ended.stdout == "Größe"
    assert ended.stderr.strip() == str(elsewhere / "briefing.html")
    assert [path.name for path in elsewhere.iterdir()] == ["briefing.html"]


def test_command_ends_in_one_sentence(tmp_path: Path) -> None:
    """Nothing published; a folder that cannot be made."""
    ended = _brief(tmp_path / "nothing")
    assert ended.returncode == 1
    assert ended.stderr.startswith("control-tower: there is no snapshot at ")
    assert ended.stderr.count("\n") == 1
    _publish(tmp_path, "first")
    (tmp_path / "file").write_bytes(b"")
    ended = _brief(tmp_path, "--output", str(tmp_path / "file"))
    assert ended.returncode == 1
    assert "cannot be written to" in ended.stderr
    assert ended.stderr.count("\n") == 1
