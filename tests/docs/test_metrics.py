"""The page on watching names every metric there is, and no other."""

import re
from pathlib import Path

from control_tower.monitoring.metrics import (
    LastRun,
    Past,
    SnapshotFigures,
    run_metrics,
    snapshot_metrics,
)
from control_tower.settings import PROJECT_ROOT
from tests.dashboard.serving.apps import client
from tests.dashboard.tiny_desk import publish_generation

_PAGE = PROJECT_ROOT / "docs" / "how-to" / "watch.md"


def _named(metric_type: str, name: str) -> str:
    return f"{name}_total" if metric_type == "counter" else name


def test_every_metric_is_explained(tmp_path: Path) -> None:
    """By the name it has when scraped."""
    run = LastRun(succeeded=True, started_at=0, ended_at=0)
    nothing = SnapshotFigures(None, None, None, {}, {}, {})
    declared = [*run_metrics(run, Past(None, None, 0)), *snapshot_metrics(nothing, None)]
    names = {_named(metric.type, metric.name) for metric in declared}
    publish_generation(tmp_path, 1)
    browser = client(tmp_path)
    browser.get("/readyz")
    told = browser.get("/metrics").get_data(as_text=True)
    names |= set(re.findall(r"^# TYPE (\S+) ", told, flags=re.MULTILINE))
    # Nothing has failed yet, so this one has no line.
    names.add("control_tower_dashboard_errors_total")
    rows = re.findall(r"^\| `(control_tower_\w+)`", _PAGE.read_text("utf-8"), flags=re.MULTILINE)
    assert sorted(rows) == sorted(names)
