"""A Zendesk on this machine: a real HTTP server that answers as Zendesk's documentation says.

It pages, holds back, lets tokens run out, cuts connections, repeats rows and leaves out the last
minute. Its clock is its own, so that nothing waits for real minutes.
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "FIRST_REFRESH_TOKEN", "FakeZendesk", "Faults"]

CLIENT_ID = "tower"
CLIENT_SECRET = "s3cr3t-of-the-client"  # noqa: S105 - the fake's own
FIRST_REFRESH_TOKEN = "refresh-token-0"  # noqa: S105

Json = dict[str, Any]

_LAST_MINUTE = 60
_SOON = 0.01
_LISTS = {
    "/api/v2/users": "users",
    "/api/v2/groups": "groups",
    "/api/v2/group_memberships": "group_memberships",
    "/api/v2/slas/policies": "sla_policies",
    "/api/v2/business_hours/schedules": "schedules",
    "/api/v2/satisfaction_ratings": "satisfaction_ratings",
    "/api/v2/guide/survey_responses": "survey_responses",
}
_TIMED = {
    "/api/v2/incremental/ticket_events": "ticket_events",
    "/api/v2/incremental/ticket_metric_events": "ticket_metric_events",
}


@dataclass
class Faults:
    """What goes wrong, and how often.

    Attributes:
        cut_every: Every so-manieth answer breaks off in its middle; 0 for none.
        fail_every: Every so-manieth answer is an error of the server's.
        garble_every: Every so-manieth answer is no JSON.
        token_lasts: Requests an access token is good for.
        requests_a_window: Requests to exports in one window; 0 for no limit.
        window_seconds: Length of the window, a minute at Zendesk; 0 lets it end when a request
            was held back, however long that took.
        refuse: Status by path, for what is not given.
    """

    cut_every: int = 0
    fail_every: int = 0
    garble_every: int = 0
    token_lasts: int = 10**9
    requests_a_window: int = 0
    window_seconds: float = 0
    refuse: dict[str, int] = field(default_factory=dict)


class FakeZendesk(AbstractContextManager["FakeZendesk"]):
    """A desk's records behind a server; use as a context, and read its `address`.

    Attributes:
        now: The desk's clock, seconds since 1970.
        requests: Path and query of every request answered with records.
        held_back: How many requests were answered with 429.
        tokens: Access tokens given out.
        refresh_tokens: Refresh tokens given out, the newest last; only that one is good.
    """

    def __init__(
        self,
        records: Mapping[str, Sequence[Json]],
        *,
        now: float,
        per_page: int = 15,
        faults: Faults | None = None,
    ) -> None:
        self.records: dict[str, Any] = dict(records)
        self.now = now
        self.per_page = per_page
        self.faults = faults or Faults()
        self.requests: list[str] = []
        self.tokens: list[str] = []
        self.refresh_tokens = [FIRST_REFRESH_TOKEN]
        self.held_back = 0
        self._answers = count(1)
        self._left = 0
        self._window = (0.0, 0)
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"desk": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def token(self, body: Json) -> tuple[int, Json]:
        """Answer a request for an access token."""
        with self._lock:
            if body.get("client_id") != CLIENT_ID or body.get("client_secret") != CLIENT_SECRET:
                return 401, {"error": "invalid_client", "error_description": f"no: {body}"}
            given: Json = {"token_type": "bearer", "scope": body.get("scope")}
            if body.get("grant_type") == "refresh_token":
                if body.get("refresh_token") != self.refresh_tokens[-1]:
                    return 400, {"error": "invalid_grant"}
                self.refresh_tokens.append(f"refresh-token-{len(self.refresh_tokens)}")
                given["refresh_token"] = self.refresh_tokens[-1]
            elif body.get("grant_type") != "client_credentials":
                return 400, {"error": "unsupported_grant_type"}
            self.tokens.append(f"access-token-{len(self.tokens) + 1}-0123456789")
            self._left = self.faults.token_lasts
            return 200, given | {"access_token": self.tokens[-1], "expires_in": 7200}

    def holds_back(self) -> float | None:
        """Return the seconds to wait if the limit of exports is reached."""
        if not self.faults.requests_a_window:
            return None
        with self._lock:
            begun, used = self._window
            if not self.faults.window_seconds:
                is_held = used >= self.faults.requests_a_window
                self.held_back += is_held
                self._window = (begun, 0 if is_held else used + 1)
                return _SOON if is_held else None
            passed = time.monotonic() - begun
            if passed >= self.faults.window_seconds:
                begun, used, passed = time.monotonic(), 0, 0.0
            if used >= self.faults.requests_a_window:
                self.held_back += 1
                return self.faults.window_seconds - passed
            self._window = (begun, used + 1)
            return None

    def is_signed(self, header: str) -> bool:
        """Return whether a request carries the newest token, and that is still good."""
        with self._lock:
            self._left -= 1
            return bool(self.tokens) and header == f"Bearer {self.tokens[-1]}" and self._left >= 0

    def fault(self) -> str | None:
        """Return what goes wrong with the next answer."""
        number = next(self._answers)
        for name in ("cut", "fail", "garble"):
            every = getattr(self.faults, f"{name}_every")
            if every and number % every == 0:
                return name
        return None

    def answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, Json]:
        """Answer a request for records."""
        status = self.faults.refuse.get(path)
        if status:
            return status, {"error": "Forbidden", "description": "You do not have access"}
        if path == "/api/v2/incremental/tickets/cursor":
            return self._by_cursor(query)
        if path in _TIMED:
            return self._by_time(_TIMED[path], int(query["start_time"][0]))
        if path.endswith("/holidays"):
            return 200, {"holidays": self.records["holidays"].get(path.split("/")[-2], [])}
        if path in _LISTS:
            return self._list(_LISTS[path], query)
        return 404, {"error": "RecordNotFound"}

    def _visible(self, name: str, stamp: str) -> tuple[Sequence[Json], int]:
        """Return a stream's records, and how many of them are older than the last minute."""
        rows: Sequence[Json] = self.records[name]
        return rows, _first_from(rows, stamp, int(self.now) - _LAST_MINUTE + 1)

    def _by_cursor(self, query: Mapping[str, list[str]]) -> tuple[int, Json]:
        rows, visible = self._visible("tickets", "generated_timestamp")
        if "cursor" in query:
            stamp, _, key = query["cursor"][0].removeprefix("c").partition("-")
            after = _first_from(rows, "generated_timestamp", int(stamp))
            while after < visible and rows[after]["id"] != int(key):
                after += 1
            # A page begins with the row the one before ended with.
        else:
            after = _first_from(rows, "generated_timestamp", int(query["start_time"][0]))
        reached = min(visible, after + self.per_page + ("cursor" in query))
        page = rows[after:reached]
        last = page[-1] if page else None
        cursor = f"c{last['generated_timestamp']}-{last['id']}" if last else None
        return 200, {
            "tickets": page,
            "after_cursor": cursor,
            "after_url": f"{self.address}/api/v2/incremental/tickets/cursor?cursor={cursor}",
            "end_of_stream": reached >= visible,
        }

    def _by_time(self, name: str, start: int) -> tuple[int, Json]:
        if start > self.now - _LAST_MINUTE:
            return 422, {"error": "StartTimeTooRecent"}
        rows, visible = self._visible(name, "timestamp")
        begin = _first_from(rows, "timestamp", start)
        end = min(visible, begin + self.per_page)
        # All of a second come on one page, or the next page would begin with the same ones.
        while begin < end < visible and rows[end]["timestamp"] == rows[end - 1]["timestamp"]:
            end += 1
        page = rows[begin:end]
        last = page[-1]["timestamp"] if page else start
        if page and end < visible and last == start:
            last += 1
        return 200, {
            name: page,
            "count": len(page),
            "end_time": last,
            # There is a next page even at the end.
            "next_page": f"{self.address}/api/v2/incremental/{name}?start_time={last}",
            "end_of_stream": end >= visible,
        }

    def _list(self, name: str, query: Mapping[str, list[str]]) -> tuple[int, Json]:
        rows = self.records.get(name, [])
        begin = int(query.get("page[after]", ["0"])[0])
        end = begin + min(self.per_page, int(query.get("page[size]", ["100"])[0]))
        more = end < len(rows)
        return 200, {
            name: rows[begin:end],
            "meta": {"has_more": more, "after_cursor": str(end) if more else None},
        }


