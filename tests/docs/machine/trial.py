"""What the machine does before it powers off: it starts, kills and stops the units, and tells.

It runs in the machine, with nothing but Python's own library; `/told.json` is what it saw.
"""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

UNITS = {
    name: f"operations-control-tower-{name}.service" for name in ("dashboard", "daemon", "web")
}
DASHBOARD, WEB = "http://127.0.0.1:8050", "http://127.0.0.1:3000"
DAEMONS = "{instance{daemonHealth{allDaemonStatuses{healthy lastHeartbeatTime}}}}"
KILLED = ("dashboard", "daemon")
"""The web interface restarts as the daemon does, and takes as many seconds again."""


def ask(url: str) -> int:
    """Return the status of an answer; 0 without one."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def healthy_daemons(since: float) -> int:
    """Return how many of Dagster's daemons are well and have told so since a moment."""
    body = json.dumps({"query": DAEMONS}).encode()
    request = urllib.request.Request(  # noqa: S310
        f"{WEB}/graphql", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            found = json.load(answer)["data"]["instance"]["daemonHealth"]["allDaemonStatuses"]
    except OSError:
        return 0
    return sum(one["healthy"] and (one["lastHeartbeatTime"] or 0) > since for one in found)


def settled(look: Callable[[], object], wanted: object) -> object:
    """Return what is seen once it is what is wanted, or after a minute."""
    end = time.monotonic() + 60
    while (seen := look()) != wanted and time.monotonic() < end:
        time.sleep(0.3)
    return seen


def answers() -> dict[str, object]:
    """Return what the programs answer once they have come up."""
    since = time.time()
    return {
        "healthz": settled(lambda: ask(f"{DASHBOARD}/healthz"), 200),
        "readyz": settled(lambda: ask(f"{DASHBOARD}/readyz"), 200),
        "server_info": settled(lambda: ask(f"{WEB}/server_info"), 200),
        "daemons": settled(lambda: healthy_daemons(since), 5),
    }


def state(unit: str, *names: str) -> dict[str, str]:
    """Return what systemd knows of a unit."""
    shown = subprocess.run(
        ["systemctl", "show", unit, *(f"--property={name}" for name in names)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return dict(line.split("=", 1) for line in shown.splitlines())


def journal(units: str) -> str:
    """Return what the journal has of units."""
    command = ["journalctl", "--unit", units, "--output", "short", "--lines", "200"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def starts(name: str) -> int:
    """Return how often systemd started a program again."""
    return int(state(UNITS[name], "NRestarts")["NRestarts"])


def restarts() -> dict[str, object]:
    """Kill programs and return how often systemd started each of all again."""
    for name in KILLED:
        os.kill(int(state(UNITS[name], "MainPID")["MainPID"]), signal.SIGKILL)
    for name in KILLED:
        settled(partial(starts, name), 1)
    return {name: starts(name) for name in UNITS}


def watched() -> dict[str, object]:
    """Do what the timer does, and return how it ended and what it said."""
    unit = "operations-control-tower-watch.service"
    subprocess.run(["systemctl", "start", unit], capture_output=True, check=False)
    return {**state(unit, "ActiveState", "ExecMainStatus"), "said": journal(unit)}


def stopped() -> dict[str, object]:
    """Stop all units and return how each ended, and how many seconds it took."""
    began = time.monotonic()
    subprocess.run(["systemctl", "stop", *UNITS.values()], check=True)
    seconds = time.monotonic() - began
    ended = {name: state(unit, "ActiveState", "Result") for name, unit in UNITS.items()}
    return {"seconds": seconds, **ended}


if __name__ == "__main__":
    Path("/booted").touch()
    told: dict[str, object] = {}
    for step in (answers, restarts, watched, stopped):
        told[step.__name__] = step()
        if step is restarts:
            told["answers_again"] = answers()
    told["journal"] = journal("operations-control-tower-*")
    Path("/told.json").write_text(json.dumps(told), encoding="utf-8")
