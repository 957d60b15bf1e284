"""Is the daily run late, or did it fail? Told once, and once more when all is well again.

Asked by `control-tower watch`, for a timer, and by Dagster's daemon; both share one log of what was
told, so whichever asks first tells. Delivery is that of the alerts, with a cursor per channel.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb
from filelock import FileLock

from control_tower.alerts.delivery import Delivery, deliver
from control_tower.alerts.digest import Digest
from control_tower.disk import append_lines
from control_tower.failed_runs import FailedRun, read_failed_runs
from control_tower.jobs import DAILY_JOB
from control_tower.presentation import readable_hours, readable_time
from control_tower.publishing.link import link_path, snapshot_id_in
from control_tower.warehouse import DatabaseBusyError, connect

__all__ = ["Trouble", "WatchLog", "Watched", "published_at", "troubles", "watch"]

_RECOVERED: Final = "recovered"


@dataclass(frozen=True)
class Trouble:
    """What is wrong with the daily run: a key that is the same for the same news, and a sentence.

    The key begins with its kind, `late` or `failed`.
    """

    key: str
    says: str


@dataclass(frozen=True)
class WatchNews:
    """A line of the log: its number from 1, when it was written, which trouble, what it says."""

    number: int
    time: datetime
    key: str
    says: str


@dataclass(frozen=True)
class Watched:
    """What was found: troubles there are, what was told of them now, and how delivery went."""

    troubles: Sequence[Trouble]
    told: Sequence[WatchNews]
    deliveries: Sequence[Delivery]


def troubles(
    snapshot_id: str | None,
    published: datetime | None,
    failures: Sequence[FailedRun],
    now: datetime,
    oldest: timedelta,
) -> Sequence[Trouble]:
    """Return what is wrong with the daily run; nothing if all is well.

    Args:
        snapshot_id: The newest snapshot; None if nothing was published.
        published: When that was; None if nothing was, or it cannot be read.
        failures: Runs on record as failed, oldest first.
        now: The moment asked about.
        oldest: Age above which the snapshot is late.
    """
    found: list[Trouble] = []
    if snapshot_id is None:
        says = "nothing has been published yet; run control-tower run"
        found.append(Trouble("late:nothing", says))
    elif published is None:
        says = f"the snapshot {snapshot_id} cannot be read; run control-tower run again"
        found.append(Trouble(f"late:{snapshot_id}", says))
    elif now - published > oldest:
        age, limit = (
            readable_hours(span / timedelta(hours=1)) for span in (now - published, oldest)
        )
        found.append(
            Trouble(
                f"late:{snapshot_id}",
                f"the daily run is late: the newest snapshot was published "
                f"{readable_time(published)}, {age} ago, more than {limit}; see that the daily run "
                "is started, or start control-tower run",
            )
        )
    daily = [failed for failed in failures if failed.job == DAILY_JOB]
    if daily:
        last = daily[-1]
        failed_at = datetime.fromisoformat(last.failed_at)
        if published is None or failed_at > published:
            found.append(
                Trouble(
                    f"failed:{last.run_id}",
                    f"the daily run failed {readable_time(failed_at)}: {last.reason}",
                )
            )
    return found


def watch(
    data_dir: Path,
    urls: Sequence[str],
    oldest: timedelta,
    now: datetime | None = None,
) -> Watched:
    """Look at the daily run, put what is new into the log and send it to the channels.

    Args:
        data_dir: The data directory.
        urls: Channels, as apprise writes them.
        oldest: Age above which the newest snapshot is late.
        now: The moment; this one unless given.

    Raises:
        OSError: If the log cannot be read or written. A dead channel raises nothing.
    """
    moment = now or datetime.now(UTC)
    link = link_path(data_dir)
    found = troubles(
        snapshot_id_in(link) if link.exists() else None,
        published_at(link),
        read_failed_runs(data_dir),
        moment,
        oldest,
    )
    log = WatchLog(data_dir / "watch.log")
    told = log.tell(found, moment)
    return Watched(found, told, deliver(log, urls, digest_of=_digest))


def published_at(link: Path) -> datetime | None:
    """Return when the snapshot was published; None if there is none or it cannot be read."""
    if not link.exists():
        return None
    try:
        with connect(link.resolve(), read_only=True) as connection:
            found = connection.execute("select published_at from meta.snapshot").fetchall()
    except (duckdb.Error, DatabaseBusyError):
        return None
    moment: datetime = found[0][0]
    return moment.astimezone(UTC)


class WatchLog:
    """What was told, as JSON lines, append only; its last lines say what is still open."""

    def __init__(self, path: Path) -> None:
        """Name the log; nothing is read or written yet."""
        self.path = path

    def tell(self, found: Sequence[Trouble], now: datetime) -> Sequence[WatchNews]:
        """Write what is new of the troubles there are, and return the lines written.

        Raises:
            OSError: If the log cannot be read or written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_name(f".{self.path.name}.lock")):
            lines = self._lines()
            number = lines[-1].number if lines else 0
            still_open = _open(lines)
            fresh = [trouble for trouble in found if trouble.key not in still_open]
            if not found and still_open:
                fresh = [Trouble(_RECOVERED, "the daily run is well again")]
            news = [
                WatchNews(number + place, now, trouble.key, trouble.says)
                for place, trouble in enumerate(fresh, start=1)
            ]
            if news:
                append_lines(
                    self.path,
                    (json.dumps({**asdict(one), "time": one.time.isoformat()}) for one in news),
                )
        return news

    def news_after(self, number: int, since: datetime) -> Sequence[WatchNews]:
        """Return the news after a line's number and since a moment, oldest first."""
        return [news for news in self._lines() if news.number > number and news.time >= since]

    def _lines(self) -> list[WatchNews]:
        if not self.path.exists():
            return []
        lines: list[WatchNews] = []
        for text in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                read = json.loads(text)
                moment = datetime.fromisoformat(read["time"])
                lines.append(WatchNews(int(read["number"]), moment, read["key"], read["says"]))
            except (ValueError, KeyError, TypeError):
                continue
        return lines


def _open(lines: Sequence[WatchNews]) -> Mapping[str, WatchNews]:
    found: dict[str, WatchNews] = {}
    for line in lines:
        if line.key == _RECOVERED:
            found.clear()
        else:
            found[line.key] = line
    return found


def _digest(news: Sequence[WatchNews]) -> Digest | None:
    """Return one message: what is open now, or that all is well; None if there is no news."""
    if not news:
        return None
    if news[-1].key == _RECOVERED:
        return "Control tower: well again", news[-1].says
    still_open = _open(news).values()
    return "Control tower: the daily run needs help", "\n".join(f"- {n.says}" for n in still_open)
