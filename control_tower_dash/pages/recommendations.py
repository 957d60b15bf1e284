"""Recommendations: what to do about it, in order."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
from dash import dcc, html
from dash.development.base_component import Component

from control_tower.recommendations.words import plural
from control_tower_dash.components.aria import aria
from control_tower_dash.components.card import card
from control_tower_dash.components.states import state
from control_tower_dash.elements import Column, Element, not_filtered_by
from control_tower_dash.figures import recommendations as figures
from control_tower_dash.filters import Filters
from control_tower_dash.formats import readable
from control_tower_dash.pages.page import Block, Page, block, page_header
from control_tower_dash.queries.recommendations import actions, briefing, evidence
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Reader

__all__ = ["PAGE"]

_HEALTHY: Final = (
    "No action is recommended: no rule found anything that the figures support. The rules and "
    "when they stay silent are in the documentation."
)
_CONFIDENCE: Final[Mapping[str, str]] = {"high": "●●●", "medium": "●●○", "low": "●○○"}
_PAGES: Final[Mapping[str, str]] = {
    "SLA attainment": "/",
    "cycle time": "/bottlenecks",
    "reopen rate": "/quality",
    "customer churn": "/quality",
}
"""Where the metric that an action should move is shown."""


def _summary(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    found = actions(reader, filters)
    if found.is_empty():
        return []
    first = found.row(0, named=True)
    breaches = found["breaches_avoided"].sum()
    return [
        html.P(
            f"{plural(found.height, 'action')} in order of what each is worth a month. First: "
            f"{first['title'][:1].lower()}{first['title'][1:]}. Together they could avoid about "
            f"{readable(breaches, 'count')} missed targets a month; where they act on the same "
            f"tickets the effects overlap. {not_filtered_by(filters)}".strip()
        )
    ]


def _cards(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    found = actions(reader, filters)
    if found.is_empty():
        return [html.Div(state("empty", _HEALTHY), className="card")]
    return [html.Ol([_action(row) for row in found.iter_rows(named=True)], className="actions")]


def _action(row: Mapping[str, Any]) -> html.Li:
    heading = f"action-{row['rank']}"
    facts: list[tuple[str, Component | str]] = [
        (
            "Estimated impact",
            f"{readable(row['estimated_impact'], 'number')} {row['impact_unit']}",
        ),
        *_more_impact(row),
        ("Worth a month", readable(row["score_usd"], "usd")),
        (
            "Confidence",
            html.Span(
                [
                    html.Span(_CONFIDENCE[row["confidence"]], **aria(hidden=True)),
                    f" {row['confidence']}",
                ]
            ),
        ),
        ("Owner", row["owner_group"]),
        (
            "Should move",
            dcc.Link(row["metric"], href=_PAGES[row["metric"]])
            if row["metric"] in _PAGES
            else row["metric"],
        ),
    ]
    behind: list[Component] = (
        [
            dcc.Link(
                f"Open the {plural(row['tickets'], 'ticket')} behind it",
                href=f"/tickets?{urlencode({'action': row['action_id']})}",
            )
        ]
        if row["tickets"]
        else []
    )
    return html.Li(
        html.Article(
            [
                html.P(row["question"], className="action-question"),
                html.H2(f"{row['rank']}. {row['title']}", id=heading),
                html.P(row["action"]),
                html.P([html.Strong("Why: "), row["evidence"]]),
                html.Dl(
                    [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts],
                    className="action-facts",
                ),
                html.Details([html.Summary("How the estimate is made"), html.P(row["arithmetic"])]),
                html.P(behind),
            ],
            className="card",
            **aria(labelledby=heading),
        )
    )


def _more_impact(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the estimate is besides its own unit, where there is any."""
    more = []
    if row["impact_hours"] and "hours" not in row["impact_unit"]:
        what = "Cycle hours saved" if row["hours_kind"] == "cycle" else "Working hours saved"
        more.append((what, readable(row["impact_hours"], "number")))
    if row["breaches_avoided"] and row["breaches_avoided"] != row["estimated_impact"]:
        more.append(("Missed targets avoided", readable(row["breaches_avoided"], "number")))
    if row["impact_usd"]:
        label = "Saves" if row["impact_usd"] > 0 else "Costs"
        more.append((label, readable(abs(row["impact_usd"]), "usd")))
    return more