def _first_from(rows: Sequence[Json], stamp: str, start: int) -> int:
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if rows[middle][stamp] < start:
            low = middle + 1
        else:
            high = middle
    return low


class _Handler(BaseHTTPRequestHandler):
    desk: ClassVar[FakeZendesk]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the desk's own time."""
        return formatdate(self.desk.now if timestamp is None else timestamp, usegmt=True)

    def do_POST(self) -> None:
        """Give out tokens."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if urlsplit(self.path).path != "/oauth/tokens":
            self._send(404, {})
            return
        self._send(*self.desk.token(body))

    def do_GET(self) -> None:
        """Give out records."""
        parts = urlsplit(self.path)
        if not self.desk.is_signed(self.headers.get("Authorization", "")):
            self._send(401, {"error": "invalid_token"})
            return
        is_export = parts.path.startswith("/api/v2/incremental/")
        seconds = self.desk.holds_back() if is_export else None
        if seconds is not None:
            self._send(429, {"error": "APIRateLimitExceeded"}, {"Retry-After": f"{seconds:.3f}"})
            return
        fault = self.desk.fault()
        if fault == "fail":
            self._send(503, {"error": "unavailable"})
            return
        if fault == "garble":
            self._write(200, b"<html>be right back</html>", {}, len(b"<html>be right back</html>"))
            return
        self.desk.requests.append(self.path)
        status, content = self.desk.answer(parts.path, parse_qs(parts.query))
        body = json.dumps(content).encode()
        if fault == "cut":
            self._write(status, body[: len(body) // 2], {}, len(body))
            self.close_connection = True
            return
        self._write(status, body, {}, len(body))

    def _send(self, status: int, content: Json, headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(content).encode()
        self._write(status, body, headers or {}, len(body))

    def _write(self, status: int, body: bytes, headers: Mapping[str, str], length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
