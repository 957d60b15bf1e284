"""What is fetched from Zendesk, stream by stream, and how each one's pages follow each other.

Incremental exports come in two kinds: by cursor, and by time, where a page begins with the second
the one before ended in and so repeats rows. Both end when Zendesk says so. Lists are short and are
read whole every time.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.zendesk.client import Answer, ZendeskClient
from control_tower.raw.zendesk.errors import ZendeskError, ZendeskRefusedError
from control_tower.raw.zendesk.pages import (
    Rows,
    once,
    rows_of_events,
    rows_of_groups,
    rows_of_memberships,
    rows_of_metric_events,
    rows_of_policies,
    rows_of_tickets,
    rows_of_users,
)
from control_tower.raw.zendesk.records import (
    Row,
    holiday_row,
    rating_row,
    schedule_rows,
    survey_row,
)
from control_tower.raw.zendesk.store import Place, ZendeskStore
from control_tower.raw.zendesk.values import Record, records_in, take_key, take_text

__all__ = ["INCREMENTAL", "Fetch"]

_TICKETS: Final = "tickets"
_EVENTS: Final = "ticket events"
_METRIC_EVENTS: Final = "ticket metric events"
_RATINGS: Final = "satisfaction ratings"
_SURVEYS: Final = "survey responses"
INCREMENTAL: Final = (_TICKETS, _EVENTS)
"""The streams that tell what happened; what they were not read up to is not known yet."""

_NEWEST_LEFT_OUT: Final = timedelta(seconds=61)
"""Exports leave out the last minute; a second more, since Zendesk's clock is told in seconds."""

_ANSWERED_WITHIN: Final = timedelta(days=30)
"""Ratings are listed by when they were offered, and answered later."""

_MOST_PAGES: Final = 100_000
_PER_PAGE: Final = 1000
_PER_LIST: Final = 100
_TOLD_EVERY_SECONDS: Final = 10.0


