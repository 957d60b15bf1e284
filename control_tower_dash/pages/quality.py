"""Quality: what hurts satisfaction, what came back, what was passed on, who left."""

from collections.abc import Sequence

import polars as pl
from dash import html
from dash.development.base_component import Component

from control_tower_dash.components.card import card
from control_tower_dash.components.kpi import kpi_card
from control_tower_dash.elements import ALL_FILTERS, Column, Element
from control_tower_dash.figures import quality as figures
from control_tower_dash.filters import Filters
from control_tower_dash.metrics import METRICS
from control_tower_dash.pages.page import Block, Page, block, page_header
from control_tower_dash.queries.quality import (
    churn_by_tier,
    escalations_by_group,
    reopens_by_group,
)
from control_tower_dash.queries.quality_figures import course, key_figures
from control_tower_dash.queries.ratings import (
    csat_by_week,
    csat_distribution,
    what_goes_with_csat,
)
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Reader

__all__ = ["PAGE"]

_BEHIND = Column("tickets_behind", "Tickets", "drill")
_HAS_RATINGS = "select 1 from staging.stg_satisfaction_ratings limit 1"
_NO_RATINGS = "This source has no satisfaction ratings."
_INTERVAL = (
    Column("lower", "From", "share", "Lower end of the 95 % interval (Wilson)"),
    Column("upper", "To", "share", "Upper end of the 95 % interval (Wilson)"),
)


