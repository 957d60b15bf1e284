"""Sign-in through an OpenID provider, and every way it must not work."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.dashboard.serving.apps import client
from tests.dashboard.serving.provider import CLIENT, SECRET, Provider, running_provider

HTML = {"Accept": "text/html"}
PUBLIC = "http://localhost"


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Yield a provider that answers."""
    with running_provider() as provider:
        yield provider


def dashboard(data_dir: Path, provider: Provider, **chosen: object) -> FlaskClient:
    """Return a browser in front of a dashboard that trusts the provider."""
    allowed = {} if "oidc_allowed_groups" in chosen else {"oidc_allowed_domains": "example.com"}
    return client(
        data_dir,
        sign_in="oidc",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        public_url=PUBLIC,
        session_secret="s" * 32,
        **allowed,
        **chosen,
    )


@pytest.fixture
def browser(tmp_path: Path, provider: Provider) -> FlaskClient:
    """Return a browser that has not signed in."""
    return dashboard(tmp_path, provider)


def begin(browser: FlaskClient, provider: Provider, path: str = "/") -> str:
    """Ask for a page, go to the provider, and return the way back it offers."""
    assert browser.get(path, headers=HTML).location == "/sign-in"
    away = browser.get("/sign-in").location
    code = provider.authorize(away)
    return f"/sign-in/callback?code={code}&state={provider.asked['state']}"


def sign_in(browser: FlaskClient, provider: Provider, path: str = "/") -> TestResponse:
    """Go the whole way, and return the answer at its end."""
    return browser.get(begin(browser, provider, path))


def is_in(browser: FlaskClient) -> bool:
    """Return whether data are answered."""
    return browser.get("/version").status_code == 200


def test_the_whole_way(browser: FlaskClient, provider: Provider) -> None:
    """The provider is asked as the standard says, and the reader arrives where they wanted."""
    assert not is_in(browser)
    arrived = sign_in(browser, provider, "/capacity?period=7d&group=Tier%201")
    assert arrived.status_code == 302
    assert arrived.location == "/capacity?period=7d&group=Tier%201"
    assert is_in(browser)
    asked = provider.asked
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{PUBLIC}/sign-in/callback"
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 20


def test_each_attempt_has_its_own_secrets(browser: FlaskClient, provider: Provider) -> None:
    """State, nonce and challenge are never used twice."""
    seen = []
    for _ in range(3):
        query = parse_qs(urlsplit(browser.get("/sign-in").location).query)
        seen.append({query[name][0] for name in ("state", "nonce", "code_challenge")})
    assert len(set().union(*seen)) == 9
    assert provider.token_requests == []


@pytest.mark.parametrize(
    "altered",
    [
        pytest.param({"nonce": "of-another-attempt"}, id="nonce"),
        pytest.param({"nonce": None}, id="no-nonce"),
        pytest.param({"aud": "another-client"}, id="audience"),
        pytest.param({"aud": None}, id="no-audience"),
        pytest.param({"iss": "http://127.0.0.1:1"}, id="issuer"),
        pytest.param({"exp": int(time.time()) - 3600}, id="expired"),
        pytest.param({"exp": None}, id="never-expires"),
        pytest.param({"sub": None}, id="nobody"),
    ],
)
def test_tokens_that_are_not_for_us_are_refused(
    browser: FlaskClient, provider: Provider, altered: dict[str, object]
) -> None:
    """One claim that is wrong is enough."""
    provider.altered = altered
    assert sign_in(browser, provider).status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize("key", ["another key", "the shared secret", "nothing"])
def test_tokens_the_provider_did_not_sign_are_refused(
    browser: FlaskClient, provider: Provider, key: str
) -> None:
    """Only the provider's published keys count, and only by algorithms with two keys."""
    provider.signs_with = key
    assert sign_in(browser, provider).status_code == 403
    assert not is_in(browser)


def test_an_access_token_alone_proves_nothing(browser: FlaskClient, provider: Provider) -> None:
    """Without an identity token nobody is signed in."""
    provider.has_id_token = False
    assert sign_in(browser, provider).status_code == 403
    assert not is_in(browser)


