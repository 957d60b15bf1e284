"""Readers of a dashboard who ask it without a browser, and what its processes take meanwhile."""

import http.client
import random
import threading
import time
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import psutil

from control_tower_dash.answers import ANSWERS
from control_tower_dash.serving.ahead import LOWEST_PRIORITY

__all__ = ["PRIORITIES", "USERS", "memory_mb", "users", "wait_until_ready"]

USERS: Final = 20
PRIORITIES: Final = ("urgent", "high", "normal", "low")
_LOOK_EVERY_SECONDS: Final = 0.2


def wait_until_ready(dashboard: psutil.Process) -> tuple[float, float]:
    """Wait until usual views are worked out; return the seconds it took and the most megabytes."""
    began, ended, most = float("inf"), 0.0, 0.0
    while True:
        try:
            working = [
                one
                for child in dashboard.children()
                if child.nice() == LOWEST_PRIORITY
                for one in child.children()
            ]
            most = max([most, *(one.memory_full_info().pss / 1e6 for one in working)])
            began = min([began, *(one.create_time() for one in working)])
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if not working:
            return max(0.0, ended - began), most
        ended = time.time()
        time.sleep(_LOOK_EVERY_SECONDS)


def memory_mb(dashboard: psutil.Process) -> list[tuple[float, float]]:
    """Return the proportional memory of each worker, and what of it is no other process's."""
    workers = [one for one in dashboard.children() if one.nice() != LOWEST_PRIORITY]
    found = [worker.memory_full_info() for worker in workers]
    return [(one.pss / 1e6, one.uss / 1e6) for one in found]


def users(address: str, seconds: float, pages: Sequence[str], priorities: int = 1) -> list[float]:
    """Return the milliseconds of every answer to users who each click once a second.

    Args:
        address: Of the dashboard.
        seconds: How long they go on.
        pages: Paths of the pages they look at.
        priorities: How many priorities seven of ten views are of; the others are of all.
    """
    taken: list[float] = []
    wrong: list[int] = []
    ends = time.perf_counter() + seconds

    def click(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - readers, not secrets
        connection = http.client.HTTPConnection(str(urlsplit(address).netloc), timeout=60)
        due = time.perf_counter() + number / USERS
        while due < ends:
            time.sleep(max(0.0, due - time.perf_counter()))
            page = chance.choice(pages)
            chosen: dict[str, Any] = {"period": chance.choice(("7d", "30d", "90d", "365d"))}
            if chance.random() < 0.7:
                chosen["priority"] = chance.sample(PRIORITIES, priorities)
            query = f"?{urlencode(chosen, doseq=True)}"
            began = time.perf_counter()
            connection.request("GET", f"{ANSWERS}{page}{query}")
            answer = connection.getresponse()
            answer.read()
            taken.append(1000 * (time.perf_counter() - began))
            wrong.extend([answer.status] if answer.status != 200 else [])
            # Who waited for longer than a second clicks right after, not once for every second.
            due = max(due + 1.0, time.perf_counter())

    threads = [threading.Thread(target=click, args=(number,)) for number in range(USERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong
    return taken
