"""What every request must be like, and what every answer tells the browser."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.sansio.utils import host_is_trusted

from control_tower_dash.answers import ANSWERS
from control_tower_dash.serving.health import HEALTH
from control_tower_dash.settings import DashboardSettings

__all__ = ["protect"]

_LARGEST_REQUEST_BYTES: Final = 2 * 2**20
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def protect(server: Flask, settings: DashboardSettings, script_hashes: Sequence[str]) -> None:
    """Refuse what no reader's browser asks for, and send the security headers.

    Args:
        server: The app.
        settings: Its settings; they name the hosts it may be asked for.
        script_hashes: Of Dash's inline scripts, as a content security policy writes them.
    """
    server.debug = False
    server.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST_BYTES
    names = settings.names()
    policy = _policy(script_hashes)

    @server.before_request
    def refuse() -> Response | None:
        if request.path in HEALTH:
            return None
        if not _is_known(request.host, names):
            return _refusal(
                421, "This host name is not one of the dashboard's; CONTROL_TOWER_ALLOWED_HOSTS is."
            )
        is_question = request.method not in _SAFE or request.path.startswith(f"{ANSWERS}/")
        if is_question and not _is_of_own_pages(names):
            return _refusal(403, "Only the dashboard's own pages may ask this.")
        return None

    @server.after_request
    def tell(response: Response) -> Response:
        for name, value in _FIXED.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cache-Control", "no-store")
        if settings.is_https():
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def _policy(script_hashes: Sequence[str]) -> str:
    scripts = " ".join(("'self'", *script_hashes))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            # Plotly, Mantine and AG Grid write style elements and attributes of their own.
            "style-src 'self' 'unsafe-inline'",
            # Figures are turned into pictures by way of blob: and data: addresses.
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _is_known(host: str, names: frozenset[str]) -> bool:
    if not host_is_trusted(host):
        return False
    return "*" in names or (urlsplit(f"//{host}").hostname or "") in names


def _is_of_own_pages(names: frozenset[str]) -> bool:
    """Return whether a request comes from a page of ours, or from no page at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    asked = urlsplit(origin)
    # A proxy may ask under another name than the reader's browser did.
    return asked.netloc == request.host or ("*" not in names and asked.hostname in names)


def _refusal(status: int, says: str) -> Response:
    return Response(f"{says}\n", status=status, mimetype="text/plain")
