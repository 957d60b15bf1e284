"""Queue performance: where do tickets pile up, and what is about to be late."""

from collections.abc import Sequence

import polars as pl
from dash import html
from dash.development.base_component import Component

from control_tower.recommendations.words import plural
from control_tower_dash.components.card import card
from control_tower_dash.elements import ALL_FILTERS, HAS_SLA, NO_SLA, Column, Element, metric_column
from control_tower_dash.figures import queues as figures
from control_tower_dash.filters import Filters
from control_tower_dash.formats import readable
from control_tower_dash.pages.bottleneck_words import place_among_groups
from control_tower_dash.pages.page import Block, Page, block, page_header
from control_tower_dash.queries.at_risk import at_risk
from control_tower_dash.queries.backlog import backlog_by_age
from control_tower_dash.queries.bottleneck_scores import scored_groups
from control_tower_dash.queries.queues import agents, groups
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Reader

__all__ = ["AT_RISK_COLUMNS", "PAGE"]


def _headline(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    sentences = [
        _bottleneck_sentence(scored_groups(reader, filters)),
        _risk_sentence(at_risk(reader, filters)),
    ]
    return [html.P(" ".join(sentence for sentence in sentences if sentence))]


def _bottleneck_sentence(scores: pl.DataFrame) -> str:
    if scores.is_empty() or not scores["bottleneck_score"][0]:
        return "No group holds tickets up and misses targets in this period."
    first = scores.row(0, named=True)
    place = place_among_groups(first["rank"], "holds tickets up most")
    waiting = first["waiting_share"]
    idle = "" if waiting is None else f", {waiting:.0%} of the time nobody worked on them,"
    return (
        f"{first['group_name']} {place}: half of its {first['tickets']:,} tickets were with it "
        f"for more than {readable(first['median_hours_in_group'], 'hours')}{idle} and "
        f"{first['breach_rate']:.0%} missed a target."
    )


def _risk_sentence(clocks: pl.DataFrame) -> str:
    if clocks.is_empty():
        return ""
    likely = clocks.filter(pl.col("risk").is_in(["critical", "high"]))
    late = clocks.filter(pl.col("risk") == "breached")["ticket_id"].n_unique()
    passed = f"{plural(late, 'open ticket is', 'open tickets are')} late already" if late else ""
    if likely.is_empty():
        return f"Now {passed}; no other is likely to be." if passed else "No open ticket is late."
    first = likely.sort("breach_at", nulls_last=True).row(0, named=True)
    about = plural(likely["ticket_id"].n_unique(), "open ticket is", "open tickets are")
    return (
        f"Now {about} likely to miss a target, #{first['ticket_id']} first on "
        f"{readable(first['breach_at'], 'moment')} UTC{f'; {passed}' if passed else ''}."
    )


def _score_caption(frame: pl.DataFrame) -> str:
    first = frame.row(0, named=True)
    if not first["bottleneck_score"]:
        return "No group scores: none of their tickets missed a target."
    return (
        f"{first['group_name']} scores {first['bottleneck_score']:.1f} of 100: median hours in the "
        "group times tickets times breach rate, each relative to the largest of all groups, over "
        "tickets opened in the period."
    )


def _age_caption(frame: pl.DataFrame) -> str:
    by_age = frame.group_by("age", maintain_order=True).agg(pl.sum("tickets"))
    total, oldest = by_age["tickets"].sum(), by_age.filter(pl.col("tickets") > 0).row(-1)
    return (
        f"{plural(int(total), 'ticket')} open at the end of the period; the oldest are "
        f"{oldest[0]} old ({oldest[1]:,})."
    )


def _groups_caption(frame: pl.DataFrame) -> str:
    solved, backlog = frame["solved"].sum(), frame["backlog"].sum()
    return f"{plural(int(solved), 'ticket')} solved, {backlog:,} open at the end of the period."


def _risk_caption(frame: pl.DataFrame) -> str:
    counts = dict(frame["risk"].value_counts().iter_rows())
    said = [
        f"{counts[risk]:,} {risk}"
        for risk in ("breached", "critical", "high", "watch")
        if risk in counts
    ]
    return (
        f"How the {plural(frame.height, 'unfinished SLA clock')} stand now: {', '.join(said)}. "
        "Moments are in UTC."
    )


def _agents_caption(frame: pl.DataFrame) -> str:
    return (
        f"{plural(frame.height, 'agent')} at work in the period, {frame['tickets_solved'].sum():,} "
        "tickets solved. Not a ranking: agents differ in the work they are given."
    )


_GROUP = Column("group_name", "Group", width=145)
_BEHIND = Column("tickets_behind", "Tickets", "drill")

AT_RISK_COLUMNS = (
    Column(
        "risk_label",
        "Risk",
        meaning="✕ breached: the target is passed. ▲▲ critical: more likely than not to be, and at "
        "most 2 hours left. ▲ high: more likely than not, or one chance in four with at most 2 "
        "hours left. ○ watch: all others.",
        width=105,
    ),
    Column("ticket_id", "Ticket", "ticket"),
    Column("metric_label", "Target", meaning="The SLA metric the clock measures.", width=135),
    Column("time_left", "Time left", meaning="On the clock, in words.", width=255),
    Column(
        "breach_at",
        "Breach (UTC)",
        "moment",
        "When the target is or was passed; not known while the clock is paused.",
    ),
    Column(
        "breach_probability",
        "Chance of breach",
        "share",
        "Of the desk's own clocks at the same point, how many went on to pass their target.",
    ),
    _GROUP,
    Column("priority", "Priority", width=85),
    Column("ticket_type", "Type", width=90),
    Column("reason", "Reason", width=440),
)

_ELEMENTS = (
    Element(
        "bottleneck-score",
        "Bottleneck score by group",
        scored_groups,
        (
            Column("rank", "Rank", "count"),
            _GROUP,
            metric_column("bottleneck_score"),
            Column(
                "tickets", "Tickets held", "count", "Tickets opened in the period it ever held."
            ),
            Column(
                "median_hours_in_group",
                "Time in group",
                "hours",
                "Median hours a ticket was with the group while there was work to do.",
            ),
            Column("breach_rate", "Missed a target", "share", "Share of the tickets it ever held."),
            metric_column("waiting_share"),
            _BEHIND,
        ),
        figures.score_bars,
        _score_caption,
        empty="No group held a ticket with a target in this period with these filters.",
        source_needs=HAS_SLA,
        missing=NO_SLA,
    ),
    Element(
        "backlog-by-age",
        "Open backlog by age",
        backlog_by_age,
        (
            _GROUP,
            Column("age", "Age"),
            Column("tickets", "Open tickets", "count"),
            _BEHIND,
        ),
        figures.backlog_bars,
        _age_caption,
        empty="No ticket was open at the end of this period with these filters.",
    ),
    Element(
        "groups",
        "Groups",
        groups,
        (
            Column("rank", "Rank", "count", "By bottleneck score.", width=65),
            _GROUP,
            metric_column("bottleneck_score"),
            metric_column("waiting_share"),
            Column("solved", "Solved", "count", "Tickets solved in the period."),
            metric_column("median_cycle_hours"),
            metric_column("p90_cycle_hours"),
            metric_column("breach_rate"),
            metric_column("median_first_reply_minutes"),
            metric_column("backlog"),
            _BEHIND,
        ),
        caption=_groups_caption,
    ),
    Element(
        "at-risk",
        "Open tickets at risk",
        at_risk,
        AT_RISK_COLUMNS,
        caption=_risk_caption,
        empty="No open ticket with these filters has an SLA clock that still runs.",
        source_needs=HAS_SLA,
        missing=NO_SLA,
        applies=ALL_FILTERS - {"period"},
    ),
    Element(
        "agents",
        "Agents",
        agents,
        (
            Column("agent_name", "Agent", width=170),
            _GROUP,
            Column("tickets_solved", "Solved", "count", "Tickets the agent holds, solved then."),
            Column("days_worked", "Days worked", "count", "UTC days with something done."),
            Column("tickets_per_day", "Solved a day", "number", "Per day worked."),
            Column(
                "handle_minutes",
                "Handle time",
                "minutes",
                "Hands-on time of the agent's group per ticket solved.",
            ),
            metric_column("median_cycle_hours"),
            metric_column("reopen_rate"),
            Column("csat_mean", "CSAT", "score", "Mean score of those tickets, 1 to 5."),
        ),
        caption=_agents_caption,
        empty="No agent was at work in this period with these filters.",
        source_needs="select 1 from staging.stg_agents limit 1",
        missing="This source does not say who its agents are.",
    ),
)


def _layout(services: Services) -> Sequence[Component]:
    del services
    cards = [card(element) for element in _ELEMENTS]
    return [
        page_header(PAGE),
        block("queues-headline", "headline"),
        html.Div(cards[:2], className="two-columns"),
        *cards[2:],
    ]


PAGE = Page(
    name="queues",
    path="/queues",
    title="Queue Performance",
    question="Where do tickets pile up, and what is about to be late?",
    layout=_layout,
    elements=_ELEMENTS,
    blocks=(Block("queues-headline", _headline),),
)
