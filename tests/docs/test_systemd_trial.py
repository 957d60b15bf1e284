"""The units do under systemd what the guide says of them."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.tiny_desk import publish_generation
from tests.docs.machine.boot import STATE, CannotBootError, boot, furnish

ANSWERS = {"healthz": 200, "readyz": 200, "server_info": 200, "daemons": 5}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Boot a machine on which all units are enabled, and return what was seen there."""
    if os.geteuid() != 0 or shutil.which("systemd-nspawn") is None:
        pytest.skip("only root with systemd-nspawn (Debian: systemd-container) can boot a machine")
    root = tmp_path_factory.mktemp("machine") / "root"
    furnish(root, Path(__file__).parent / "machine" / "trial.py")
    publish_generation(root / STATE / "data", 0)
    try:
        boot(root)
    except CannotBootError as error:
        pytest.skip(f"systemd cannot be the first process of a machine here: {error}")
    seen: dict[str, Any] = json.loads((root / "told.json").read_text("utf-8"))
    # Shown where a test fails: the machine is gone by then.
    print(seen["journal"])
    return seen


@pytest.mark.xdist_group("systemd")
def test_all_programs_answer_after_a_boot(told: Mapping[str, Any]) -> None:
    assert told["answers"] == ANSWERS


@pytest.mark.xdist_group("systemd")
def test_whatever_is_killed_comes_back(told: Mapping[str, Any]) -> None:
    assert told["restarts"] == {"dashboard": 1, "daemon": 1, "web": 0}
    assert told["answers_again"] == ANSWERS


@pytest.mark.xdist_group("systemd")
def test_the_watch_fails_while_the_daily_run_is_late(told: Mapping[str, Any]) -> None:
    watched = told["watched"]
    assert (watched["ActiveState"], watched["ExecMainStatus"]) == ("failed", "1")
    assert "the daily run is late" in watched["said"]


@pytest.mark.xdist_group("systemd")
def test_all_stop_well_within_their_time(told: Mapping[str, Any]) -> None:
    stopped = dict(told["stopped"])
    assert stopped.pop("seconds") < 60
    ended = {"ActiveState": "inactive", "Result": "success"}
    assert stopped == dict.fromkeys(("dashboard", "daemon", "web"), ended)
