"""The live source in a run: its settings, and secrets in nothing that a run leaves behind."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance, materialize
from pydantic import ValidationError

from control_tower.raw.assets import landing
from control_tower.resources import run_lock_resource
from control_tower.settings import Settings
from tests.raw.zendesk.fake_zendesk import (
    CLIENT_ID,
    CLIENT_SECRET,
    FIRST_REFRESH_TOKEN,
    FakeZendesk,
    Faults,
)
from tests.raw.zendesk.live_desk import desk, end_of

_TICKETS = 3


@pytest.fixture
def zendesk() -> Iterator[FakeZendesk]:
    """A Zendesk whose tokens last for a few requests."""
    faults = Faults(token_lasts=5)
    with FakeZendesk(desk(_TICKETS), now=end_of(_TICKETS), faults=faults) as server:
        yield server


def _bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


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
            "zendesk_refresh_token": FIRST_REFRESH_TOKEN,
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
    ("given", "missing"),
    [
        ({}, "ZENDESK_SUBDOMAIN, CONTROL_TOWER_ZENDESK_CLIENT_ID, CONTROL_TOWER_ZENDESK_CLIENT_S"),
        ({"zendesk_subdomain": "acme", "zendesk_client_id": "a"}, "ZENDESK_CLIENT_SECRET"),
        (
            {
                "zendesk_subdomain": "acme",
                "zendesk_client_id": "a",
                "zendesk_client_secret": "b",
                "zendesk_refresh_token": "c",
            },
            "ZENDESK_TOKEN_FILE",
        ),
    ],
)
def test_settings_that_are_missing_are_named(
    given: dict[str, str], missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them at once, and where they come from."""
    monkeypatch.chdir(tmp_path)
    settings = Settings.model_validate({"data_dir": tmp_path, "source": "zendesk", **given})
    result = materialize(
        [landing],
        resources={"settings": settings, "run_lock": run_lock_resource},
        raise_on_error=False,
    )
    (failure,) = result.get_step_failure_events()
    told = failure.step_failure_data.user_failure_data
    assert told
    assert f"needs CONTROL_TOWER_{missing}" in str(told.description)
    assert "docs/how-to/zendesk.md" in str(told.description)


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