def _cards(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    weekly = course(reader, filters)
    cards = []
    for row in key_figures(reader, filters).iter_rows(named=True):
        is_csat = row["metric"] == "csat_mean" and settings.csat_target is not None
        aim = (settings.csat_target, "target") if is_csat else (row["usual"], "usual")
        known = row["value"] is not None
        cards.append(
            kpi_card(
                METRICS[row["metric"]],
                row["value"],
                row["before"],
                aim,
                weekly[row["metric"]].to_list() if known else (),
            )
        )
    return cards


def _scores_caption(frame: pl.DataFrame) -> str:
    count, mean, solved, answered = frame.select(
        pl.sum("ratings"), pl.first("csat_mean", "solved", "answered")
    ).row(0)
    low = frame.filter(pl.col("score") <= 2)["share"].sum()
    rate = f" {answered / solved:.1%} of {solved:,} tickets solved were rated." if solved else ""
    return f"{count:,} ratings, mean {mean:.2f}; {low:.1%} gave 1 or 2 (orange).{rate}"


def _course_caption(frame: pl.DataFrame) -> str:
    first, last = frame.row(0, named=True), frame.row(-1, named=True)
    moved = f"From {first['csat_mean']:.2f} to {last['csat_mean']:.2f}"
    return (
        f"{moved} over {frame.height} weeks; bars are 95 % intervals, none under ten ratings. "
        "The first and the last week may be cut by the period."
    )


def _rate_caption(frame: pl.DataFrame, what: str) -> str:
    worst = frame.row(0, named=True)
    beyond = frame.filter(pl.col("lower") > pl.col("desk_rate"))["group_name"].to_list()
    judged = (
        f"beyond chance above the desk: {', '.join(beyond)}"
        if beyond
        else ("no group is above the desk beyond chance")
    )
    shown = (
        f" The {frame.height} largest of {worst['groups']} groups."
        if (worst["groups"] > frame.height)
        else ""
    )
    return (
        f"{worst['group_name']} {what} most: {worst['happened']:,} of {worst['tickets']:,}, "
        f"{worst['rate']:.1%} (95 % interval {worst['lower']:.1%} to {worst['upper']:.1%}); "
        f"{judged}.{shown}"
    )


def _reopen_caption(frame: pl.DataFrame) -> str:
    return _rate_caption(frame, "sees tickets come back")


def _escalation_caption(frame: pl.DataFrame) -> str:
    return f"{_rate_caption(frame, 'escalates')} A ticket counts with every group that held it."


def _churn_caption(frame: pl.DataFrame) -> str:
    whole = frame.filter(pl.col("after") == "All tickets").sort("rate", descending=True)
    worst = whole.row(0, named=True)
    return (
        f"After {worst['rate']:.1%} of {worst['tickets']:,} tickets of tier "
        f"{worst['customer_tier']} the customer left within ninety days (95 % interval "
        f"{worst['lower']:.1%} to {worst['upper']:.1%}). All tickets whose ninety days are over, "
        "whatever the period; a customer with several tickets counts with each."
    )


def _factors_caption(frame: pl.DataFrame) -> str:
    worse = frame.filter(pl.col("upper") < 0)
    first = frame.row(0, named=True)
    lead = (
        f"Lowest with “{first['factor']}”: {first['difference']:+.2f} points "
        f"({first['lower']:+.2f} to {first['upper']:+.2f}; {first['with_it']:,} ratings with it, "
        f"{first['without']:,} without). {worse.height} of {frame.height} go with lower ratings "
        "beyond chance"
        if worse.height
        else f"None of {frame.height} goes with lower ratings beyond chance"
    )
    left = first["left_out"]
    out = f" {left} left out for too few ratings on a side." if left else ""
    return (
        f"{lead}; in twenty such intervals one misses the truth by chance. These go together and "
        f"need not be causes.{out}"
    )


_ELEMENTS = (
    Element(
        "csat-distribution",
        "Satisfaction scores",
        csat_distribution,
        (
            Column("score", "Score", "count"),
            Column("ratings", "Ratings", "count"),
            Column("share", "Share", "share"),
            _BEHIND,
        ),
        figures.scores,
        _scores_caption,
        empty="Nobody rated a ticket in this period with these filters.",
        source_needs=_HAS_RATINGS,
        missing=_NO_RATINGS,
    ),
    Element(
        "csat-by-week",
        "Satisfaction by week",
        csat_by_week,
        (
            Column("week", "Week from", "day"),
            Column("ratings", "Ratings", "count"),
            Column("csat_mean", "Mean score", "score", "Of the ratings given in the week, 1 to 5"),
            Column("lower", "From", "score", "Lower end of the 95 % interval of the mean"),
            Column("upper", "To", "score", "Upper end of the 95 % interval of the mean"),
            _BEHIND,
        ),
        figures.csat_course,
        _course_caption,
        empty="Nobody rated a ticket in this period with these filters.",
        source_needs=_HAS_RATINGS,
        missing=_NO_RATINGS,
    ),
    Element(
        "what-goes-with-csat",
        "What goes with low satisfaction",
        what_goes_with_csat,
        (
            Column("kind", "Kind"),
            Column("factor", "Factor", width=220),
            Column("with_it", "Ratings with it", "count"),
            Column("mean_with", "Mean with it", "score"),
            Column("without", "Ratings without", "count"),
            Column("mean_without", "Mean without", "score"),
            Column("difference", "Difference", "score"),
            Column("lower", "From", "score", "Lower end of the 95 % interval"),
            Column("upper", "To", "score", "Upper end of the 95 % interval"),
            Column("alike", "Like with like", "score", "Among tickets of same priority and type"),
            Column("alike_lower", "Like with like from", "score"),
            Column("alike_upper", "Like with like to", "score"),
            _BEHIND,
        ),
        figures.factors,
        _factors_caption,
        empty="Too few ratings in this period with these filters: twenty are needed on each side.",
        source_needs=_HAS_RATINGS,
        missing=_NO_RATINGS,
        height=720,
    ),
    Element(
        "reopens-by-group",
        "Reopen rate by group",
        reopens_by_group,
        (
            Column("group_name", "Group"),
            Column("tickets", "Solved", "count"),
            Column("happened", "Reopened", "count"),
            Column("rate", "Reopen rate", "share", METRICS["reopen_rate"].definition),
            *_INTERVAL,
            _BEHIND,
        ),
        figures.rates,
        _reopen_caption,
        empty="No ticket was solved in this period with these filters.",
    ),
    Element(
        "escalations-by-group",
        "Escalation rate by group",
        escalations_by_group,
        (
            Column("group_name", "Group"),
            Column("tickets", "Held and solved", "count"),
            Column("happened", "Escalated onward", "count"),
            Column(
                "rate", "Escalation rate", "share", "Escalated onward, of those held and solved"
            ),
            *_INTERVAL,
            _BEHIND,
        ),
        figures.rates,
        _escalation_caption,
        empty="No ticket solved in this period with these filters was escalated.",
        source_needs="select 1 from marts.ticket_outcomes where escalations > 0 limit 1",
        missing="No ticket was ever escalated here: the source has no step of that name, and its "
        "groups are no line of support.",
    ),
    Element(
        "churn-by-tier",
        "Customers who left after a ticket, by tier",
        churn_by_tier,
        (
            Column("customer_tier", "Customer tier"),
            Column("after", "After"),
            Column("tickets", "Tickets", "count"),
            Column("happened", "Customer left", "count"),
            Column("rate", "Share", "share", METRICS["churn_rate"].definition),
            *_INTERVAL,
            _BEHIND,
        ),
        figures.churn,
        _churn_caption,
        empty="With these filters there is no ticket after which that is known.",
        source_needs="select 1 from marts.ticket_outcomes "
        "where churned_within_90_days is not null limit 1",
        missing="This source does not say whether customers left.",
        applies=ALL_FILTERS - {"period"},
    ),
)


def _layout(services: Services) -> Sequence[Component]:
    del services
    charts = {element.name: card(element) for element in _ELEMENTS}
    return [
        page_header(PAGE),
        block("quality-figures", "kpis"),
        html.Div([charts["csat-distribution"], charts["csat-by-week"]], className="two-columns"),
        charts["what-goes-with-csat"],
        html.Div(
            [charts["reopens-by-group"], charts["escalations-by-group"]], className="two-columns"
        ),
        charts["churn-by-tier"],
    ]


PAGE = Page(
    name="quality",
    path="/quality",
    title="Quality Outcomes",
    question="What hurts CSAT: reopens, escalations, slow cycles?",
    layout=_layout,
    elements=_ELEMENTS,
    blocks=(Block("quality-figures", _cards),),
)
