"""The command that opens Dagster hands on what was typed, wherever it was typed."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from control_tower.cli import app
from control_tower.settings import PROJECT_ROOT


class Replaced(Exception):  # noqa: N818 - no error: the process would be another one now
    """What the process would have become."""


def test_paths_hold_in_another_folder_and_no_env_file_is_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster prefers a .env in its folder to flags, so it starts where there is none."""

    def become(program: str, command: list[str]) -> None:
        raise Replaced(program, command)

    monkeypatch.setattr(os, "execv", become)
    # Put back what the command changes for the process it would become.
    for name in ("DATA_DIR", "EVENT_LOG", "DAGSTER_DIR"):
        monkeypatch.setenv(f"CONTROL_TOWER_{name}", "")
    monkeypatch.setenv("CONTROL_TOWER_EVENT_LOG", "tickets.csv")
    monkeypatch.setenv("DAGSTER_HOME", str(PROJECT_ROOT))
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, ["dagster", "--data-dir", "here", "--port", "39017"])

    assert isinstance(result.exception, Replaced)
    _, command = result.exception.args
    assert command[command.index("-w") + 1] == str(PROJECT_ROOT / "workspace.yaml")
    assert Path.cwd() == tmp_path / "here"
    assert not (Path.cwd() / ".env").exists()
    assert os.environ["CONTROL_TOWER_DATA_DIR"] == str(tmp_path / "here")
    assert os.environ["CONTROL_TOWER_EVENT_LOG"] == str(tmp_path / "tickets.csv")
    assert os.environ["CONTROL_TOWER_DAGSTER_DIR"] == str(tmp_path / "here" / "dagster")
