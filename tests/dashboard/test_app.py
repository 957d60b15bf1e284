"""The whole app keeps to its contract, and an app that does not is found out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from dash import Input, Output, dcc, html
from dash.development.base_component import Component

from control_tower_dash import create_app, pages
from control_tower_dash.pages.page import Block, Page
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Snapshot
from tests.dashboard.contract_of_app import breaches, look_at


@pytest.fixture
def keys(desk: Snapshot) -> dict[str, str]:
    """Return a ticket to look at."""
    sql = "select min(ticket_id) from marts.sla where is_decided"
    return {"ticket": str(desk.query(sql).item())}


def test_every_layout_and_callback_keeps_to_the_contract(
    desk_dir: Path, keys: dict[str, str]
) -> None:
    """Ids exist once, charts come from one factory, metrics are defined."""
    seen = look_at(create_app(DashboardSettings(data_dir=desk_dir)), pages.PAGES, keys)
    assert len(seen.dependencies) > 2 * len(pages.PAGES)
    assert not breaches(seen, pages.PAGES)


def test_a_broken_app_is_found_out(
    desk_dir: Path, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each thing that may break is told of by its name."""
    whole = next(page for page in pages.PAGES if page.name == "quality")

    def layout(services: Services) -> Sequence[Component]:
        made = list(whole.layout(services))
        lost = [one for one in made if "churn-by-tier" not in str(one)]
        own = dcc.Graph(id={"type": "chart", "element": "own"})
        return [*lost, own, html.Div(id="main")]

    invented = Block("made-up", lambda *_: [html.Div("42", id="kpi-invented")])
    broken: Sequence[Page] = [
        replace(page, layout=layout, blocks=(*page.blocks, invented)) if page is whole else page
        for page in pages.PAGES
    ]
    monkeypatch.setattr(pages, "PAGES", broken)
    app = create_app(DashboardSettings(data_dir=desk_dir))

    @app.callback(Output("url", "colour"), Input("nowhere", "value"))
    def never(value: object) -> object:
        return value

    found = "\n".join(breaches(look_at(app, broken, keys), broken))
    for told in (
        "nothing has the id nowhere",
        "url has no colour",
        'quality: "main" is there 2 times',
        'the chart {"element": "own", "type": "chart"} is not the factory',
        "quality: heading-churn-by-tier is missing",
        "quality: kpi-invented is not defined",
        "quality: {'type': 'block', 'block': 'made-up'} is missing",
    ):
        assert told in found
