"""Data: what the figures were made from, and how far to trust them."""

from collections.abc import Sequence
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from control_tower_dash.components.card import card
from control_tower_dash.components.states import notice
from control_tower_dash.filters import Filters
from control_tower_dash.formats import readable
from control_tower_dash.pages.data_elements import DATA_ELEMENTS
from control_tower_dash.pages.page import Block, Page, block, page_header
from control_tower_dash.queries import data as queries
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Reader

__all__ = ["PAGE"]


def _snapshot(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del filters
    found = queries.snapshot(reader)
    age = found["age_hours"]
    is_stale = age is not None and age > settings.stale_hours
    run_id = found.get("run_id")
    passed, warned = found.get("checks_passed"), found.get("checks_warned")
    run: Component | str = (
        html.A(
            f"Run {str(run_id)[:8]} in Dagster",
            href=f"{settings.dagster_url.rstrip('/')}/runs/{quote(str(run_id), safe='')}",
            target="_blank",
            rel="noopener",
        )
        if run_id
        else "not known"
    )
    seconds = found.get("duration_seconds")
    facts: list[tuple[str, Component | str]] = [
        ("Source", str(found["described_as"] or found.get("source") or "not known")),
        ("Data as of (UTC)", readable(reader.as_of, "moment")),
        ("Published (UTC)", readable(found.get("published_at"), "moment")),
        (
            "Age",
            f"{'▲ ' if is_stale else '✓ '}{readable(age, 'hours')}"
            if age is not None
            else "not known",
        ),
        (
            "Run took",
            f"{seconds:,.0f} seconds" if isinstance(seconds, int | float) else "not known",
        ),
        ("Checks passed", f"✓ {readable(passed, 'count')}"),
        ("Checks warned", f"{'▲' if warned else '✓'} {readable(warned, 'count')}"),
        ("Made by", run),
        ("Snapshot", reader.snapshot_id),
    ]
    stale = (
        [
            notice(
                f"This snapshot is older than {readable(settings.stale_hours, 'hours')}. Look at "
                "the newest runs in Dagster: where a check refuses to publish, the last good "
                "snapshot stays here."
            )
        ]
        if is_stale
        else []
    )
    return [
        *stale,
        html.Div(
            [
                html.H2("This snapshot"),
                html.Dl(
                    [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts],
                    className="data-facts",
                ),
            ],
            className="card",
        ),
    ]


def _layout(services: Services) -> Sequence[Component]:
    del services
    found, held, forecasts, risk, reconciled, differences = DATA_ELEMENTS
    return [
        page_header(PAGE),
        block("data-snapshot"),
        card(found, page_size=8),
        card(forecasts, page_size=8),
        card(risk),
        card(reconciled),
        card(differences, page_size=8),
        card(held, page_size=12),
    ]


PAGE = Page(
    name="data",
    path="/data",
    title="Data",
    question="Where do these figures come from, and how far can we trust them?",
    layout=_layout,
    elements=DATA_ELEMENTS,
    blocks=(Block("data-snapshot", _snapshot),),
    is_kept=False,
)
