"""Access to Zendesk by OAuth: tokens that run out are renewed, and secrets stay where they are.

Secrets are held in memory only. The one exception is a refresh token, which Zendesk replaces at
every use: the newest is kept in a file that only its owner can read.
"""

import hashlib
import os
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import orjson

from control_tower.disk import flush_to_disk
from control_tower.raw.zendesk.errors import ZendeskError

__all__ = ["Credentials", "OAuth"]

_TOKENS: Final = "/oauth/tokens"
_SCOPE: Final = "read"
_EARLY_SECONDS: Final = 60
_UNAUTHORIZED: Final = 401
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True)
class Credentials:
    """How the tower proves who it is.

    Attributes:
        client_id: Identifier of the OAuth client.
        client_secret: Its secret.
        refresh_token: The first refresh token; None to use the client's own credentials.
        token_file: Where the newest refresh token is kept; needed with a refresh token.
    """

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    token_file: Path | None = None


class OAuth(httpx.Auth):
    """Signs requests, gets a new access token before one runs out, and again if one is refused."""

    requires_response_body = True

    def __init__(self, base_url: str, credentials: Credentials) -> None:
        self._url = f"{base_url}{_TOKENS}"
        self._credentials = credentials
        self._token: str | None = None
        self._runs_out = 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign a request, renewing the token where needed.

        Raises:
            ZendeskError: If Zendesk gives no token, or the newest cannot be kept.
        """
        if self._token is None or time.monotonic() > self._runs_out:
            answer = yield self._asking()
            if not self._take(answer):
                return
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            answer = yield self._asking()
            if not self._take(answer):
                return
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _asking(self) -> httpx.Request:
        wanted = {
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "scope": _SCOPE,
        }
        if self._credentials.refresh_token is None:
            wanted["grant_type"] = "client_credentials"
        else:
            wanted["grant_type"] = "refresh_token"
            wanted["refresh_token"] = self._newest_refresh_token()
        return httpx.Request(
            "POST",
            self._url,
            content=orjson.dumps(wanted),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )

    def _take(self, answer: httpx.Response) -> bool:
        """Keep the token an answer holds; False where asking again may help."""
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            self._token = None
            return False
        try:
            given = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            given = None
        if not isinstance(given, dict) or not answer.is_success:
            raise ZendeskError(self._refusal(answer.status_code, given))
        token, lasts = given.get("access_token"), given.get("expires_in")
        if not isinstance(token, str) or not token:
            raise ZendeskError("Zendesk gave no access token; check the OAuth client in Zendesk")
        if self._credentials.refresh_token is not None:
            self._keep(given.get("refresh_token"))
        self._token = token
        self._runs_out = float("inf")
        if isinstance(lasts, int | float) and not isinstance(lasts, bool):
            self._runs_out = time.monotonic() + max(lasts - _EARLY_SECONDS, lasts / 2)
        return True

    def _refusal(self, status: int, given: object) -> str:
        reason = given.get("error") if isinstance(given, dict) else None
        if status == httpx.codes.NOT_FOUND or status in range(300, 400):
            return (
                f"there is no Zendesk at {self._url.removesuffix(_TOKENS)} (status {status}); "
                "correct CONTROL_TOWER_ZENDESK_SUBDOMAIN"
            )
        if reason == "invalid_grant" and self._credentials.refresh_token is not None:
            return (
                "Zendesk does not know the refresh token any more; authorize the client again and "
                "set the new CONTROL_TOWER_ZENDESK_REFRESH_TOKEN"
            )
        if reason == "invalid_scope":
            return f"the OAuth client may not have the scope {_SCOPE!r}; allow it in Zendesk"
        # What else Zendesk says may repeat what was sent, and so is not shown.
        return (
            f"Zendesk refused the OAuth client (status {status}); check "
            "CONTROL_TOWER_ZENDESK_CLIENT_ID and CONTROL_TOWER_ZENDESK_CLIENT_SECRET, and that the "
            "client is confidential and active"
        )

    def _newest_refresh_token(self) -> str:
        first, path = self._credentials.refresh_token, self._token_file()
        kept: object = None
        try:
            kept = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            pass
        except (OSError, orjson.JSONDecodeError):
            raise ZendeskError(
                f"{path}, which keeps the refresh token, cannot be read; authorize the client "
                "again, remove the file and set the new token"
            ) from None
        # A first token other than the one the file began with was given since, and is newer.
        if isinstance(kept, dict) and kept.get("began_with") == _fingerprint(first or ""):
            newest = kept.get("refresh_token")
            if isinstance(newest, str) and newest:
                return newest
        return first or ""

    def _keep(self, refresh_token: object) -> None:
        if not isinstance(refresh_token, str) or not refresh_token:
            return
        path = self._token_file()
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        first = _fingerprint(self._credentials.refresh_token or "")
        content = orjson.dumps({"began_with": first, "refresh_token": refresh_token})
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            partial.chmod(_OWNER_ONLY)
            flush_to_disk(partial)
            partial.replace(path)
            flush_to_disk(path.parent)
        except OSError as error:
            raise ZendeskError(
                f"the new refresh token cannot be kept in {path} ({error.strerror or error}); "
                "correct the permissions, authorize the client again and set the new token"
            ) from None

    def _token_file(self) -> Path:
        if self._credentials.token_file is None:
            raise ZendeskError(
                "a refresh token is replaced at every use: name a file that keeps the newest with "
                "CONTROL_TOWER_ZENDESK_TOKEN_FILE, or use the client's own credentials"
            )
        return self._credentials.token_file


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
