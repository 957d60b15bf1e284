"""Records written over open connections are Dagster's own, in its own files."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from dagster import (
    AssetCheckResult,
    AssetKey,
    DagsterInstance,
    asset,
    asset_check,
    materialize,
)
from dagster._core.instance.ref import InstanceRef

from control_tower.settings import PROJECT_ROOT


@asset
def answers() -> int:
    """Something to make."""
    return 42


@asset_check(asset=answers)
def is_right() -> AssetCheckResult:
    """Something to check."""
    return AssetCheckResult(passed=True)


@contextmanager
def _instance(folder: Path, storage: dict[str, object]) -> Iterator[DagsterInstance]:
    reference = InstanceRef.from_dir(
        str(folder), overrides={"storage": storage, "telemetry": {"enabled": False}}
    )
    with DagsterInstance.from_ref(reference) as instance:
        yield instance


def _ours(folder: Path) -> dict[str, object]:
    return {
        "custom": {
            "module": "control_tower.run_records",
            "class": "RunRecords",
            "config": {"base_dir": str(folder)},
        }
    }


def _dagsters(folder: Path) -> dict[str, object]:
    return {"sqlite": {"base_dir": str(folder)}}


def _events(instance: DagsterInstance, run_id: str) -> list[tuple[str, str | None]]:
    return [(event.message, event.step_key) for event in instance.all_logs(run_id)]


def test_dagster_reads_what_was_written(tmp_path: Path) -> None:
    """Every event, materialization and check, and it writes to the same files in turn."""
    with _instance(tmp_path, _ours(tmp_path)) as ours:
        first = materialize([answers, is_right], instance=ours)
        written = _events(ours, first.run_id)
        with _instance(tmp_path, _dagsters(tmp_path)) as dagsters:
            assert _events(dagsters, first.run_id) == written
            assert len(written) > 10
            second = materialize([answers, is_right], instance=dagsters)
        # The files stayed open all the while, and show what another wrote.
        latest = ours.get_latest_materialization_event(AssetKey("answers"))
        assert latest is not None
        assert latest.run_id == second.run_id
        assert len(_events(ours, second.run_id)) == len(written)


def test_few_files_stay_open(tmp_path: Path) -> None:
    """However many runs are read, and from however many threads."""
    with _instance(tmp_path, _ours(tmp_path)) as instance:
        runs = [materialize([answers], instance=instance).run_id for _ in range(4)]
        with ThreadPoolExecutor(max_workers=4) as pool:
            read = list(pool.map(lambda run_id: len(_events(instance, run_id)), runs * 5))
        assert len(set(read)) == 1
        files = [path.resolve() for path in Path("/proc/self/fd").iterdir() if path.exists()]
        history = tmp_path / "history" / "runs"
        assert 1 <= len({path for path in files if path.parent == history}) <= 6
    files = [path.resolve() for path in Path("/proc/self/fd").iterdir() if path.exists()]
    assert not [path for path in files if path.parent == history]


def test_wiped_records_are_begun_anew(tmp_path: Path) -> None:
    """Nothing is written to a file that is gone."""
    with _instance(tmp_path, _ours(tmp_path)) as instance:
        materialize([answers], instance=instance)
        instance.wipe()
        again = materialize([answers], instance=instance)
        with _instance(tmp_path, _dagsters(tmp_path)) as dagsters:
            assert _events(dagsters, again.run_id) == _events(instance, again.run_id)


def test_the_project_keeps_its_records_so() -> None:
    """The project's dagster.yaml names this storage."""
    storage = InstanceRef.from_dir(str(PROJECT_ROOT)).storage_data
    assert storage is not None
    assert storage.class_name == "RunRecords"


START_TOGETHER = """
import os, sys, time
from control_tower.run_records import RunRecords

for folder in sys.argv[1:]:
    start = time.time() + 0.2
    for _ in range(4):
        if os.fork() == 0:
            time.sleep(start - time.time())
            RunRecords(folder)
            os._exit(0)
    if any(os.wait()[1] for _ in range(4)):
        sys.exit("one could not start")
    RunRecords(folder)
"""


def test_programs_that_start_together_create_them_once(tmp_path: Path) -> None:
    """As a web interface and a daemon do where systemd starts both."""
    folders = [str(tmp_path / str(number)) for number in range(3)]
    command = [sys.executable, "-c", START_TOGETHER, *folders]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
