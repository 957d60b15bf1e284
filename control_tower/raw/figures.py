"""A few telling figures of a landed table, for whoever looks at its materialization."""

from collections.abc import Callable, Mapping
from datetime import datetime

import polars as pl

__all__ = ["telling_figures"]

Figures = dict[str, int | float | str]

_FINISHED = ("solved", "closed")
_MINUTES_PER_HOUR = 60


def telling_figures(table: str, frame: pl.DataFrame) -> Figures:
    """Return named figures of a raw or reference table; none for an empty one.

    Times come as ISO 8601 text.
    """
    figures = _FIGURES.get(table)
    return {} if frame.is_empty() or figures is None else figures(frame)


def _tickets(frame: pl.DataFrame) -> Figures:
    return {
        "open_tickets": frame.filter(~pl.col("status").is_in(_FINISHED)).height,
        "first_created_at": _text(frame["created_at"].min()),
        "newest_created_at": _text(frame["created_at"].max()),
        "groups": frame["group_name"].n_unique(),
    }


def _ticket_events(frame: pl.DataFrame) -> Figures:
    return {
        "activities": frame["activity"].n_unique(),
        "newest_event_at": _text(frame["occurred_at"].max()),
        "events_per_ticket": round(frame.height / frame["ticket_id"].n_unique(), 2),
    }


def _agents(frame: pl.DataFrame) -> Figures:
    return {"groups": frame["group_name"].n_unique(), "fte": round(float(frame["fte"].sum()), 1)}


def _ticket_costs(frame: pl.DataFrame) -> Figures:
    return {
        "handle_hours": round(float(frame["handle_minutes"].sum()) / _MINUTES_PER_HOUR, 1),
        "cost_usd": round(float(frame["cost_usd"].sum()), 2),
    }


def _satisfaction_ratings(frame: pl.DataFrame) -> Figures:
    return {"csat_mean": round(float(frame.select(pl.col("score").mean()).item()), 3)}


def _sla_policies(frame: pl.DataFrame) -> Figures:
    return {"policies": frame["policy_id"].n_unique(), "metrics": frame["metric"].n_unique()}


def _landing(frame: pl.DataFrame) -> Figures:
    return {"described_as": frame["described_as"][0], "as_of": _text(frame["as_of"][0])}


def _repairs(frame: pl.DataFrame) -> Figures:
    return {
        f"{treatment}_rows": int(frame.filter(pl.col("treatment") == treatment)["rows"].sum())
        for treatment in ("repaired", "refused", "noted")
    }


def _text(moment: object) -> str:
    return moment.isoformat() if isinstance(moment, datetime) else "not known"


_FIGURES: Mapping[str, Callable[[pl.DataFrame], Figures]] = {
    "tickets": _tickets,
    "ticket_events": _ticket_events,
    "agents": _agents,
    "ticket_costs": _ticket_costs,
    "satisfaction_ratings": _satisfaction_ratings,
    "sla_policies": _sla_policies,
    "landing": _landing,
    "repairs": _repairs,
}
