"""What stands still is gathered; what callbacks reach, and what draws itself, is left to Dash."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from control_tower_dash.components.still import Still, still
from control_tower_dash.packed import plain
from tests.dashboard.components.tree import texts


def _kinds(parts: Sequence[Any]) -> list[str]:
    return [type(part).__name__ for part in parts]


def test_plain_elements_and_links_become_one_component() -> None:
    """Everything they say, and every attribute, goes along as it was."""
    parts = [
        html.P(["Ask ", html.Strong("today"), 7], className="lead"),
        dcc.Link("Tickets", href="/tickets?priority=high"),
    ]
    (one,) = still(parts)
    assert isinstance(one, Still)
    sent = plain(one)
    assert sent["props"]["tree"] == plain(parts)
    assert (sent["namespace"], sent["type"]) == ("control_tower_dash", "Still")


def test_what_a_callback_may_reach_stays_where_it_is() -> None:
    """Only the parts around it are gathered, in their order."""
    place = html.Div(id={"type": "state", "element": "volume"})
    made = still([html.P("before"), html.Div([html.H2("Volume"), place]), html.P("after")])
    assert _kinds(made) == ["Still", "Div", "Still"]
    assert _kinds(made[1].children) == ["Still", "Div"]
    assert made[1].children[1] is place


def test_components_that_draw_themselves_stay() -> None:
    """A button of another library, wherever it stands."""
    made = still([html.Div([html.P("one"), html.P("two"), dmc.Button("Press")])])
    assert _kinds(made) == ["Div"]
    assert _kinds(made[0].children) == ["Still", "Button"]
    assert texts(made[0].children[0].tree) == "one two"


def test_a_lone_text_stays_a_text() -> None:
    """Nothing is gained by wrapping it, and nothing is made of nothing."""
    assert still(["all good"]) == ["all good"]
    assert still([]) == []
