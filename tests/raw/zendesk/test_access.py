"""Access to Zendesk: tokens renewed and kept, refusals in one sentence, secrets kept secret."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance, materialize
from pydantic import ValidationError

from control_tower.raw.assets import landing
from control_tower.raw.zendesk import Credentials, ZendeskError
from control_tower.resources import run_lock_resource
from control_tower.settings import Settings
from tests.raw.zendesk.fake_zendesk import CLIENT_ID, CLIENT_SECRET, FakeZendesk, Faults
from tests.raw.zendesk.fetching import fetch
from tests.raw.zendesk.live_desk import desk, end_of

_TICKETS = 3
_FIRST = "refresh-token-0"


@pytest.fixture
def zendesk() -> Iterator[FakeZendesk]:
    """A Zendesk whose tokens last for a few requests."""
    faults = Faults(token_lasts=5)
    with FakeZendesk(desk(_TICKETS), now=end_of(_TICKETS), faults=faults) as server:
        yield server


def _refreshing(token_file: Path, first: str = _FIRST) -> Credentials:
    return Credentials(CLIENT_ID, CLIENT_SECRET, refresh_token=first, token_file=token_file)


def _bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_newest_refresh_token_is_kept_for_its_owner_only(
    zendesk: FakeZendesk, tmp_path: Path
) -> None:
    """Zendesk replaces it at every use; the next run begins with the newest."""
    token_file = tmp_path / "secrets" / "token.json"
    for _ in range(2):
        fetch(zendesk.address, tmp_path / "data", _refreshing(token_file))
        assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
        assert zendesk.refresh_tokens[-1] in token_file.read_text(encoding="utf-8")
    assert len(zendesk.refresh_tokens) > 4
    assert [path.name for path in token_file.parent.iterdir()] == ["token.json"]


def test_a_new_first_token_takes_the_place_of_the_one_kept(
    zendesk: FakeZendesk, tmp_path: Path
) -> None:
    """As when the client was authorized again, since the kept one had run out."""
    token_file = tmp_path / "token.json"
    fetch(zendesk.address, tmp_path, _refreshing(token_file))
    zendesk.refresh_tokens.append("authorized-again")
    with pytest.raises(ZendeskError, match="authorize the client again"):
        fetch(zendesk.address, tmp_path, _refreshing(token_file))
    landed = fetch(zendesk.address, tmp_path, _refreshing(token_file, "authorized-again"))
    assert landed.tables["tickets"].height == _TICKETS


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[1]", b'{"refresh_token": 3}'])
def test_a_damaged_token_file_is_told_or_passed_over(
    content: bytes, zendesk: FakeZendesk, tmp_path: Path
) -> None:
    """What is JSON but names no token is as good as no file."""
    token_file = tmp_path / "token.json"
    token_file.write_bytes(content)
    if content.endswith((b"]", b"}")):
        fetch(zendesk.address, tmp_path, _refreshing(token_file))
    else:
        with pytest.raises(ZendeskError, match="cannot be read; authorize the client again"):
            fetch(zendesk.address, tmp_path, _refreshing(token_file))


@pytest.mark.parametrize(
    ("credentials", "sentence"),
    [
        (Credentials("nobody", CLIENT_SECRET), "refused the OAuth client .*CLIENT_ID"),
        (Credentials(CLIENT_ID, "wr0ng-s3cret"), "refused the OAuth client .*CLIENT_SECRET"),
        (Credentials(CLIENT_ID, CLIENT_SECRET, refresh_token=_FIRST), "TOKEN_FILE"),
    ],
    ids=["unknown client", "wrong secret", "no file for the token"],
)
def test_what_is_refused_is_told_without_the_secret(
    credentials: Credentials, sentence: str, zendesk: FakeZendesk, tmp_path: Path
) -> None:
    """Although Zendesk's answer repeats what was sent."""
    with pytest.raises(ZendeskError, match=sentence) as caught:
        fetch(zendesk.address, tmp_path, credentials)
    told = f"{caught.value!r} {caught.value.__cause__!r} {credentials!r}"
    assert credentials.client_secret not in told
    assert _FIRST not in told
    assert "\n" not in str(caught.value)


def test_an_address_without_a_zendesk_is_told(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """A subdomain nobody has answers that there is nothing."""
    with pytest.raises(ZendeskError, match=r"there is no Zendesk at .*correct .*SUBDOMAIN"):
        fetch(f"{zendesk.address}/elsewhere", tmp_path)


def test_an_address_nobody_answers_at_is_told(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """After a few tries."""
    zendesk.__exit__(None, None, None)
    with pytest.raises(ZendeskError, match=r"8 tries .*goes on where it stopped"):
        fetch(zendesk.address, tmp_path)


def test_secrets_are_in_no_file_and_in_no_log(
    zendesk: FakeZendesk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where the libraries below tell all they do; nor in what Dagster keeps of a run."""
    caplog.set_level(logging.DEBUG)
    token_file = tmp_path / "elsewhere" / "token.json"
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path / "data",
            "source": "zendesk",
            "zendesk_subdomain": "acme",
            "zendesk_client_id": CLIENT_ID,
            "zendesk_client_secret": CLIENT_SECRET,
            "zendesk_refresh_token": _FIRST,
            "zendesk_token_file": token_file,
            "zendesk_url": zendesk.address,
        }
    )
    resources = {"settings": settings, "run_lock": run_lock_resource}
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        result = materialize([landing], instance=instance, resources=resources)
        assert result.success
        told = "".join(str(event) for event in result.all_events) + caplog.text
    kept = _bytes_below(tmp_path / "data") + _bytes_below(tmp_path / "history")
    assert b"Ada" in kept
    assert "HTTP Request" in told
    assert len(zendesk.tokens) > 1
    for secret in (CLIENT_SECRET, *zendesk.tokens, *zendesk.refresh_tokens):
        assert secret not in told
        assert secret.encode() not in kept
        assert secret not in repr(settings)


@pytest.mark.parametrize(
    ("given", "taken"),
    [("acme", "acme"), (" Acme ", "acme"), ("https://acme.zendesk.com/agent", "acme")],
)
def test_a_subdomain_may_be_an_address(given: str, taken: str) -> None:
    """What is copied from the browser will do."""
    assert Settings.model_validate({"zendesk_subdomain": given}).zendesk_subdomain == taken


@pytest.mark.parametrize(
    "values",
    [
        {"zendesk_subdomain": "acme.example.com"},
        {"zendesk_subdomain": "-"},
        {"zendesk_url": "http://example.com"},
        {"zendesk_url": "https://someone:s3cret@example.com"},
        {"zendesk_url": "http://127.0.0.1.example.com"},
        {"zendesk_url": "https://"},
    ],
)
def test_addresses_secrets_must_not_go_to_are_refused(values: dict[str, str]) -> None:
    """Unencrypted only on this machine; and what was typed is not repeated."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(values)
    assert "s3cret" not in str(caught.value)
