"""The desk by day and the figures at its head, against counts made ticket by ticket."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from statistics import fmean, median
from typing import Any

import polars as pl
import pytest

from control_tower_dash.filters import DIMENSIONS, Filters, Period
from control_tower_dash.queries.daily import daily
from control_tower_dash.queries.dimensions import filter_values
from control_tower_dash.queries.overview import attainment_by, key_figures
from control_tower_dash.queries.period import first_day
from control_tower_dash.warehouse import Reader
from tests.dashboard.queries.whole import MARCH, counted, everything

_Rows = list[Mapping[str, Any]]


def _views(reader: Reader) -> list[Filters]:
    """Return the whole desk and some slices of it, the later ones narrower."""
    chance = Random(3)  # noqa: S311 - slices, not secrets
    values = filter_values(reader)
    whole = everything(reader)
    early = Period(first_day(reader) - timedelta(days=9), first_day(reader) + timedelta(days=5))
    late = Period(reader.as_of.date() - timedelta(days=2), reader.as_of.date() + timedelta(days=9))
    views = [Filters(period="7d"), Filters(), whole, whole.over(early), whole.over(late)]
    for names in (["group"], ["priority"], ["type", "channel"], ["tier", "priority"]):
        said: Any = {
            name: tuple(chance.sample(values[name], k=min(2, len(values[name])))) for name in names
        }
        views.append(Filters(period="all", **said))
        views.append(Filters(**said).over(MARCH))
    return views


def _holds(row: Mapping[str, Any], filters: Filters) -> bool:
    return all(
        not getattr(filters, name) or row[column] in getattr(filters, name)
        for name, column in DIMENSIONS.items()
    )


def _tickets(reader: Reader, filters: Filters) -> _Rows:
    return [row for row in counted(reader).iter_rows(named=True) if _holds(row, filters)]


def _targets(reader: Reader, filters: Filters) -> _Rows:
    """Return the decided targets; channel and tier are those of their tickets."""
    frame = reader.query("select * from marts.sla where is_decided").join(
        reader.query("select ticket_id, channel, customer_tier from marts.ticket_outcomes"),
        on="ticket_id",
        how="left",
    )
    moment = pl.coalesce("breach_at", "ended_at", pl.lit(reader.as_of))
    rows = frame.with_columns(day=moment.dt.date()).iter_rows(named=True)
    return [row for row in rows if _holds(row, filters)]


def _ratings(reader: Reader, tickets: _Rows) -> _Rows:
    keys = {row["ticket_id"] for row in tickets}
    given = reader.query("select * from staging.stg_satisfaction_ratings")
    return [row for row in given.iter_rows(named=True) if row["ticket_id"] in keys]


def _open_on(reader: Reader, filters: Filters, day: Any) -> int:
    """Return the tickets open when a day ended, each looked at by itself."""
    states = reader.query(
        "select states.*, tickets.ticket_type, tickets.channel, tickets.customer_tier "
        "from intermediate.int_ticket_states as states "
        "inner join staging.stg_tickets as tickets on states.ticket_id = tickets.ticket_id "
        "where not tickets.is_deleted order by states.ticket_id, states.state_number"
    ).with_columns(pl.col("group_name").fill_null("Unassigned"))
    then = states.filter(pl.col("began_at").dt.date() <= day).group_by("ticket_id").last()
    return sum(
        row["status"] not in ("solved", "closed") and _holds(row, filters)
        for row in then.iter_rows(named=True)
    )


def _days_of(reader: Reader, filters: Filters) -> Period:
    period = filters.resolve(reader.as_of)
    first = max(period.first, min(first_day(reader), period.last))
    return Period(first, period.last) if filters.period == "all" else period


def test_every_day_is_what_its_tickets_make_it(drawn_desk: Reader) -> None:
    for filters in _views(drawn_desk):
        tickets, targets = _tickets(drawn_desk, filters), _targets(drawn_desk, filters)
        ratings = _ratings(drawn_desk, tickets)
        period = _days_of(drawn_desk, filters)
        found = daily(drawn_desk, filters)
        if found.is_empty():
            assert not any(
                period.first <= row["created_at"].date() <= period.last for row in tickets
            )
            continue
        assert found["day"].to_list() == [
            period.first + timedelta(days=n) for n in range(period.days)
        ]
        for row in found.iter_rows(named=True):
            day = row["day"]
            solved = [one for one in tickets if one["solved_at"] and one["solved_at"].date() == day]
            decided = [one["sla_status"] == "within_sla" for one in targets if one["day"] == day]
            scores = [one["score"] for one in ratings if one["rated_at"].date() == day]
            costs = [one["cost_usd"] for one in solved if one["cost_usd"] is not None]
            assert row == pytest.approx(
                {
                    "day": day,
                    "tickets": sum(one["created_at"].date() == day for one in tickets),
                    "solved": len(solved),
                    "decided": len(decided),
                    "met": sum(decided),
                    "sla_attainment": fmean(decided) if decided else None,
                    "median_cycle_hours": median(one["cycle_hours"] for one in solved)
                    if solved
                    else None,
                    "cost_per_ticket": fmean(costs) if costs else None,
                    "ratings": len(scores),
                    "csat_mean": fmean(scores) if scores else None,
                    "backlog": _open_on(drawn_desk, filters, day),
                }
            ), (filters, day)


def test_figures_of_a_period_are_those_of_its_days(drawn_desk: Reader) -> None:
    for filters in _views(drawn_desk):
        tickets, period = _tickets(drawn_desk, filters), _days_of(drawn_desk, filters)
        decided = [
            row["sla_status"] == "within_sla"
            for row in _targets(drawn_desk, filters)
            if period.first <= row["day"] <= period.last
        ]
        solved = [
            row
            for row in tickets
            if row["solved_at"] and period.first <= row["solved_at"].date() <= period.last
        ]
        costs = [row["cost_usd"] for row in solved if row["cost_usd"] is not None]
        scores = [
            row["score"]
            for row in _ratings(drawn_desk, tickets)
            if period.first <= row["rated_at"].date() <= period.last
        ]
        found = dict(key_figures(drawn_desk, filters).select("metric", "value").iter_rows())
        assert found == pytest.approx(
            {
                "tickets": sum(
                    period.first <= row["created_at"].date() <= period.last for row in tickets
                ),
                "sla_attainment": fmean(decided) if decided else None,
                "median_cycle_hours": median(row["cycle_hours"] for row in solved)
                if solved
                else None,
                "backlog": _open_on(drawn_desk, filters, period.last),
                "cost_per_ticket": fmean(costs) if costs else None,
                "csat_mean": fmean(scores) if scores else None,
            }
        ), filters


def test_attainment_is_that_of_the_targets_of_each_value(drawn_desk: Reader) -> None:
    aims = dict(
        drawn_desk.query(
            "select priority, attainment_target from seeds.sla_policy_targets"
        ).iter_rows()
    )
    for filters in _views(drawn_desk):
        period = _days_of(drawn_desk, filters)
        targets = [
            row
            for row in _targets(drawn_desk, filters)
            if period.first <= row["day"] <= period.last
        ]
        expected: dict[tuple[str, str], _Rows] = {}
        for name in ("group", "priority", "type"):
            for row in targets:
                if row[DIMENSIONS[name]] is not None:
                    expected.setdefault((name.capitalize(), row[DIMENSIONS[name]]), []).append(row)
        found = attainment_by(drawn_desk, filters)
        assert {row[:2] for row in found.select("dimension", "value").iter_rows()} == set(expected)
        for row in found.iter_rows(named=True):
            of_value = expected[row["dimension"], row["value"]]
            met = [one["sla_status"] == "within_sla" for one in of_value]
            aimed = [aims[one["priority"]] for one in of_value if one["priority"] in aims]
            assert row["decided"] == len(met)
            assert row["met"] == sum(met)
            assert row["sla_attainment"] == pytest.approx(fmean(met))
            assert row["target"] == (pytest.approx(fmean(aimed)) if aimed else None)
