"""`metrics.prom` in the data directory, for the textfile collector of Prometheus' node_exporter."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from control_tower.disk import write_whole
from control_tower.failed_runs import read_failed_runs
from control_tower.jobs import DAILY_JOB
from control_tower.monitoring.metrics import (
    LastRun,
    Past,
    SnapshotFigures,
    run_metrics,
    snapshot_metrics,
)
from control_tower.publishing.link import link_path
from control_tower.warehouse import DatabaseBusyError, connect

__all__ = ["as_text", "metrics_path", "write_metrics"]


def metrics_path(data_dir: Path) -> Path:
    """Return where the metrics are written to."""
    return data_dir / "metrics.prom"


def write_metrics(data_dir: Path, run: LastRun) -> bool:
    """Write the metrics of a daily run that has ended, whole or not at all.

    Of two who tell of the same run, or of an older one, the second changes nothing.

    Returns:
        Whether they were written.

    Raises:
        OSError: If the file cannot be written.
    """
    path = metrics_path(data_dir)
    before = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    told = _sample(before, "control_tower_run_end_timestamp_seconds")
    if told is not None and told >= run.ended_at:
        return False
    metrics = [*run_metrics(run, _past(data_dir, run, before)), *_of_snapshot(data_dir)]
    write_whole(path, as_text(metrics))
    return True


def as_text(metrics: Sequence[Metric]) -> bytes:
    """Return metrics in Prometheus' text format; those without a value are left out."""
    return generate_latest(_Given([metric for metric in metrics if metric.samples]))


class _Given(Collector):
    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Sequence[Metric]:
        return self._metrics


def _past(data_dir: Path, run: LastRun, before: str) -> Past:
    failures = [failed for failed in read_failed_runs(data_dir) if failed.job == DAILY_JOB]
    failed_at = [datetime.fromisoformat(failed.failed_at).timestamp() for failed in failures]
    if not run.succeeded:
        failed_at.append(run.ended_at)
    succeeded_at = _sample(before, "control_tower_last_success_timestamp_seconds")
    return Past(
        succeeded_at=run.ended_at if run.succeeded else succeeded_at,
        failed_at=max(failed_at, default=None),
        failures=len(failures),
    )


def _of_snapshot(data_dir: Path) -> Iterator[Metric]:
    path = link_path(data_dir).resolve()
    if not path.is_file():
        return
    try:
        with connect(path, read_only=True) as connection:

            def query(sql: str) -> pl.DataFrame:
                frame: pl.DataFrame = connection.cursor().sql(sql).pl()
                return frame

            figures = SnapshotFigures.read(query)
    except (duckdb.Error, DatabaseBusyError):
        # Whoever reads it says what is wrong with it; the run's own metrics are told all the same.
        return
    yield from snapshot_metrics(figures, path.stat().st_size)


def _sample(text: str, name: str) -> float | None:
    found = re.search(rf"^{name} (\S+)$", text, flags=re.MULTILINE)
    try:
        return float(found[1]) if found else None
    except ValueError:
        return None
