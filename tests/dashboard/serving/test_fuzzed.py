"""Whatever is asked of the dashboard, it answers; nothing of its inside or of its disk is shown."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from control_tower.settings import PROJECT_ROOT
from tests.dashboard.asking import asked_of
from tests.dashboard.serving.apps import client
from tests.examples import examples

_FUZZ = settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_KEPT = ((PROJECT_ROOT / "pyproject.toml").read_bytes()[:60], b"root:")

_NAMES = st.sampled_from(
    ["period", "from", "to", "group", "priority", "type", "channel", "tier", "ticket", "volume"]
)
_WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["30d", "2026-01-01", "9999-12-31", "0001-01-01", "' or 1=1 --", "../../etc/passwd"]
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(str),
)
searches = st.one_of(
    st.text(max_size=60),
    st.lists(st.tuples(st.one_of(_NAMES, st.text(max_size=10)), _WORDS), max_size=5).map(
        lambda pairs: "?" + "&".join(f"{name}={word}" for name, word in pairs)
    ),
)
paths = st.one_of(
    st.sampled_from(["/", "/queues", "/bottlenecks", "/capacity", "/ticket/1", "/nowhere"]),
    st.text(max_size=40),
    _WORDS.map(lambda word: f"/ticket/{word}"),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def browser(desk_dir: Path) -> FlaskClient:
    """Return a client of a dashboard over a published desk."""
    return client(desk_dir)


@pytest.fixture(scope="module")
def asked(browser: FlaskClient) -> Sequence[Mapping[str, Any]]:
    """Return the callbacks the server has."""
    found: list[Mapping[str, Any]] = browser.get("/_dash-dependencies").get_json()
    return [one for one in found if not one["clientside_function"]]


def _keeps_to_itself(content: bytes) -> None:
    assert b"Traceback" not in content
    assert not any(kept in content for kept in _KEPT)


@_FUZZ
@given(
    st.one_of(
        paths,
        st.sampled_from(["/export/", "/assets/"]).flatmap(
            lambda stem: st.text(max_size=30).map(lambda rest: stem + rest)
        ),
    ),
    searches,
)
def test_any_address_is_answered(browser: FlaskClient, path: str, search: str) -> None:
    """By a page or by an error of the asker's."""
    answer = browser.get(
        "/" + quote(path.lstrip("/")), query_string=quote(search.lstrip("?"), "=&+%")
    )
    assert answer.status_code < 500, (path, search)
    _keeps_to_itself(answer.data)


@_FUZZ
@given(st.data(), searches, paths)
def test_any_filters_fill_any_page(
    browser: FlaskClient,
    asked: Sequence[Mapping[str, Any]],
    data: st.DataObject,
    search: str,
    path: str,
) -> None:
    """What means nothing is left out and told of; no figure fails."""
    one = data.draw(st.sampled_from(asked))
    body = asked_of(one, {"search": search, "pathname": path})
    answer = browser.post("/_dash-update-component", json=body)
    assert answer.status_code == 200, (one["output"][:60], search, path)
    assert b"state-error" not in answer.data
    _keeps_to_itself(answer.data)


@_FUZZ
@given(st.data(), st.dictionaries(st.sampled_from(["search", "pathname", "data"]), values))
def test_any_values_are_answered_or_refused(
    browser: FlaskClient,
    asked: Sequence[Mapping[str, Any]],
    data: st.DataObject,
    given_values: Mapping[str, Any],
) -> None:
    """What a page never holds is the asker's error, not the server's."""
    one = data.draw(st.sampled_from(asked))
    body = json.dumps(asked_of(one, given_values))
    answer = browser.post("/_dash-update-component", data=body, content_type="application/json")
    assert answer.status_code in (200, 204, 400), (one["output"][:60], given_values)
    _keeps_to_itself(answer.data)


def test_a_table_asked_for_by_a_mere_word_is_none(
    browser: FlaskClient, asked: Sequence[Mapping[str, Any]]
) -> None:
    """Pages name it in an object; a word is text like any other."""
    one = next(one for one in asked if "table-content" in one["output"])
    answer = browser.post("/_dash-update-component", json=asked_of(one, {"data": "0"}))
    assert answer.status_code == 200
    assert answer.get_json()["response"]["table-window"]["opened"] is False


@_FUZZ
@given(st.data(), values)
def test_any_body_is_answered_or_refused(
    browser: FlaskClient, asked: Sequence[Mapping[str, Any]], data: st.DataObject, value: Any
) -> None:
    """Also one of which a part is amiss."""
    body: Any = dict(asked_of(data.draw(st.sampled_from(asked)), {}))
    part = data.draw(st.sampled_from([*body, "whole", "unknown"]))
    if part == "whole":
        body = value
    else:
        body[part] = value
    answer = browser.post(
        "/_dash-update-component", data=json.dumps(body), content_type="application/json"
    )
    assert answer.status_code in (200, 204, 400), (part, value)
    _keeps_to_itself(answer.data)
