"""`/metrics`: what the dashboard's processes did, and which snapshot they show, for Prometheus.

The command's workers count into files they share (prometheus_client's multiprocess mode), so that
whichever answers tells the sums of all, past workers included. Of the snapshot it tells what it
would show itself: all follow the same link, and none keeps another for longer than a request.
"""

import hmac
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, cast

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from control_tower.monitoring.metrics import SnapshotFigures, snapshot_metrics
from control_tower.monitoring.metrics_file import as_text
from control_tower.publishing.link import snapshot_path
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import NoSnapshotError, QueryError, Warehouse

__all__ = ["METRICS", "register_metrics", "require_metrics_token"]

METRICS: Final = "/metrics"

_SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; most answers come from memory, and gunicorn gives up after two minutes."""


def register_metrics(server: Flask, settings: DashboardSettings, warehouse: Warehouse) -> None:
    """Count and time every request, also those refused, and answer `/metrics`.

    Who may read it is for `require_metrics_token` and the sign-in to say, registered afterwards.
    """
    registry = CollectorRegistry()
    requests = Counter(
        "control_tower_dashboard_requests",
        "Requests answered, by method, route and status",
        ["method", "route", "status"],
        registry=registry,
    )
    seconds = Histogram(
        "control_tower_dashboard_request_duration_seconds",
        "Seconds from a request to its answer, by route",
        ["route"],
        buckets=_BUCKETS,
        registry=registry,
    )
    errors = Counter(
        "control_tower_dashboard_errors",
        "Requests that ended with an error of the dashboard's own, by route",
        ["route"],
        registry=registry,
    )

    @server.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @server.after_request
    def count(response: Response) -> Response:
        # The rule and not the path: whoever asks for a thousand paths makes no thousand series.
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        requests.labels(method, route, str(response.status_code)).inc()
        if response.status_code >= 500:
            errors.labels(route).inc()
        if "began" in g:
            seconds.labels(route).observe(time.perf_counter() - g.began)
        return response

    @server.get(METRICS)
    def metrics() -> Response:
        told = [*_counted(registry), *_of_snapshot(settings, warehouse)]
        return Response(as_text(told), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def require_metrics_token(server: Flask, settings: DashboardSettings) -> None:
    """Where a token is set, let in to `/metrics` whoever sends it, and nobody else.

    Where none is, `/metrics` is read by whoever may read the pages.
    """
    if settings.metrics_token is None:
        return
    expected = settings.metrics_token.get_secret_value().encode()

    @server.before_request
    def check() -> Response | None:
        if request.path != METRICS:
            return None
        given = request.authorization
        sent = (given.token or "").encode() if given and given.type == "bearer" else b""
        if not hmac.compare_digest(sent, expected):
            return Response(
                "Send the token CONTROL_TOWER_METRICS_TOKEN as a bearer token.\n",
                status=401,
                mimetype="text/plain",
                headers={"WWW-Authenticate": "Bearer"},
            )
        # Answered here, so that no sign-in asks for more.
        return cast(Response, server.view_functions["metrics"]())


def _counted(registry: CollectorRegistry) -> Iterator[Metric]:
    if os.environ.get(_SHARED_FOLDER):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    for metric in registry.collect():
        # When a series began is of no use to whoever scrapes, and not known of all workers.
        metric.samples = [one for one in metric.samples if not one.name.endswith("_created")]
        yield metric


def _of_snapshot(settings: DashboardSettings, warehouse: Warehouse) -> Iterator[Metric]:
    readable = GaugeMetricFamily(
        "control_tower_dashboard_has_snapshot", "Whether a snapshot can be shown: 1 or 0"
    )
    shown = GaugeMetricFamily(
        "control_tower_dashboard_snapshot_info",
        "The snapshot that is shown, by its id; always 1",
        labels=["snapshot_id"],
    )
    try:
        snapshot = warehouse.current()
    except NoSnapshotError:
        readable.add_metric([], 0)
        yield readable
        return
    readable.add_metric([], 1)
    shown.add_metric([snapshot.snapshot_id], 1)
    yield readable
    yield shown
    # Another version of the tower may have published it: then there are fewer figures, no error.
    with suppress(QueryError, OSError):
        figures = SnapshotFigures.read(snapshot.query)
        size = snapshot_path(settings.data_dir, snapshot.snapshot_id).stat().st_size
        yield from snapshot_metrics(figures, size)
