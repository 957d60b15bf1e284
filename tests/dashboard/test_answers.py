"""What a page shows is had by its own address, below `/answer`."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from control_tower_dash import create_app
from control_tower_dash.pages import PAGES
from control_tower_dash.pages.page import Page
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Snapshot


@pytest.fixture(scope="module")
def browser(desk_dir: Path) -> FlaskClient:
    """Return a client of a dashboard of the published desk."""
    client: FlaskClient = create_app(DashboardSettings(data_dir=desk_dir)).server.test_client()
    return client


@pytest.mark.parametrize("page", [page for page in PAGES if not page.option], ids=lambda p: p.name)
def test_each_page_has_its_answer(browser: FlaskClient, desk: Snapshot, page: Page) -> None:
    """All it shows, of the newest snapshot."""
    path, name = page.path, page.name
    answer = browser.get(f"/answer{path}")
    assert answer.mimetype == "application/json"
    said = answer.get_json()
    assert (said["page"], said["shown"]) == (name, desk.snapshot_id)
    assert set(said["elements"]) == {one.name for one in page.elements}
    assert set(said["blocks"]) == {one.name for one in page.blocks}


def test_the_query_is_the_page_s_own(browser: FlaskClient, desk: Snapshot) -> None:
    """Filters are understood, and what is not is told of."""
    high = desk.query("select count(*) from marts.ticket_outcomes where priority = 'high'").item()
    said = browser.get("/answer/?period=all&priority=high&type=%22%3Cb%3E").get_json()
    opened = sum(said["elements"]["tickets-by-day"]["data"]["data"][0]["y"])
    deleted = desk.query(
        "select count(*) from marts.ticket_outcomes where priority = 'high' and is_deleted"
    ).item()
    assert opened == high - deleted
    assert "<b>" in json.dumps(said["notices"])


def test_a_ticket_has_its_answer(browser: FlaskClient, desk: Snapshot) -> None:
    """By its key in the path."""
    ticket = desk.query("select min(ticket_id) from marts.ticket_outcomes").item()
    said = browser.get(f"/answer/ticket/{ticket}").get_json()
    assert said["page"] == "ticket"
    assert f"Ticket #{ticket}" in json.dumps(said["blocks"])


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/ticket",
        "/ticket/",
        "/ticket/1/2",
        "/queues/x",
        "/%2e%2e/etc/passwd",
        "/ticket/%2e%2e%2f",
    ],
)
def test_other_addresses_have_none(browser: FlaskClient, path: str) -> None:
    """And say so."""
    answer = browser.get(f"/answer{path}")
    assert (answer.status_code, answer.get_data(as_text=True)) == (
        404,
        "There is no such page.\n",
    )


@pytest.mark.parametrize("key", ["no-such", "..", "1%3Bdrop", "%00", "9" * 400])
def test_a_ticket_that_cannot_be_is_told_of(browser: FlaskClient, key: str) -> None:
    """Whatever stands in the path is a key that nothing has."""
    answer = browser.get(f"/answer/ticket/{key}")
    assert answer.status_code == 200
    assert "no ticket" in answer.get_data(as_text=True).lower()
