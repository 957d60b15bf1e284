"""The tower's metrics: of the last daily run and of a snapshot, in Prometheus' terms.

Moments are told as they are, not as ages: whoever scrapes works out `time() - …`, and a figure
that was written once does not grow wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from control_tower.alerts.risk import RISKS

__all__ = ["LastRun", "Past", "SnapshotFigures", "run_metrics", "snapshot_metrics"]

_AT_RISK: Final = f"""
select {list(RISKS)}[place] as risk, count(*) as tickets
from (
    select min(list_position({list(RISKS)}, risk)) as place
    from alerts.at_risk_tickets
    group by ticket_id
)
where place is not null
group by place
"""  # noqa: S608 - names of this project's own
_ROWS: Final = """
select
    schema_name || '.' || table_name as name,
    estimated_size as rows
from duckdb_tables()
order by name
"""


@dataclass(frozen=True)
class LastRun:
    """A daily run that has ended.

    Attributes:
        succeeded: Whether it did all it had to.
        started_at: When it began, seconds since 1970.
        ended_at: When it ended, seconds since 1970.
        step_seconds: Seconds each step took, by its name.
        asset_seconds: Seconds each asset took, where known.
        checks: How many checks passed, warned and failed.
    """

    succeeded: bool
    started_at: float
    ended_at: float
    step_seconds: Mapping[str, float] = field(default_factory=dict)
    asset_seconds: Mapping[str, float] = field(default_factory=dict)
    checks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """What is known of the daily runs up to the last, that one included.

    Attributes:
        succeeded_at: When one succeeded last, seconds since 1970; None if that is not known.
        failed_at: When one failed last, seconds since 1970; None if none did.
        failures: How many failed, ever.
    """

    succeeded_at: float | None
    failed_at: float | None
    failures: int


@dataclass(frozen=True)
class SnapshotFigures:
    """A snapshot as metrics tell of it; None where it does not say."""

    published_at: datetime | None
    as_of: datetime | None
    newest_event_at: datetime | None
    checks: Mapping[str, int]
    rows: Mapping[str, int]
    tickets_at_risk: Mapping[str, int]

    @classmethod
    def read(cls, query: Callable[[str], pl.DataFrame]) -> "SnapshotFigures":
        """Read the figures.

        Args:
            query: Returns what a select finds in the snapshot, its times in UTC.
        """
        info = query("select * from meta.snapshot").row(0, named=True)
        newest = query("select max(occurred_at) as newest from staging.stg_ticket_events").item()
        found = dict(query(_AT_RISK).select("risk", "tickets").iter_rows())
        return cls(
            published_at=_moment(info.get("published_at")),
            as_of=_moment(info.get("as_of")),
            newest_event_at=_moment(newest),
            checks={
                outcome: int(info[f"checks_{outcome}"])
                for outcome in ("passed", "warned")
                if info.get(f"checks_{outcome}") is not None
            },
            rows=dict(query(_ROWS).select("name", "rows").iter_rows()),
            # A class nobody is in is told of, too, so that its line does not vanish.
            tickets_at_risk={risk: int(found.get(risk, 0)) for risk in RISKS},
        )


def run_metrics(run: LastRun, past: Past) -> Iterator[Metric]:
    """Yield the metrics of the last daily run."""
    yield _gauge("run_success", "Whether the last daily run succeeded: 1 or 0", run.succeeded)
    yield _gauge("run_start_timestamp_seconds", "When the last daily run began", run.started_at)
    yield _gauge("run_end_timestamp_seconds", "When the last daily run ended", run.ended_at)
    yield _gauge(
        "run_duration_seconds",
        "Seconds the last daily run took",
        max(run.ended_at - run.started_at, 0.0),
    )
    yield _gauge(
        "last_success_timestamp_seconds", "When a daily run last succeeded", past.succeeded_at
    )
    yield _gauge("last_failure_timestamp_seconds", "When a daily run last failed", past.failed_at)
    failures = CounterMetricFamily(
        "control_tower_failed_runs", "Daily runs that failed, since records began"
    )
    failures.add_metric([], past.failures)
    yield failures
    yield _gauges(
        "step_duration_seconds",
        "Seconds a step of the last daily run took",
        "step",
        run.step_seconds,
    )
    yield _gauges(
        "asset_duration_seconds",
        "Seconds an asset of the last daily run took, where known",
        "asset",
        run.asset_seconds,
    )
    yield _gauges(
        "run_checks",
        "Checks of the last daily run: passed, warned or failed",
        "outcome",
        {outcome: run.checks.get(outcome, 0) for outcome in ("passed", "warned", "failed")},
    )


def snapshot_metrics(figures: SnapshotFigures, size_bytes: int | None) -> Iterator[Metric]:
    """Yield the metrics of a published snapshot; of its tickets only how many."""
    yield _gauge(
        "snapshot_published_timestamp_seconds",
        "When the snapshot was published",
        _seconds(figures.published_at),
    )
    yield _gauge(
        "snapshot_as_of_timestamp_seconds",
        "The tower's clock in the snapshot",
        _seconds(figures.as_of),
    )
    yield _gauge(
        "snapshot_newest_event_timestamp_seconds",
        "When the newest event in the snapshot happened",
        _seconds(figures.newest_event_at),
    )
    yield _gauge("snapshot_size_bytes", "Size of the snapshot's file", size_bytes)
    yield _gauges(
        "snapshot_checks",
        "Checks of what is in the snapshot: passed or warned",
        "outcome",
        figures.checks,
    )
    yield _gauges("table_rows", "Rows of a table in the snapshot", "table", figures.rows)
    yield _gauges(
        "tickets_at_risk",
        "Open tickets by the most urgent class of their clocks",
        "risk",
        figures.tickets_at_risk,
    )


def _gauge(name: str, says: str, value: float | None) -> Metric:
    gauge = GaugeMetricFamily(f"control_tower_{name}", says)
    if value is not None:
        gauge.add_metric([], float(value))
    return gauge


def _gauges(name: str, says: str, label: str, values: Mapping[str, float]) -> Metric:
    gauge = GaugeMetricFamily(f"control_tower_{name}", says, labels=[label])
    for key, value in values.items():
        gauge.add_metric([key], value)
    return gauge


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
