"""Health, readiness and version: what machines and open pages ask."""

from pathlib import Path

from tests.dashboard.serving.apps import client
from tests.dashboard.tiny_desk import FIRST, publish_generation


def test_ready_once_there_is_something_to_read(tmp_path: Path) -> None:
    """The process is up from the start, and ready with the first snapshot."""
    browser = client(tmp_path)
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/readyz").status_code == 503
    none_yet = browser.get("/version")
    assert none_yet.status_code == 200
    assert none_yet.get_json()["snapshot_id"] is None

    path = publish_generation(tmp_path, 0)
    assert browser.get("/readyz").status_code == 200
    said = browser.get("/version").get_json()
    assert path.name == f"ops-{said['snapshot_id']}.duckdb"
    assert said["generated_at"] == FIRST.isoformat()
    assert said["problem"] is None


def test_a_newer_snapshot_is_another_version(tmp_path: Path) -> None:
    """Open pages learn of it by the id alone."""
    browser = client(tmp_path)
    ids = []
    for generation in range(3):
        publish_generation(tmp_path, generation)
        ids.append(browser.get("/version").get_json()["snapshot_id"])
    assert len(set(ids)) == 3


def test_a_broken_snapshot_is_told_of_but_not_in_public(tmp_path: Path) -> None:
    """Readers learn the reason; who need not sign in learn nothing."""
    publish_generation(tmp_path, 1)
    publish_generation(tmp_path, 2).write_bytes(b"broken")
    browser = client(tmp_path)
    said = browser.get("/version").get_json()
    assert said["snapshot_id"].endswith("-00000001")
    assert "cannot be read" in said["problem"]
    for path in ("/healthz", "/readyz"):
        assert browser.get(path).status_code == 200
        assert b"0000" not in browser.get(path).data


def test_without_any_that_can_be_read_it_is_not_ready(tmp_path: Path) -> None:
    """Balancers send readers elsewhere; the reason is not for them."""
    publish_generation(tmp_path, 1).write_bytes(b"broken")
    browser = client(tmp_path)
    answer = browser.get("/readyz")
    assert answer.status_code == 503
    assert b"ops-" not in answer.data
    assert "cannot be read" in browser.get("/version").get_json()["problem"]
