"""Sign-in by a proxy in front, which names the reader in a header."""

from typing import Final

from flask import Flask, Response, request

from control_tower_dash.serving.addresses import is_one_of
from control_tower_dash.serving.health import HEALTH
from control_tower_dash.settings import DashboardSettings

__all__ = ["register_proxy"]

_LONGEST_NAME: Final = 256


def register_proxy(server: Flask, settings: DashboardSettings) -> None:
    """Let in whom a trusted proxy names; the header of anybody else is worth nothing."""
    header = settings.proxy_user_header

    @server.before_request
    def check() -> Response | None:
        if request.path in HEALTH:
            return None
        if not is_one_of(request.remote_addr, settings.trusted_proxies):
            return Response("Come through the proxy.\n", status=403, mimetype="text/plain")
        name = request.headers.get(header, "").strip()
        # More than one name, joined by a comma: the proxy let one through that a client sent.
        if not name or "," in name or len(name) > _LONGEST_NAME:
            return Response(
                f"The proxy did not name the reader in {header}.\n",
                status=401,
                mimetype="text/plain",
            )
        return None
