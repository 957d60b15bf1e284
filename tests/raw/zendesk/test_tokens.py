"""Secrets: used where they belong, renewed when they run out, and found nowhere else."""

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from control_tower.raw.landing import complete_tables, write_landed
from control_tower.raw.zendesk import Credentials, ZendeskError
from tests.raw.zendesk.fake_zendesk import (
    CLIENT_ID,
    CLIENT_SECRET,
    FIRST_REFRESH_TOKEN,
    FakeZendesk,
    Faults,
)
from tests.raw.zendesk.fetching import fetch
from tests.raw.zendesk.live_desk import desk, end_of


@pytest.fixture
def zendesk() -> Iterator[FakeZendesk]:
    """A Zendesk whose access tokens last for a few requests."""
    with FakeZendesk(desk(3), now=end_of(3), faults=Faults(token_lasts=5)) as server:
        yield server


def _refreshing(folder: Path, token: str = FIRST_REFRESH_TOKEN) -> Credentials:
    return Credentials(CLIENT_ID, CLIENT_SECRET, token, folder / "keys" / "zendesk.token")


def test_a_refresh_token_is_replaced_and_the_newest_kept(
    zendesk: FakeZendesk, tmp_path: Path
) -> None:
    """For its owner only; the next run goes on with it though it is given the first again."""
    who = _refreshing(tmp_path)
    fetch(zendesk.address, tmp_path, who)
    renewed = len(zendesk.refresh_tokens)
    assert renewed > 2
    assert who.token_file
    assert stat.S_IMODE(who.token_file.stat().st_mode) == 0o600
    assert json.loads(who.token_file.read_bytes())["refresh_token"] == zendesk.refresh_tokens[-1]
    assert [path.name for path in who.token_file.parent.iterdir()] == ["zendesk.token"]
    fetch(zendesk.address, tmp_path, who)
    assert len(zendesk.refresh_tokens) > renewed


def test_a_token_given_later_goes_before_the_kept_one(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """As when the client was authorized again."""
    fetch(zendesk.address, tmp_path, _refreshing(tmp_path))
    zendesk.refresh_tokens.append("refresh-token-given-anew")
    with pytest.raises(ZendeskError, match="authorize the client again"):
        fetch(zendesk.address, tmp_path, _refreshing(tmp_path))
    fetch(zendesk.address, tmp_path, _refreshing(tmp_path, "refresh-token-given-anew"))


def test_a_token_file_that_cannot_be_read_is_told(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """Without what it holds."""
    who = _refreshing(tmp_path)
    assert who.token_file
    who.token_file.parent.mkdir()
    who.token_file.write_text("half a tok")
    with pytest.raises(ZendeskError, match="cannot be read") as caught:
        fetch(zendesk.address, tmp_path, who)
    assert "half a tok" not in str(caught.value)


def test_secrets_reach_no_file_log_or_table(
    zendesk: FakeZendesk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Every byte written and every line logged, whatever the level, is looked through."""
    told: list[str] = []
    with caplog.at_level(logging.DEBUG):
        landing = fetch(zendesk.address, tmp_path, tell=told.append)
        write_landed(complete_tables(landing), tmp_path, landing_id=landing.landing_id)
        (tmp_path / "log").write_text(caplog.text + repr(told) + repr(landing), encoding="utf-8")
    assert len(zendesk.tokens) > 2
    secrets = [CLIENT_SECRET, *zendesk.tokens]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content], path


def test_wrong_credentials_are_told_without_them(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """Even where Zendesk's answer repeats what was sent."""
    wrong = Credentials(CLIENT_ID, "a-secret-that-is-wrong")
    with pytest.raises(ZendeskError, match="CONTROL_TOWER_ZENDESK_CLIENT_SECRET") as caught:
        fetch(zendesk.address, tmp_path, wrong)
    assert "a-secret-that-is-wrong" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "a-secret-that-is-wrong" not in repr(wrong)


def test_nobody_there_is_told(tmp_path: Path) -> None:
    """A closed port, after a few tries."""
    with FakeZendesk(desk(1), now=end_of(1)) as server:
        address = server.address
    with pytest.raises(ZendeskError, match=r"did not give users in 8 tries .*goes on where"):
        fetch(address, tmp_path)


def test_another_address_is_told(zendesk: FakeZendesk, tmp_path: Path) -> None:
    """As when the subdomain is misspelled, and the address answers but is no Zendesk."""
    with pytest.raises(ZendeskError, match="correct CONTROL_TOWER_ZENDESK_SUBDOMAIN"):
        fetch(f"{zendesk.address}/elsewhere", tmp_path)
