"""Executive overview: are we hitting SLA, and what matters today."""

from collections.abc import Sequence

import polars as pl
from dash import html
from dash.development.base_component import Component

from control_tower_dash.components.card import card
from control_tower_dash.components.kpi import kpi_card
from control_tower_dash.elements import (
    HAS_SLA,
    NO_SLA,
    Column,
    Element,
    metric_column,
    not_filtered_by,
)
from control_tower_dash.figures import overview as figures
from control_tower_dash.filters import Filters
from control_tower_dash.formats import readable
from control_tower_dash.headline import headline
from control_tower_dash.metrics import METRICS
from control_tower_dash.pages.page import Block, Page, block, page_header
from control_tower_dash.queries.daily import daily
from control_tower_dash.queries.drill import with_tickets_behind
from control_tower_dash.queries.overview import (
    attainment_by,
    headline_facts,
    key_figures,
    targets_by_priority,
)
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Reader

__all__ = ["PAGE"]


def _by_day(reader: Reader, filters: Filters) -> pl.DataFrame:
    frame = daily(reader, filters).with_columns(to=pl.col("day"))
    return with_tickets_behind(
        frame, {"day": "from", "to": "to"}, counted="tickets", by="created"
    ).drop("to")


def _cards(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    course = daily(reader, filters)
    aims = {
        "sla_attainment": targets_by_priority(reader, filters),
        "median_cycle_hours": settings.cycle_target_hours,
        "backlog": settings.backlog_target,
        "cost_per_ticket": settings.cost_target,
        "csat_mean": settings.csat_target,
    }
    return [
        kpi_card(
            METRICS[row["metric"]],
            row["value"],
            row["before"],
            (aims[row["metric"]], "target")
            if aims.get(row["metric"]) is not None
            else (row["usual"], "usual"),
            course[row["metric"]].to_list(),
        )
        for row in key_figures(reader, filters).iter_rows(named=True)
    ]


def _headline(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    # What matters today does so whatever a reader looks at.
    says = headline(key_figures(reader, Filters()), headline_facts(reader))
    return [html.P(f"{says} {not_filtered_by(filters)}".strip())]


def _volume_caption(frame: pl.DataFrame) -> str:
    opened, solved = frame["tickets"].sum(), frame["solved"].sum()
    busiest = frame.sort("tickets", descending=True).row(0, named=True)
    return (
        f"{opened:,} tickets opened, {solved:,} solved; the busiest day was "
        f"{readable(busiest['day'], 'day')} with {busiest['tickets']:,}."
    )


def _attainment_caption(frame: pl.DataFrame) -> str:
    decided, met = frame.select(pl.sum("decided", "met")).row(0)
    if not decided:
        return "No SLA target was decided in this period."
    return f"{met / decided:.1%} of {decided:,} targets kept."


def _backlog_caption(frame: pl.DataFrame) -> str:
    last, least, most = frame.select(
        pl.last("backlog"), least=pl.min("backlog"), most=pl.max("backlog")
    ).row(0)
    return f"{last:,} tickets open at the end, between {least:,} and {most:,} over the period."


def _cycle_caption(frame: pl.DataFrame) -> str:
    known = frame.drop_nulls("median_cycle_hours").sort("median_cycle_hours")
    if known.is_empty():
        return "No ticket was solved in this period."
    day, hours = known.select("day", "median_cycle_hours").row(-1)
    return (
        "Half of each day's solved tickets took less; the slowest day was "
        f"{readable(day, 'day')} with {readable(hours, 'hours')}."
    )


def _bars_caption(frame: pl.DataFrame) -> str:
    below = frame.filter(pl.col("sla_attainment") < pl.col("target"))
    if below.is_empty():
        return "Every group, priority and type is on target."
    names = below.sort("sla_attainment")["value"].to_list()
    return f"Below target: {', '.join(names)}. ▼ and orange say so; the tick is the target."


_DAY = Column("day", "Day", "day")
_BEHIND = Column("tickets_behind", "Tickets", "drill")

_ELEMENTS = (
    Element(
        "tickets-by-day",
        "Tickets opened and solved",
        _by_day,
        (
            _DAY,
            Column("tickets", "Opened", "count"),
            Column("solved", "Solved", "count"),
            _BEHIND,
        ),
        figures.volume,
        _volume_caption,
    ),
    Element(
        "sla-by-day",
        "SLA attainment",
        daily,
        (
            _DAY,
            Column("decided", "Targets decided", "count"),
            Column("met", "Kept", "count"),
            metric_column("sla_attainment"),
        ),
        figures.attainment,
        _attainment_caption,
        source_needs=HAS_SLA,
        missing=NO_SLA,
    ),
    Element(
        "backlog-by-day",
        "Open backlog",
        daily,
        (
            _DAY,
            Column(
                "backlog",
                "Open at the end of the day",
                "count",
                "Tickets neither solved nor closed then.",
            ),
        ),
        figures.backlog,
        _backlog_caption,
    ),
    Element(
        "cycle-by-day",
        "Cycle time",
        daily,
        (
            _DAY,
            Column(
                "median_cycle_hours",
                "Median cycle time",
                "hours",
                "Median calendar hours from creation to solution, of tickets solved that day.",
            ),
        ),
        figures.cycle,
        _cycle_caption,
    ),
    Element(
        "sla-by-group-priority-type",
        "SLA attainment by group, priority and type",
        attainment_by,
        (
            Column("dimension", "By"),
            Column("value", "Value"),
            Column("decided", "Targets decided", "count"),
            Column("met", "Kept", "count"),
            metric_column("sla_attainment"),
            Column("target", "Target", "share"),
            _BEHIND,
        ),
        figures.attainment_bars,
        _bars_caption,
        empty="No SLA target was decided in this period with these filters.",
        source_needs=HAS_SLA,
        missing=NO_SLA,
        height=380,
    ),
)


def _layout(services: Services) -> Sequence[Component]:
    del services
    charts = {element.name: card(element) for element in _ELEMENTS}
    wide = charts.pop("sla-by-group-priority-type")
    return [
        page_header(PAGE),
        block("headline", "headline"),
        block("key-figures", "kpis"),
        html.Div(list(charts.values()), className="two-columns"),
        wide,
    ]


PAGE = Page(
    name="overview",
    path="/",
    title="Executive Overview",
    question="Are we hitting SLA, and what matters today?",
    layout=_layout,
    elements=_ELEMENTS,
    blocks=(Block("headline", _headline), Block("key-figures", _cards)),
)
