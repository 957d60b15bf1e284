"""The command that makes a reader's entry, at a terminal as its user has it."""

import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.dashboard.serving.apps import client

_WAIT_S = 60
_ASKS = ("Password of ada: ", "confirmation: ")


@dataclass(frozen=True)
class Ran:
    """What was printed, what was said beside it, what the terminal showed of the typing."""

    code: int
    out: str
    says: str
    shown: str


def hash_password(name: str, *typed: str) -> Ran:
    """Run the command at a terminal and type a line whenever it asks."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "control_tower", "hash-password", name],
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A terminal of its own: the command must not ask at that of whoever runs the tests.
        start_new_session=True,
    )
    assert process.stderr is not None
    says = ""
    # The last is the end of input, for a command that asks again.
    for line in (*(f"{text}\n" for text in typed), "\x04"):
        while not says.endswith(_ASKS) and (more := os.read(process.stderr.fileno(), 1)):
            says += more.decode()
        os.write(master, line.encode())
        says += "|"
    out, rest = process.communicate(timeout=_WAIT_S)
    os.set_blocking(master, False)
    try:
        shown = os.read(master, 10_000).decode()
    except BlockingIOError:
        shown = ""
    os.close(slave)
    os.close(master)
    return Ran(process.returncode, out.decode(), says + rest.decode(), shown)


def test_the_line_lets_its_reader_in_and_the_password_is_seen_nowhere(tmp_path: Path) -> None:
    """From the command's output, put into the file as it is, to the dashboard."""
    ran = hash_password("ada", "correct: horse", "correct: horse")
    assert ran.code == 0, ran.says
    assert ran.out.startswith("ada:")
    assert ran.out.count("\n") == 1
    assert "horse" not in ran.out + ran.says + ran.shown
    users = tmp_path / "users"
    users.write_text(ran.out, encoding="utf-8")
    browser = client(tmp_path, sign_in="basic", basic_users_file=users)
    assert browser.get("/version", auth=("ada", "correct: horse")).status_code == 200
    assert browser.get("/version", auth=("ada", "correct: hors")).status_code == 401


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("ada", ("short", "short"), "at least 8 characters"),
        ("ada", ("", ""), "Password of ada"),
        ("ada", ("one password", "another password"), "do not match"),
        ("a:b", (), "neither colons nor spaces"),
    ],
    ids=["short", "empty", "mistyped", "name"],
)
def test_what_cannot_be_used_is_refused(name: str, typed: tuple[str, ...], told: str) -> None:
    """Nothing is printed that could be put into the file."""
    ran = hash_password(name, *typed)
    assert ran.code != 0
    assert not ran.out
    assert told in ran.says
