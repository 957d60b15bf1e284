"""What is refused, and what every answer tells the browser."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from control_tower.settings import PROJECT_ROOT
from tests.dashboard.asking import asked_of
from tests.dashboard.serving.apps import client
from tests.dashboard.tiny_desk import publish_generation


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Return a client of a dashboard with default settings."""
    return client(tmp_path_factory.mktemp("data"))


def ask_overview(browser: FlaskClient, **headers: str) -> set[int]:
    """Return the status of what a page asks of its server: of its figures, and of its layout."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    dependencies = browser.get("/_dash-dependencies").get_json()
    show = next(one for one in dependencies if one["output"] == "page.children")
    body = asked_of(show, {"pathname": "/"})
    return {
        browser.get("/answer/", headers=named).status_code,
        browser.post("/_dash-update-component", json=body, headers=named).status_code,
    }


@pytest.mark.parametrize(
    "path",
    ["/", "/healthz", "/version", "/_dash-layout", "/assets/control_tower.js", "/export/no.csv"],
)
def test_every_answer_has_the_headers(browser: FlaskClient, path: str) -> None:
    """Pages, data, scripts and errors alike."""
    headers = browser.get(path).headers
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "connect-src 'self'"):
        assert part in policy
    scripts = re.search("script-src ([^;]*)", policy)
    assert scripts is not None
    assert "unsafe" not in scripts[1]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_what_pages_say_is_not_stored(browser: FlaskClient) -> None:
    """Data stay out of shared caches; scripts with a fingerprint may be kept."""
    assert browser.get("/").headers["Cache-Control"] == "no-store"
    assert browser.get("/version").headers["Cache-Control"] == "no-store"


def test_https_is_kept_to(tmp_path: Path) -> None:
    """Where readers come by https, their browsers are told to stay with it."""
    secure = client(tmp_path, public_url="https://tower.example.com")
    answer = secure.get("/healthz", headers={"Host": "tower.example.com"})
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("host", ["localhost", "localhost:8050", "127.0.0.1:8050", "[::1]:8050"])
def test_own_names_are_answered(browser: FlaskClient, host: str) -> None:
    """This machine's names, with any port."""
    assert browser.get("/version", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example.com", "localhost.evil.example.com", "127.0.0.1.nip.io", "", "a b", "::1"]
)
def test_foreign_names_are_refused(browser: FlaskClient, host: str) -> None:
    """A name that was made to lead to this machine does not open it to a foreign page."""
    for path in ("/version", "/", "/_dash-layout", "/assets/control_tower.js"):
        assert browser.get(path, headers={"Host": host}).status_code in (400, 421)


def test_names_can_be_allowed(tmp_path: Path) -> None:
    """Those of the settings and of the public address, or all."""
    chosen = client(
        tmp_path, allowed_hosts="tower.local, Tower.lan", public_url="http://tower.example.com"
    )
    for host, status in {
        "tower.local": 200,
        "tower.lan:80": 200,
        "tower.example.com": 200,
        "example.com": 421,
    }.items():
        assert chosen.get("/version", headers={"Host": host}).status_code == status
    anything = client(tmp_path, allowed_hosts="*")
    assert anything.get("/version", headers={"Host": "any.example.com"}).status_code == 200


def test_own_pages_may_ask(browser: FlaskClient) -> None:
    """A browser says where a request is from; tools say nothing."""
    assert ask_overview(browser) == {200}
    assert ask_overview(browser, Sec_Fetch_Site="same-origin") == {200}
    assert ask_overview(browser, Origin="http://localhost") == {200}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example.com"},
    ],
)
def test_foreign_pages_may_not_ask(browser: FlaskClient, headers: dict[str, str]) -> None:
    """What another site's page asks is refused before it is read."""
    assert ask_overview(browser, **headers) == {403}


def test_large_requests_are_refused(browser: FlaskClient) -> None:
    """A body of more than two megabytes is not read."""
    body = json.dumps({"output": "x" * 3 * 2**20})
    answer = browser.post("/_dash-update-component", data=body, content_type="application/json")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../settings.py",
        "/assets/%2e%2e/settings.py",
        "/assets/..%2fsettings.py",
        "/assets/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/assets//etc/passwd",
        "/assets/..%5csettings.py",
        "/_dash-component-suites/dash/../../../../../../etc/passwd",
        "/_dash-component-suites/dash/..%2f..%2f..%2fetc%2fpasswd",
        "/_dash-component-suites/control_tower_dash/settings.py",
        "/export/..%2f..%2fpyproject.csv",
        "/export/tickets-by-day.csv%00.toml",
    ],
)
def test_files_beside_the_assets_stay_where_they_are(browser: FlaskClient, path: str) -> None:
    """No address leads out of the folders that are served: it is the empty frame or an error."""
    answer = browser.get(path)
    kept = [
        (PROJECT_ROOT / name).read_bytes()[:60]
        for name in ("pyproject.toml", "control_tower_dash/settings.py")
    ]
    assert not any(content in answer.data for content in [*kept, b"root:"])
    assert answer.status_code >= 400 or b"_dash-config" in answer.data


def test_there_is_no_debugger(browser: FlaskClient) -> None:
    """Neither Flask's nor Dash's, and nothing of an error's inside is shown."""
    assert not browser.application.debug
    layout = browser.get("/").get_data(as_text=True)
    assert '"ui":false' in layout
    assert browser.get("/?__debugger__=yes&cmd=resource&f=debugger.js").mimetype == "text/html"
    broken = browser.post("/_dash-update-component", data="{", content_type="application/json")
    assert broken.status_code >= 400
    assert b"Traceback" not in broken.data


def test_scripts_are_complete_before_anybody_asks(tmp_path: Path) -> None:
    """Whichever process is asked first for a script has it, without having shown a page before."""
    first = client(tmp_path)
    scripts = re.findall('src="(/[^"]+)"', first.get("/").get_data(as_text=True))
    assert len(scripts) > 5
    for path in scripts:
        assert client(tmp_path).get(path).status_code == 200


def test_dashboards_of_two_desks_share_a_process(tmp_path: Path) -> None:
    """Making one app does not change another's pages or policy."""
    publish_generation(tmp_path, 1)
    one, other = client(tmp_path), client(tmp_path / "elsewhere")
    assert one.get("/version").get_json()["snapshot_id"]
    assert other.get("/version").get_json()["snapshot_id"] is None
    assert ask_overview(other) == {200}
