"""The zendesk source: what is new is fetched from Zendesk, and everything fetched is landed."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.landing import Landing
from control_tower.raw.zendesk.client import ZendeskClient
from control_tower.raw.zendesk.errors import ZendeskError
from control_tower.raw.zendesk.source import landing_of
from control_tower.raw.zendesk.store import ZendeskStore, open_store
from control_tower.raw.zendesk.streams import INCREMENTAL, Fetch
from control_tower.raw.zendesk.tokens import Credentials

__all__ = ["ZendeskDesk", "read_zendesk", "store_path"]

_BEGINNING: Final = datetime(2006, 1, 1, tzinfo=UTC)
"""Before there was a Zendesk."""

_CLOSE_ENOUGH: Final = timedelta(minutes=15)
_MOST_ROUNDS: Final = 3
"""A first load takes hours; what came in meanwhile is fetched at its end."""


@dataclass(frozen=True)
class ZendeskDesk:
    """Which Zendesk to read, and how.

    Attributes:
        subdomain: The name before `.zendesk.com`.
        credentials: How the tower proves who it is.
        base_url: Address in place of the subdomain's own; None for that.
        start: Nothing that happened before is fetched; None for everything.
    """

    subdomain: str
    credentials: Credentials
    base_url: str | None = None
    start: datetime | None = None

    @property
    def address(self) -> str:
        """The address without a slash at its end."""
        return (self.base_url or f"https://{self.subdomain}.zendesk.com").rstrip("/")


def store_path(data_dir: Path, subdomain: str) -> Path:
    """Return where what was fetched from a Zendesk is kept between runs."""
    return data_dir / "zendesk" / f"{re.sub(r'[^a-z0-9-]', '-', subdomain.lower())}.duckdb"


def read_zendesk(
    desk: ZendeskDesk,
    data_dir: Path,
    *,
    as_of: datetime | None = None,
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Landing:
    """Fetch what is new from Zendesk and return everything as the landing contract has it.

    Args:
        desk: The Zendesk.
        data_dir: Folder below which what was fetched is kept between runs.
        as_of: The tower's clock (UTC); if None, the moment up to which Zendesk told everything.
        tell: Is told now and then how far the fetch is, in words.
        sleep: Waits so many seconds.

    Raises:
        ZendeskError: If Zendesk cannot be read or has no tickets; one sentence that holds no
            secret. What was fetched until then is kept, and the next run goes on from there.
    """
    repairs = RepairLog()
    path = store_path(data_dir, desk.subdomain)
    with open_store(path) as store:
        start = desk.start or _BEGINNING
        store.begin_from(int(start.timestamp()))
        with ZendeskClient(desk.address, desk.credentials, tell=tell, sleep=sleep) as client:
            fetch = Fetch(client, store, repairs, start=start, tell=tell)
            fetch.everything()
            for _ in range(_MOST_ROUNDS):
                if fetch.clock - _complete_until(store) < _CLOSE_ENOUGH:
                    break
                fetch.news()
        if not store.tickets():
            raise ZendeskError(
                f"Zendesk {desk.subdomain} has no tickets since {start:%Y-%m-%d}; give an earlier "
                "CONTROL_TOWER_ZENDESK_START or another subdomain"
            )
        return landing_of(
            store.parts(),
            repairs,
            source="zendesk",
            described_as=f"Zendesk {desk.subdomain}",
            as_of=as_of or _complete_until(store),
            folder=path.parent,
        )


def _complete_until(store: ZendeskStore) -> datetime:
    reached = [store.place(stream).complete_until for stream in INCREMENTAL]
    return min(moment for moment in reached if moment is not None)
