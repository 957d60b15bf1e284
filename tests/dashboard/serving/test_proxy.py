"""Sign-in by a proxy that names the reader."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.dashboard.serving.apps import client


@pytest.fixture
def browser(tmp_path: Path) -> FlaskClient:
    """Return a client of a dashboard behind a proxy."""
    return client(tmp_path, sign_in="proxy", trusted_proxies="10.0.0.1, fd00::/8")


def status(browser: FlaskClient, address: str, **headers: str) -> int:
    """Return how a question from an address ends."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.get("/version", headers=named, environ_base={"REMOTE_ADDR": address}).status_code


def test_whom_the_proxy_names_is_let_in(browser: FlaskClient) -> None:
    """From its address or network."""
    for address in ("10.0.0.1", "fd00::7"):
        assert status(browser, address, X_Forwarded_User="ada") == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.2", "::1", ""])
def test_the_header_of_others_is_worth_nothing(browser: FlaskClient, address: str) -> None:
    """Nor is what they say of the way a request came."""
    assert status(browser, address, X_Forwarded_User="ada") == 403
    assert status(browser, address, X_Forwarded_User="ada", X_Forwarded_For="10.0.0.1") == 403


def test_a_reader_must_be_named_once(browser: FlaskClient) -> None:
    """No name, an empty one, two of them, another header."""
    assert status(browser, "10.0.0.1") == 401
    for name in ("", " ", "ada, bob", "x" * 300):
        assert status(browser, "10.0.0.1", X_Forwarded_User=name) == 401
    assert status(browser, "10.0.0.1", Remote_User="ada") == 401


def test_the_header_can_be_chosen(tmp_path: Path) -> None:
    """Proxies differ in what they call it."""
    chosen = client(
        tmp_path, sign_in="proxy", trusted_proxies="10.0.0.1", proxy_user_header="Remote-User"
    )
    assert status(chosen, "10.0.0.1", Remote_User="ada") == 200
    assert status(chosen, "10.0.0.1", X_Forwarded_User="ada") == 401


def test_health_is_told_to_all(browser: FlaskClient) -> None:
    """Machines that look after it do not come through the proxy."""
    answer = browser.get("/healthz", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert answer.status_code == 200
