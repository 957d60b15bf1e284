"""What Prometheus is told, by whom it may be read, and that it is true of all workers."""

from base64 import b64encode
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from control_tower_dash.serving.metrics import METRICS
from tests.dashboard.serving.apps import client
from tests.dashboard.serving.tower import ask, serving
from tests.dashboard.tiny_desk import publish_generation
from tests.monitoring.scraped import scrape

_TOKEN = "a-token-long-enough"  # noqa: S105


def _basic(password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'ada:{password}'.encode()).decode()}"}


def test_requests_are_counted_and_timed_by_route(tmp_path: Path) -> None:
    """Not by path: foreign paths and parameters make no series of their own."""
    browser = client(tmp_path)
    for path in ("/version", "/version?secret=1", "/healthz", "/readyz", "/nowhere/4711"):
        browser.get(path)
    browser.open("/version", method="BREW")
    answer = browser.get(METRICS)
    assert answer.mimetype == "text/plain"
    told = scrape(answer.data)
    routes = told.by("dashboard_requests_total", "route")
    assert routes["/version"] == 2
    assert told.value("dashboard_requests_total", method="GET", route="/readyz", status="503") == 1
    assert told.by("dashboard_errors_total", "route") == {"/readyz": 1}
    assert told.by("dashboard_requests_total", "method").keys() == {"GET", "other"}
    assert told.by("dashboard_request_duration_seconds_count", "route") == routes
    assert b"4711" not in answer.data
    assert b"secret" not in answer.data
    assert b"_created" not in answer.data


def test_it_tells_which_snapshot_is_shown(tmp_path: Path) -> None:
    """And whether there is one."""
    browser = client(tmp_path)
    told = scrape(browser.get(METRICS).data)
    assert told.value("dashboard_has_snapshot") == 0
    assert not told.by("dashboard_snapshot_info", "snapshot_id")
    for generation in (1, 2):
        path = publish_generation(tmp_path, generation)
        told = scrape(browser.get(METRICS).data)
        assert told.value("dashboard_has_snapshot") == 1
        (shown,) = told.by("dashboard_snapshot_info", "snapshot_id")
        assert path.name == f"ops-{shown}.duckdb"


def test_without_a_token_it_is_behind_the_sign_in(tmp_path: Path) -> None:
    """As every page is."""
    user = f"ada:{generate_password_hash('correct horse')}"
    browser = client(tmp_path, sign_in="basic", basic_users=user)
    assert browser.get(METRICS).status_code == 401
    assert browser.get(METRICS, headers=_basic("correct horse")).status_code == 200
    proxied = client(tmp_path, sign_in="proxy", trusted_proxies="10.0.0.1")
    assert proxied.get(METRICS).status_code == 403


@pytest.mark.parametrize("sign_in", ["none", "basic"])
def test_with_a_token_it_takes_the_token_and_nothing_else(sign_in: str, tmp_path: Path) -> None:
    """It opens nothing but the metrics."""
    users = {"basic_users": f"ada:{generate_password_hash('correct horse')}"}
    chosen = users if sign_in == "basic" else {}
    browser = client(tmp_path, sign_in=sign_in, metrics_token=_TOKEN, **chosen)
    assert browser.get(METRICS).status_code == 401
    assert browser.get(METRICS, headers=_basic("correct horse")).status_code == 401
    for wrong in ("Bearer", "Bearer wrong", f"Bearer {_TOKEN}x", f"Basic {_TOKEN}", _TOKEN):
        assert browser.get(METRICS, headers={"Authorization": wrong}).status_code == 401
    right = {"Authorization": f"Bearer {_TOKEN}"}
    answer = browser.get(METRICS, headers=right)
    assert answer.status_code == 200
    assert _TOKEN.encode() not in answer.data
    assert browser.get(METRICS, headers={**right, "Host": "evil.example.com"}).status_code == 421
    if sign_in == "basic":
        assert browser.get("/version", headers=right).status_code == 401


def test_any_worker_tells_of_all(tmp_path: Path) -> None:
    """Three processes; whichever answers, the sums are those of all requests."""
    publish_generation(tmp_path, 1)
    with serving(tmp_path, "--workers", "3") as (address, process):
        for _ in range(60):
            assert ask(f"{address}/version").status == 200
        for asked in range(10):
            told = scrape(ask(f"{address}{METRICS}").body)
            routes = told.by("dashboard_requests_total", "route")
            assert routes["/version"] == 60
            assert routes.get(METRICS, 0) == asked
            assert told.by("dashboard_request_duration_seconds_count", "route") == routes
        process.terminate()
        process.wait(timeout=30)
