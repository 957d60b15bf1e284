"""Sign-in by name and password, which the browser asks for."""

import hashlib
import hmac
import logging
import math
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from flask import Flask, Response, request
from werkzeug.security import check_password_hash, generate_password_hash

from control_tower_dash.serving.addresses import client_of
from control_tower_dash.serving.health import HEALTH
from control_tower_dash.serving.sign_in.attempts import Attempts
from control_tower_dash.settings import DashboardSettings

__all__ = ["UsersError", "read_users", "register_basic"]

_LOG: Final = logging.getLogger(__name__)
_ALGORITHMS: Final = ("scrypt:", "pbkdf2:")
_FAILURES_OF_AN_ADDRESS: Final = 10
_FAILURES_OF_A_NAME: Final = 50
_SECONDS: Final = 300
_REMEMBERED: Final = 1024


class UsersError(ValueError):
    """The users cannot be read; the message says what to do."""


def read_users(settings: DashboardSettings) -> Mapping[str, str]:
    """Return the hash of each reader's password by name.

    Raises:
        UsersError: If there are none, or one is not written as name:hash.
    """
    text = settings.basic_users.get_secret_value() if settings.basic_users else ""
    if settings.basic_users_file:
        try:
            text += "\n" + settings.basic_users_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsersError(
                f"the users in {settings.basic_users_file} cannot be read ({error})"
            ) from None
    users: dict[str, str] = {}
    for entry in text.split():
        name, _, hashed = entry.partition(":")
        if not name or name in users or not _is_hash(hashed):
            raise UsersError(
                f"user {name or entry[:20]!r} is not usable; write each once, as name:hash, with "
                "the hash control-tower hash-password makes"
            )
        users[name] = hashed
    if not users:
        raise UsersError("there are no users; write each as name:hash")
    return users


def _is_hash(hashed: str) -> bool:
    if not hashed.startswith(_ALGORITHMS) or hashed.count("$") != 2:
        return False
    try:
        check_password_hash(hashed, "")
    except ValueError:
        return False
    return True


def register_basic(server: Flask, settings: DashboardSettings) -> None:
    """Let in who knows the password of a reader.

    Raises:
        UsersError: If the users cannot be read.
    """
    users = read_users(settings)
    # A name nobody has costs the same time as a wrong password.
    nobody = generate_password_hash(secrets.token_hex())
    by_address = Attempts(_FAILURES_OF_AN_ADDRESS, _SECONDS)
    by_name = Attempts(_FAILURES_OF_A_NAME, _SECONDS)
    verified = _Verified()

    @server.before_request
    def check() -> Response | None:
        if request.path in HEALTH:
            return None
        given = request.authorization
        if given is None or given.type != "basic" or given.username is None:
            return _ask()
        name, password = given.username, given.password or ""
        if verified.knows(name, password):
            return None
        address = client_of(request, settings.trusted_proxies)
        wait = max(by_address.seconds_to_wait(address), by_name.seconds_to_wait(name))
        if wait > 0:
            return _too_many(wait)
        if check_password_hash(users.get(name, nobody), password) and name in users:
            verified.remember(name, password)
            return None
        by_address.failed(address)
        by_name.failed(name)
        _LOG.warning("sign-in failed for %r from %s", name[:64], address)
        return _ask()


class _Verified:
    """Passwords found right, as keyed digests: hashing each request anew would cost 50 ms."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def knows(self, name: str, password: str) -> bool:
        with self._lock:
            return self._digest(name, password) in self._digests

    def remember(self, name: str, password: str) -> None:
        with self._lock:
            self._digests[self._digest(name, password)] = None
            while len(self._digests) > _REMEMBERED:
                self._digests.popitem(last=False)

    def _digest(self, name: str, password: str) -> bytes:
        text = f"{len(name)}:{name}:{password}"
        return hmac.new(self._key, text.encode("utf-8", "replace"), hashlib.sha256).digest()


def _ask() -> Response:
    return Response(
        "Sign in with your name and password.\n",
        status=401,
        mimetype="text/plain",
        headers={"WWW-Authenticate": 'Basic realm="Operations Control Tower", charset="UTF-8"'},
    )


def _too_many(seconds: float) -> Response:
    return Response(
        "Too many attempts; try again later.\n",
        status=429,
        mimetype="text/plain",
        headers={"Retry-After": str(math.ceil(seconds))},
    )
