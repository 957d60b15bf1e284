"""Sign-in through an OpenID provider: authorization code with PKCE, state and nonce."""

import html
import logging
import time
from datetime import timedelta
from typing import Any, Final

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, redirect, request, session
from joserfc.errors import JoseError
from pydantic import SecretStr
from werkzeug.wrappers import Response as AnyResponse

from control_tower_dash.serving.health import HEALTH
from control_tower_dash.serving.sign_in.admission import is_admitted, local_path
from control_tower_dash.settings import DashboardSettings

__all__ = ["CALLBACK", "SIGN_IN", "SIGN_OUT", "register_oidc"]

SIGN_IN: Final = "/sign-in"
CALLBACK: Final = "/sign-in/callback"
SIGN_OUT: Final = "/sign-out"

_LOG: Final = logging.getLogger(__name__)
_PROVIDER: Final = "provider"
_PROVIDER_SECONDS: Final = 10
_CLOCK_SECONDS: Final = 30
_BEGUN_AT_MOST: Final = 3
_LONGEST_PATH: Final = 1000
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
_REFUSED: Final = (AuthlibBaseError, JoseError, KeyError, ValueError, TypeError)


class _ProviderError(RuntimeError):
    """The provider is not the one it should be."""


def register_oidc(server: Flask, settings: DashboardSettings) -> None:
    """Let in whom the provider vouches for and the settings admit; the session is a signed cookie.

    `/sign-in` leads to the provider, `/sign-in/callback` back; a POST to `/sign-out` ends the
    session.
    """
    _configure_session(server, settings, _given(settings.session_secret))
    issuer = (settings.oidc_issuer or "").rstrip("/")
    redirect_uri = f"{(settings.public_url or '').rstrip('/')}{CALLBACK}"
    provider = OAuth(server).register(
        _PROVIDER,
        client_id=settings.oidc_client_id,
        client_secret=_given(settings.oidc_client_secret),
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": " ".join(settings.oidc_scopes),
            "code_challenge_method": "S256",
            "default_timeout": _PROVIDER_SECONDS,
        },
    )
    claims: dict[str, dict[str, Any]] = {
        "iss": {"essential": True},
        "aud": {"essential": True, "value": settings.oidc_client_id},
    }

    def know_provider() -> None:
        metadata = provider.load_server_metadata()
        if str(metadata.get("issuer", "")).rstrip("/") != issuer:
            raise _ProviderError(f"the provider calls itself {metadata.get('issuer')!r}")
        claims["iss"]["value"] = metadata["issuer"]
        offered = metadata.get("id_token_signing_alg_values_supported", _ALGORITHMS)
        # What is signed with the shared secret, or not at all, is not taken.
        metadata["id_token_signing_alg_values_supported"] = [
            name for name in offered if name in _ALGORITHMS
        ]

    @server.before_request
    def check() -> AnyResponse | None:
        if request.path in (*HEALTH, SIGN_IN, CALLBACK):
            return None
        if session.get("until", 0) > time.time():
            return None
        if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
            wanted = request.full_path.rstrip("?")
            session["wanted"] = wanted if len(wanted) <= _LONGEST_PATH else request.path[:1]
            return redirect(SIGN_IN)
        return Response("Sign in first.\n", status=401, mimetype="text/plain")

    @server.get(SIGN_IN)
    def sign_in() -> AnyResponse:
        try:
            know_provider()
            _forget_begun()
            answer: AnyResponse = provider.authorize_redirect(redirect_uri)
        except (requests.RequestException, _ProviderError, *_REFUSED) as error:
            return _unreachable(error)
        return answer

    @server.get(CALLBACK)
    def callback() -> AnyResponse:
        wanted = local_path(session.get("wanted"))
        try:
            know_provider()
            token = provider.authorize_access_token(claims_options=claims, leeway=_CLOCK_SECONDS)
            claimed: dict[str, Any] = dict(token["userinfo"])
        except (requests.RequestException, _ProviderError) as error:
            return _unreachable(error)
        except _REFUSED as error:
            _LOG.warning("sign-in refused: %s: %s", type(error).__name__, error)
            return _page(403, "Signing in did not work.", again="Try again")
        session.clear()
        if not is_admitted(claimed, settings):
            _LOG.warning("sign-in refused: %r is not admitted", str(claimed.get("sub"))[:64])
            return _page(
                403, "You may not read this dashboard; ask who runs it.", again="Try again"
            )
        session.permanent = True
        session["reader"] = str(claimed.get("email") or claimed["sub"])[:256]
        session["until"] = time.time() + 3600 * settings.session_hours
        return redirect(wanted)

    @server.post(SIGN_OUT)
    def sign_out() -> AnyResponse:
        session.clear()
        return _page(200, "You are signed out of the dashboard.", again="Sign in again")


def _given(secret: SecretStr | None) -> str:
    """Return a secret the settings made sure of."""
    return secret.get_secret_value() if secret else ""


def _configure_session(server: Flask, settings: DashboardSettings, secret: str) -> None:
    server.secret_key = secret
    server.config.update(
        # The prefix binds the cookie to this host and to https.
        SESSION_COOKIE_NAME="__Host-control-tower" if settings.is_https() else "control-tower",
        SESSION_COOKIE_SECURE=settings.is_https(),
        SESSION_COOKIE_HTTPONLY=True,
        # Strict would hide the session from the way back from the provider.
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
    )


def _forget_begun() -> None:
    """Drop sign-ins begun earlier and never finished: a cookie holds 4 kB."""
    begun = [name for name in session if name.startswith(f"_state_{_PROVIDER}_")]
    for name in begun[: max(0, len(begun) - _BEGUN_AT_MOST + 1)]:
        session.pop(name)


def _unreachable(error: Exception) -> Response:
    _LOG.error("the OpenID provider cannot be used: %s: %s", type(error).__name__, error)
    return _page(502, "The sign-in service cannot be used right now.", again="Try again")


def _page(status: int, says: str, *, again: str) -> Response:
    return Response(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        "<title>Operations Control Tower</title>"
        f"<main><h1>Operations Control Tower</h1><p>{html.escape(says)}</p>"
        f'<p><a href="/">{html.escape(again)}</a></p></main></html>',
        status=status,
        mimetype="text/html",
    )
