"""Sign-in by name and password."""

import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash

from control_tower_dash.serving.sign_in.attempts import Attempts
from control_tower_dash.serving.sign_in.basic import UsersError, read_users
from tests.dashboard.serving.apps import client, settings

ADA = f"ada:{generate_password_hash('right: one', method='pbkdf2:sha256:1000')}"
BOB = f"bob:{generate_password_hash('bobs', method='scrypt:1024:8:1')}"


@pytest.fixture
def browser(tmp_path: Path) -> FlaskClient:
    """Return a browser in front of a dashboard that knows Ada and Bob."""
    return client(tmp_path, sign_in="basic", basic_users=f"{ADA} {BOB}")


def status(browser: FlaskClient, name: str, password: str, address: str = "10.0.0.1") -> int:
    """Return how a reader's question ends."""
    return browser.get(
        "/version", auth=(name, password), environ_base={"REMOTE_ADDR": address}
    ).status_code


def test_readers_come_in_with_their_password(browser: FlaskClient) -> None:
    """The first time and every time after, whatever signs the password has."""
    for _ in range(2):
        assert status(browser, "ada", "right: one") == 200
        assert status(browser, "bob", "bobs") == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", "wrong"), ("ada", ""), ("nobody", "bobs"), ("", ""), ("ada", "bobs"), ("Ada", "x")],
)
def test_nobody_else_does(browser: FlaskClient, name: str, password: str) -> None:
    """A wrong password, another's or an unknown name."""
    assert status(browser, name, password) == 401


def test_browsers_are_asked(browser: FlaskClient) -> None:
    """Without a name, or with another scheme, the browser asks the reader for both."""
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic %%%"}):
        for path in ("/", "/version", "/_dash-layout", "/export/x.csv", "/assets/control_tower.js"):
            answer = browser.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/readyz").status_code == 503


def test_passwords_cannot_be_tried(browser: FlaskClient) -> None:
    """Ten failures from an address are its last; others, and who is already in, are not held up."""
    assert status(browser, "bob", "bobs") == 200
    tried = [status(browser, "ada", f"guess {number}") for number in range(12)]
    assert tried == [401] * 10 + [429] * 2
    assert status(browser, "ada", "right: one") == 429
    assert status(browser, "bob", "bobs") == 200
    assert status(browser, "ada", "right: one", address="10.0.0.2") == 200


def test_a_name_cannot_be_tried_from_many_addresses(browser: FlaskClient) -> None:
    """Fifty failures, from wherever, close it for a while."""
    for number in range(50):
        assert status(browser, "ada", "guess", address=f"10.1.0.{number}") == 401
    assert status(browser, "ada", "right: one", address="10.2.0.1") == 429


def test_addresses_behind_a_proxy_are_told_apart(tmp_path: Path) -> None:
    """A trusted proxy says who asks; nobody else can say they are another."""
    proxied = client(
        tmp_path, sign_in="basic", basic_users=f"{ADA} {BOB}", trusted_proxies="10.0.0.0/24"
    )

    def tried(address: str, forwarded: str) -> int:
        return proxied.get(
            "/version",
            auth=("ada", "guess"),
            headers={"X-Forwarded-For": forwarded},
            environ_base={"REMOTE_ADDR": address},
        ).status_code

    assert [tried("10.0.0.1", "192.0.2.1") for _ in range(11)][-1] == 429
    assert tried("10.0.0.1", "192.0.2.2") == 401
    # The client's own words stand left of what the proxy added.
    assert tried("10.0.0.1", "192.0.2.9, 192.0.2.1") == 429
    made_up = [tried("198.51.100.1", f"192.0.2.{number}") for number in range(11)]
    assert made_up[-1] == 429


def test_failures_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each after its time, so that the way is open again by and by."""
    attempts = Attempts(most=2, seconds=100)
    start = time.monotonic()
    for moment, wait in ((0, 0), (60, 0), (70, 30), (101, 0)):
        monkeypatch.setattr(time, "monotonic", lambda moment=moment: start + moment)
        assert attempts.seconds_to_wait("ada") == pytest.approx(wait)
        if moment <= 60:
            attempts.failed("ada")


@pytest.mark.parametrize(
    "users",
    ["ada", "ada:secret", ":scrypt:1:1:1$a$b", "ada:scrypt:x$a$b", f"{ADA} {ADA}", "ada:plain$a$b"],
    # What is hashed differs from process to process, and names of tests must not.
    ids=["no hash", "no method", "no name", "no numbers", "twice", "no such method"],
)
def test_users_that_are_not_usable_are_told_of(tmp_path: Path, users: str) -> None:
    """Above all a password written plainly, and without showing it."""
    with pytest.raises(UsersError) as caught:
        read_users(settings(tmp_path, sign_in="basic", basic_users=users))
    assert "secret" not in str(caught.value)


def test_users_come_from_a_file(tmp_path: Path) -> None:
    """One a line; a file that is not there is told of."""
    path = tmp_path / "users"
    path.write_text(f"{ADA}\n{BOB}\n", encoding="utf-8")
    chosen = settings(tmp_path, sign_in="basic", basic_users_file=path)
    assert sorted(read_users(chosen)) == ["ada", "bob"]
    path.unlink()
    with pytest.raises(UsersError, match="cannot be read"):
        read_users(chosen)