class Fetch:
    """Fetches what is new since the run before into the store."""

    def __init__(
        self,
        client: ZendeskClient,
        store: ZendeskStore,
        repairs: RepairLog,
        *,
        start: datetime,
        tell: Callable[[str], None],
    ) -> None:
        self._client = client
        self._store = store
        self._repairs = repairs
        self._start = start
        self._tell = tell
        self._told_at = time.monotonic()
        self._read = 0
        self._clock = datetime.now(UTC)

    @property
    def clock(self) -> datetime:
        """Zendesk's clock when it was last asked."""
        return self._clock

    def everything(self) -> None:
        """Fetch the short lists, then all that happened since the run before.

        Raises:
            ZendeskError: If Zendesk does not give tickets, events, users or groups, or gives what
                cannot be read. What is optional and not given is noted, and what was fetched before
                is kept.
        """
        self._list("users", "/api/v2/users", "users", rows_of_users, {"role[]": ["agent", "admin"]})
        self._list("groups", "/api/v2/groups", "groups", rows_of_groups)
        self._list(
            "group memberships",
            "/api/v2/group_memberships",
            "group_memberships",
            rows_of_memberships,
        )
        self._optionally("SLA policies", self._policies)
        self._optionally("schedules", self._schedules)
        self.news()

    def news(self) -> None:
        """Fetch what happened since the last time."""
        self._by_cursor()
        self._by_time(
            _EVENTS,
            "/api/v2/incremental/ticket_events",
            "ticket_events",
            rows_of_events,
            include="comment_events",
        )
        self._optionally(
            _METRIC_EVENTS,
            lambda: self._by_time(
                _METRIC_EVENTS,
                "/api/v2/incremental/ticket_metric_events",
                "ticket_metric_events",
                rows_of_metric_events,
            ),
        )
        self._optionally(_RATINGS, self._ratings)
        self._optionally(_SURVEYS, self._surveys)

    def _get(self, path: str, parameters: Mapping[str, Any], what: str) -> Answer:
        answer = self._client.get(path, parameters, what)
        self._clock = answer.asked_at
        return answer

    def _optionally(self, what: str, fetch: Callable[[], None]) -> None:
        try:
            fetch()
        except ZendeskRefusedError as error:
            rule = f"no_{what.lower().replace(' ', '_')}"
            self._repairs.add(rule, "noted", 1, f"{error}.".replace("..", "."))

    def _by_cursor(self) -> None:
        place = self._store.place(_TICKETS)
        cursor = place.cursor
        while True:
            begin: dict[str, str | int] = (
                {"start_time": int(self._start.timestamp())}
                if cursor is None
                else {"cursor": cursor}
            )
            parameters = {**begin, "per_page": _PER_PAGE, "include": "metric_sets"}
            answer = self._get("/api/v2/incremental/tickets/cursor", parameters, _TICKETS)
            following = take_text(answer.content, "after_cursor", f"Zendesk's {_TICKETS}")
            is_end = answer.content.get("end_of_stream") is True
            if not is_end and (following is None or following == cursor):
                raise _stuck(_TICKETS)
            cursor = following or cursor
            rows = rows_of_tickets(answer.content, f"Zendesk's {_TICKETS}")
            self._add(_TICKETS, rows, self._reached(_TICKETS, cursor, answer, is_end=is_end))
            if is_end:
                return

    def _by_time(
        self,
        stream: str,
        path: str,
        name: str,
        rows_of: Callable[[list[Record], str], tuple[Rows, list[int]]],
        **parameters: str,
    ) -> None:
        place = self._store.place(stream)
        latest = self._clock - 2 * _NEWEST_LEFT_OUT
        begun = int(self._start.timestamp()) if place.cursor is None else int(place.cursor)
        second = min(begun, int(latest.timestamp()))
        where = f"Zendesk's {stream}"
        while True:
            answer = self._get(path, {"start_time": second, **parameters}, stream)
            records = once(records_in(answer.content, name, where), where)
            following = take_key(answer.content, "end_time", where) or second
            told = answer.content.get("end_of_stream")
            is_end = told is True or (told is None and following <= second)
            if not is_end and following <= second:
                raise _stuck(stream)
            second = max(second, following)
            rows, keys = rows_of(records, where)
            self._add(stream, rows, self._reached(stream, str(second), answer, is_end=is_end), keys)
            if is_end:
                return

    def _reached(self, stream: str, cursor: str | None, answer: Answer, *, is_end: bool) -> Place:
        before = self._store.place(stream).complete_until
        return Place(cursor, answer.asked_at - _NEWEST_LEFT_OUT if is_end else before)

    def _add(self, stream: str, rows: Rows, place: Place, keys: Iterable[int] = ()) -> None:
        self._read += self._store.add(stream, rows, place, keys)
        self._say(stream)

    def _say(self, stream: str) -> None:
        if time.monotonic() - self._told_at >= _TOLD_EVERY_SECONDS:
            self._told_at = time.monotonic()
            self._tell(f"{stream}: {self._read:,} rows so far")

    def _pages(
        self, what: str, path: str, name: str, parameters: Mapping[str, Any]
    ) -> Iterator[list[Record]]:
        """Yield the pages of a list, by the cursor that Zendesk's lists have."""
        where = f"Zendesk's {what}"
        after: str | None = None
        for _ in range(_MOST_PAGES):
            page = {"page[size]": _PER_LIST} | ({"page[after]": after} if after else {})
            content = self._get(path, {**parameters, **page}, what).content
            yield records_in(content, name, where)
            meta = content.get("meta")
            following = meta if isinstance(meta, dict) else {}
            if following.get("has_more") is not True:
                return
            before, after = after, take_text(following, "after_cursor", where, needed=True)
            if after == before:
                raise _stuck(what)
        raise ZendeskError(f"Zendesk's {what} do not end after {_MOST_PAGES:,} pages; report this")

    def _list(
        self,
        what: str,
        path: str,
        name: str,
        rows_of: Callable[[list[Record], str], Rows],
        parameters: Mapping[str, list[str]] | None = None,
    ) -> None:
        pages = self._pages(what, path, name, parameters or {})
        records = [record for page in pages for record in page]
        rows = rows_of(records, f"Zendesk's {what}")
        # People and groups that are gone are no longer listed, and yet had tickets.
        kept = what in ("users", "groups")
        write = self._store.add if kept else self._store.put
        write(what, rows, Place())
        self._say(what)

    def _policies(self) -> None:
        self._list("SLA policies", "/api/v2/slas/policies", "sla_policies", rows_of_policies)

    def _schedules(self) -> None:
        what, path = "schedules", "/api/v2/business_hours/schedules"
        where = f"Zendesk's {what}"
        found = once([r for page in self._pages(what, path, "schedules", {}) for r in page], where)
        holidays: list[Row] = []
        for record in found:
            key = take_key(record, "id", where, needed=True) or 0
            for page in self._pages("holidays", f"{path}/{key}/holidays", "holidays", {}):
                holidays += [holiday_row(day, key, "Zendesk's holidays") for day in page]
        hours = [row for record in found for row in schedule_rows(record, where)]
        self._store.put(what, {"schedule": hours, "schedule_holiday": holidays}, Place())

    def _ratings(self) -> None:
        since = self._offered_since(_RATINGS)
        self._rated(
            _RATINGS,
            "/api/v2/satisfaction_ratings",
            "satisfaction_ratings",
            {"start_time": int(since.timestamp()), "score": "received"},
            rating_row,
        )

    def _surveys(self) -> None:
        since = self._offered_since(_SURVEYS)
        self._rated(
            _SURVEYS,
            "/api/v2/guide/survey_responses",
            "survey_responses",
            {"filter[created_at_start]": int(since.timestamp() * 1000)},
            survey_row,
        )

    def _offered_since(self, stream: str) -> datetime:
        reached = self._store.place(stream).complete_until
        return self._start if reached is None else max(self._start, reached - _ANSWERED_WITHIN)

    def _rated(
        self,
        stream: str,
        path: str,
        name: str,
        parameters: Mapping[str, int | str],
        row_of: Callable[[Record, str], Row | None],
    ) -> None:
        where = f"Zendesk's {stream}"
        begun_at = self._clock
        before = self._store.place(stream)
        for page in self._pages(stream, path, name, parameters):
            rows = [row for record in page if (row := row_of(record, where))]
            once = {row["id"]: row for row in rows}.values()
            self._add(stream, {"satisfaction_rating": once}, before)
        self._store.add(stream, {}, Place(complete_until=begun_at))


def _stuck(what: str) -> ZendeskError:
    return ZendeskError(
        f"Zendesk's {what} say that more follows but not where; run again later, and report this "
        "if it stays so"
    )
