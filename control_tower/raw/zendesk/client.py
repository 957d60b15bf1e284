"""Requests to Zendesk's interface: signed, held back when it says so, tried again when cut off.

httpx does the plumbing: it is small, already part of the environment, and its authentication flow
renews a token within a request. Pages, waits and resumption are Zendesk's own, and no client of it
knows them better than the few lines here.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final, Self

import httpx
import orjson

from control_tower.raw.zendesk.errors import ZendeskError, ZendeskRefusedError
from control_tower.raw.zendesk.tokens import Credentials, OAuth
from control_tower.raw.zendesk.values import Record, as_record

__all__ = ["Answer", "ZendeskClient"]

_TIMEOUT: Final = httpx.Timeout(120, connect=15)
_TRIES: Final = 8
_LONGEST_PAUSE: Final = 60.0
_LONGEST_HOLD: Final = 3600.0
_DEFAULT_HOLD: Final = 60.0
_HOLDS: Final = 30
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Answer:
    """One answer of Zendesk.

    Attributes:
        content: The JSON object.
        asked_at: Zendesk's clock when it was asked (UTC), rather too early than too late.
    """

    content: Record
    asked_at: datetime


class ZendeskClient:
    """Gets JSON from one Zendesk. Use as a context."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        tell: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url
        self._tell = tell
        self._sleep = sleep
        self._http = httpx.Client(
            auth=OAuth(base_url, credentials),
            timeout=_TIMEOUT,
            # A token must not follow a redirect to where it does not belong.
            follow_redirects=False,
            trust_env=httpx.URL(base_url).host not in _LOOPBACK,
            headers={"Accept": "application/json", "User-Agent": "operations-control-tower"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, parameters: Mapping[str, str | int | list[str]], what: str) -> Answer:
        """Return one answer, waiting as long as Zendesk asks for.

        Args:
            path: Path below the address of the Zendesk.
            parameters: Its query.
            what: What is asked for, in words for an error.

        Raises:
            ZendeskRefusedError: If the plan or the client's permissions do not allow it.
            ZendeskError: If Zendesk cannot be reached, is not well, or gives no JSON object.
        """
        holds = 0
        failures: list[str] = []
        while len(failures) < _TRIES:
            try:
                response = self._http.get(f"{self._base_url}{path}", params=dict(parameters))
            except httpx.RequestError as error:
                failures.append(f"{type(error).__name__}: {error}" if str(error) else "cut off")
            else:
                if response.status_code == httpx.codes.TOO_MANY_REQUESTS and holds < _HOLDS:
                    holds += 1
                    self._hold(response)
                    continue
                if response.is_success:
                    content = _read(response)
                    if content is not None:
                        return Answer(as_record(content, f"Zendesk's {what}"), _clock(response))
                    failures.append("the answer was no JSON")
                elif response.is_server_error or response.status_code in (408, 429):
                    failures.append(f"status {response.status_code}")
                else:
                    raise self._refusal(response, what)
            self._sleep(min(_LONGEST_PAUSE, 2.0 ** (len(failures) - 1)))
        raise ZendeskError(
            f"{self._base_url} did not give {what} in {_TRIES} tries (the last: {failures[-1]}); "
            "check the network and the subdomain, then run again: it goes on where it stopped"
        )

    def _hold(self, response: httpx.Response) -> None:
        try:
            seconds = float(response.headers.get("Retry-After", _DEFAULT_HOLD))
        except ValueError:
            seconds = _DEFAULT_HOLD
        if not 0 <= seconds <= _LONGEST_HOLD:
            seconds = _DEFAULT_HOLD
        self._tell(f"waiting {seconds:.0f} s, as Zendesk asks")
        self._sleep(seconds)

    def _refusal(self, response: httpx.Response, what: str) -> ZendeskError:
        status = response.status_code
        if status == httpx.codes.UNAUTHORIZED:
            return ZendeskError(
                f"Zendesk took a new token for {what} and refused it; check that the OAuth client "
                "is active and its user still an admin"
            )
        if status in (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.PAYMENT_REQUIRED):
            return ZendeskRefusedError(
                f"Zendesk does not give {what} (status {status}): the plan lacks it, or the OAuth "
                "client needs the scope 'read' and a user who is an admin"
            )
        return ZendeskError(
            f"Zendesk refused to give {what} (status {status}); check the subdomain, or report "
            "this if it stays so"
        )


def _read(response: httpx.Response) -> object:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None


def _clock(response: httpx.Response) -> datetime:
    try:
        answered_at = parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        answered_at = datetime.now(UTC)
    return answered_at - response.elapsed