def test_the_state_must_be_that_of_this_browser(
    tmp_path: Path, browser: FlaskClient, provider: Provider
) -> None:
    """A way back that was begun elsewhere, made up or used before leads nowhere."""
    way_back = begin(browser, provider)
    assert dashboard(tmp_path, provider).get(way_back).status_code == 403
    for path in ("?code=code-1&state=made-up", "?code=code-1", "", "?error=access_denied"):
        assert browser.get(f"/sign-in/callback{path}").status_code == 403
    assert provider.token_requests == []
    assert browser.get(way_back).status_code == 302
    browser.post("/sign-out")
    assert browser.get(way_back).status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("claims", "chosen", "status"),
    [
        ({"email": "ada@example.com"}, {}, 302),
        ({"email": "ada@EXAMPLE.com"}, {}, 302),
        ({"email": "ada@example.com", "email_verified": False}, {}, 403),
        ({"email": "ada@example.com", "email_verified": None}, {}, 403),
        ({"email": "ada@evil.com"}, {}, 403),
        ({"email": "ada@example.com@evil.com"}, {}, 403),
        ({"email": "ada@notexample.com"}, {}, 403),
        ({"email": None}, {}, 403),
        ({"groups": ["support", "other"]}, {"oidc_allowed_groups": "leads, support"}, 302),
        ({"groups": "support"}, {"oidc_allowed_groups": "support"}, 302),
        ({"groups": ["supporters"]}, {"oidc_allowed_groups": "support"}, 403),
        ({"groups": None}, {"oidc_allowed_groups": "support"}, 403),
        ({"roles": ["x"]}, {"oidc_allowed_groups": "x", "oidc_groups_claim": "roles"}, 302),
    ],
)
def test_only_those_allowed_are_let_in(
    tmp_path: Path,
    provider: Provider,
    claims: dict[str, object],
    chosen: dict[str, object],
    status: int,
) -> None:
    """By verified address or by group."""
    provider.claims.update(claims)
    browser = dashboard(tmp_path, provider, **chosen)
    assert sign_in(browser, provider).status_code == status
    assert is_in(browser) == (status == 302)


def test_without_a_session_nothing_is_told(browser: FlaskClient, provider: Provider) -> None:
    """Pages lead to the sign-in; whatever else is asked is refused, save the state of health."""
    assert provider.issuer
    for path in (
        "/_dash-layout",
        "/_dash-dependencies",
        "/version",
        "/export/x.csv",
        "/tokens.css",
    ):
        assert browser.get(path).status_code == 401
    assert browser.post("/_dash-update-component", json={}).status_code == 401
    assert browser.get("/assets/control_tower.js").status_code == 401
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/readyz").status_code == 503


def test_signing_out_ends_the_session(browser: FlaskClient, provider: Provider) -> None:
    """By the button only: a link or another site's page cannot."""
    sign_in(browser, provider)
    browser.get("/sign-out")
    assert is_in(browser)
    foreign = browser.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert is_in(browser)
    assert browser.post("/sign-out").status_code == 200
    assert not is_in(browser)


def test_a_session_ends_by_itself(
    browser: FlaskClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the hours of the settings, whatever the browser keeps."""
    sign_in(browser, provider)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 11.9 * 3600)
    assert is_in(browser)
    monkeypatch.setattr(time, "time", lambda: now + 12.1 * 3600)
    assert not is_in(browser)


def test_a_session_cannot_be_made_up(
    tmp_path: Path, browser: FlaskClient, provider: Provider
) -> None:
    """Another secret's cookie, or one changed by a letter, is none."""
    sign_in(browser, provider)
    cookie = browser.get_cookie("control-tower")
    assert cookie is not None
    other = dashboard(tmp_path, provider)
    other.set_cookie("control-tower", cookie.value)
    assert is_in(other)
    middle = len(cookie.value) // 2
    swapped = "A" if cookie.value[middle] != "A" else "B"
    other.set_cookie("control-tower", cookie.value[:middle] + swapped + cookie.value[middle + 1 :])
    assert not is_in(other)


def test_the_cookie_is_out_of_reach(tmp_path: Path, provider: Provider) -> None:
    """Of scripts, of other sites' requests and, under https, of plain connections."""
    plain = dashboard(tmp_path, provider).get("/", headers=HTML).headers["Set-Cookie"]
    assert plain.startswith("control-tower=")
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in plain
    secure = client(
        tmp_path,
        sign_in="oidc",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_allowed_domains="example.com",
        public_url="https://tower.example.com",
        session_secret="s" * 32,
    ).get("/", headers={**HTML, "Host": "tower.example.com"})
    cookie = secure.headers["Set-Cookie"]
    assert cookie.startswith("__Host-control-tower=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_many_tabs_do_not_outgrow_the_cookie(browser: FlaskClient, provider: Provider) -> None:
    """Sign-ins begun and never finished are forgotten; the latest still works."""
    for _ in range(12):
        browser.get("/" + "?group=" + "x" * 3000, headers=HTML)
        answer = browser.get("/sign-in")
        assert len(answer.headers["Set-Cookie"]) < 4093
    assert sign_in(browser, provider).status_code == 302


def test_a_provider_that_is_away_is_told_of(tmp_path: Path) -> None:
    """Readers see a page, not an error's inside."""
    away = Provider()
    away.issuer = "http://127.0.0.1:9"
    answer = dashboard(tmp_path, away).get("/sign-in")
    assert answer.status_code == 502
    assert b"cannot be used right now" in answer.data


def test_another_provider_than_named_is_refused(tmp_path: Path, provider: Provider) -> None:
    """Its own document must name the issuer that was asked."""
    browser = dashboard(tmp_path, provider)
    provider.issuer = "https://another.example.com"
    assert browser.get("/sign-in").status_code == 502
