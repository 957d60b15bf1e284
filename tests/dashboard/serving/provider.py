"""A small OpenID provider on loopback that signs what a test wants it to say."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

__all__ = ["CLIENT", "SECRET", "Provider", "running_provider"]

CLIENT: Final = "control-tower"
SECRET: Final = "secret-shared-with-the-provider-for-tests"  # noqa: S105 - of a provider in a test

_KEY: Final = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
_OTHER_KEY: Final = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


class Provider:
    """What the provider says of the one reader it knows, and how it misbehaves if told to."""

    def __init__(self) -> None:
        """Know a reader with a verified address."""
        self.issuer = ""
        self.claims: dict[str, Any] = {
            "sub": "1",
            "email": "ada@example.com",
            "email_verified": True,
        }
        self.altered: dict[str, Any] = {}
        self.signs_with = "its key"
        self.has_id_token = True
        self.asked: dict[str, str] = {}
        self.token_requests: list[dict[str, str]] = []

    def authorize(self, address: str) -> str:
        """Take a browser's way in, and return the code it goes back with."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return "code-1"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Return the tokens for a code, or nothing if the question is not in order."""
        self.token_requests.append(form)
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            form.get("code") != "code-1"
            or authorization != f"Basic {wanted}"
            or form.get("redirect_uri") != self.asked["redirect_uri"]
            or challenge != self.asked["code_challenge"]
        ):
            return None
        answer = {"access_token": "access-1", "token_type": "Bearer", "expires_in": 60}
        return {**answer, "id_token": self._id_token()} if self.has_id_token else answer

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            **self.claims,
            **self.altered,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.signs_with == "nothing":
            parts = [{"alg": "none"}, claims]
            texts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts]
            return f"{texts[0].decode().rstrip('=')}.{texts[1].decode().rstrip('=')}."
        if self.signs_with == "the shared secret":
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(SECRET))
        key = _KEY if self.signs_with == "its key" else _OTHER_KEY
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider until the block ends."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            documents = {
                "/.well-known/openid-configuration": {
                    "issuer": provider.issuer,
                    "authorization_endpoint": f"{provider.issuer}/authorize",
                    "token_endpoint": f"{provider.issuer}/token",
                    "jwks_uri": f"{provider.issuer}/keys",
                    "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                },
                "/keys": {"keys": [_KEY.as_dict(private=False)]},
            }
            self._say(200 if self.path in documents else 404, documents.get(self.path, {}))

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            token = provider.token(form, self.headers.get("Authorization", ""))
            self._say(200 if token else 400, token or {"error": "invalid_grant"})

        def log_message(self, *_: object) -> None:
            pass

        def _say(self, status: int, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