def _briefing(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del filters, settings
    found = briefing(reader)
    if found.is_empty():
        return []
    title, markdown, _ = found.row(0)
    # The page has a first-level heading already.
    lower = re.sub(r"(?m)^#", "###", markdown)
    return [
        html.Div(
            [
                html.H2(title),
                html.P(
                    [
                        "The five questions answered on one page, to forward: ",
                        html.A("HTML", href="/briefing.html", download=""),
                        " or ",
                        html.A("Markdown", href="/briefing.md", download=""),
                        ".",
                    ]
                ),
                html.Details(
                    [html.Summary("Read it here"), dcc.Markdown(lower, className="briefing")]
                ),
            ],
            className="card",
        )
    ]


def _worth_caption(frame: pl.DataFrame) -> str:
    first = frame.row(0, named=True)
    return (
        f"“{first['title']}” is worth most, {readable(first['score_usd'], 'usd')} a month: hours, "
        "missed targets avoided and money, at the rates the documentation names."
    )


def _evidence_caption(frame: pl.DataFrame) -> str:
    return f"{frame.height:,} rows, the first recommendation's first."


_NOTHING: Final[frozenset[str]] = frozenset()

_ELEMENTS = (
    Element(
        "actions",
        "What each is worth a month",
        actions,
        (
            Column("rank", "Rank", "count", width=60),
            Column("title", "Recommendation", width=300),
            Column("score_usd", "Worth a month", "usd"),
            Column("estimated_impact", "Estimate", "number"),
            Column("impact_unit", "Unit", width=170),
            Column("impact_hours", "Hours", "number"),
            Column("breaches_avoided", "Missed targets avoided", "number"),
            Column("impact_usd", "Money saved", "usd"),
            Column("confidence", "Confidence", width=100),
            Column("owner_group", "Owner", width=150),
            Column("metric", "Should move", width=130),
            Column("question", "Question", width=240),
            Column("action", "What to do", width=320),
            Column("evidence", "Evidence", width=320),
            Column("arithmetic", "Arithmetic", width=320),
            Column("tickets", "Tickets named", "count"),
            Column("tickets_behind", "Tickets", "drill"),
        ),
        figure=figures.worth,
        caption=_worth_caption,
        empty=_HEALTHY,
        applies=_NOTHING,
        height=280,
    ),
    Element(
        "evidence",
        "The rows behind the recommendations",
        evidence,
        (
            Column("rank", "Rank", "count", width=60),
            Column("title", "Recommendation", width=300),
            Column("subject", "What", width=180),
            Column("label", "Figure", width=180),
            Column("value", "Value", "number"),
            Column("unit", "Unit", width=120),
            Column("ticket_id", "Ticket", "ticket"),
        ),
        caption=_evidence_caption,
        empty="There is nothing to prove where nothing is recommended.",
        applies=_NOTHING,
    ),
)


def _layout(services: Services) -> Sequence[Component]:
    del services
    worth, rows = _ELEMENTS
    return [
        page_header(PAGE),
        block("recommendations-summary", "headline"),
        block("recommendations-cards"),
        card(worth),
        block("briefing"),
        card(rows, page_size=10),
    ]


PAGE = Page(
    name="recommendations",
    path="/recommendations",
    title="Recommendations",
    question="What should we do about it, in order?",
    layout=_layout,
    elements=_ELEMENTS,
    blocks=(
        Block("recommendations-summary", _summary),
        Block("recommendations-cards", _cards),
        Block("briefing", _briefing),
    ),
)
