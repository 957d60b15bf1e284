"""Whether the dashboard is up, whether it can show anything, and which snapshot it shows."""

from datetime import datetime
from typing import Final

from flask import Flask, Response, jsonify

from control_tower_dash.warehouse import NoSnapshotError, Warehouse

__all__ = ["HEALTH", "register_health"]

HEALTH: Final = frozenset({"/healthz", "/readyz"})
"""What anybody may ask, for it tells nothing of the data."""


def register_health(server: Flask, warehouse: Warehouse) -> None:
    """Answer `/healthz`, `/readyz` and, for open pages that watch for news, `/version`."""

    @server.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @server.get("/readyz")
    def readyz() -> Response:
        try:
            warehouse.current()
        except NoSnapshotError:
            return Response("no snapshot can be read\n", status=503, mimetype="text/plain")
        return Response("ready\n", mimetype="text/plain")

    @server.get("/version")
    def version() -> Response:
        problem = warehouse.problem()
        try:
            shown = warehouse.current()
        except NoSnapshotError as error:
            return jsonify(snapshot_id=None, generated_at=None, problem=str(error))
        published = shown.info.get("published_at")
        return jsonify(
            snapshot_id=shown.snapshot_id,
            generated_at=published.isoformat() if isinstance(published, datetime) else None,
            problem=problem,
        )
