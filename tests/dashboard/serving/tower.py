"""Serve a dashboard with the real command, and ask it over the network."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Final

__all__ = ["Answer", "ask", "command", "free_port", "serving"]

_SECONDS_AT_MOST: Final = 60


@dataclass(frozen=True)
class Answer:
    """A status, the headers and the body."""

    status: int
    headers: Message
    body: bytes


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}), _StayHere)


def ask(address: str, body: bytes | None = None, **headers: str) -> Answer:
    """Ask an address, with a POST if there is a body; redirects are not followed.

    Args:
        address: Where.
        body: What is posted.
        headers: Theirs; underscores stand for hyphens.
    """
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, body, named)  # noqa: S310 - loopback, in tests
    try:
        with _OPENER.open(request, timeout=_SECONDS_AT_MOST) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(*arguments: str) -> list[str]:
    """Return the command line that serves."""
    return [sys.executable, "-m", "control_tower", "app", *arguments]


def environment(data_dir: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the command, with settings by their short names."""
    named = {f"CONTROL_TOWER_{name.upper()}": value for name, value in settings.items()}
    # Polars, loaded here, has told its allocator something that is not meant for other processes.
    own = {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}
    return {**own, "CONTROL_TOWER_DATA_DIR": str(data_dir), **named}


@contextmanager
def serving(
    data_dir: Path, *arguments: str, **settings: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve until the block ends; give its address and the process.

    Usual views are worked out ahead only where a setting says so: it takes the processor.
    """
    port = free_port()
    process = subprocess.Popen(
        command("--port", str(port), *arguments),
        env=environment(data_dir, {"views_ahead": "false", **settings}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(f"{address}/healthz", process)
        yield address, process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=_SECONDS_AT_MOST)
        if process.stdout:
            process.stdout.close()


def _wait_until_up(address: str, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _SECONDS_AT_MOST
    while time.monotonic() < end:
        if process.poll() is not None:
            said = process.stdout.read() if process.stdout else ""
            raise AssertionError(f"it ended with {process.returncode}: {said}")
        try:
            if ask(address).status == 200:
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise AssertionError("it did not come up")
