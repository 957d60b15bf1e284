"""What is not read is older than anything a rule or the briefing looks at."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.recommendations.briefing.weeks import SHOWN_WEEKS, last_full_week
from control_tower.recommendations.period import recent
from control_tower.recommendations.recent_rows import DAYS_BACK, recent_rows
from control_tower.warehouse import connect, read_query, write_table
from tests.examples import examples

_AS_OF = datetime(2026, 3, 10, 12, tzinfo=UTC)
_SLA = ("ticket_id", "started_at", "ended_at", "breach_at", "is_decided")
_EVENTS = ("occurred_at", "actor")
_MOMENT = st.integers(1, 300).map(lambda days: _AS_OF - timedelta(days=days))
_CLOCKS = st.lists(st.tuples(_MOMENT, st.none() | _MOMENT, st.none() | _MOMENT, st.booleans()))


def _read(folder: Path, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    queries = recent_rows({"marts.sla": _SLA, "staging.stg_ticket_events": _EVENTS})
    with connect(folder / "build.duckdb") as connection:
        landing = pl.DataFrame({"as_of": [_AS_OF]})
        for name, frame in {"staging.stg_landing": landing, **tables}.items():
            schema, table = name.split(".")
            write_table(connection, schema, table, frame)
        return {name: read_query(connection, query) for name, query in queries.items()}


def _clocks(rows: list[tuple[datetime, datetime | None, datetime | None, bool]]) -> pl.DataFrame:
    moment = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        [(number, *row) for number, row in enumerate(rows, start=1)],
        schema={
            "ticket_id": pl.Int64,
            **dict.fromkeys(_SLA[1:4], moment),
            "is_decided": pl.Boolean,
        },
        orient="row",
    )


@settings(max_examples=examples(25), deadline=None)
@given(rows=_CLOCKS)
def test_clocks_that_did_anything_lately_are_read(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[datetime, datetime | None, datetime | None, bool]],
) -> None:
    """And of the others the first, and the first that was decided."""
    sla = _clocks(rows)
    events = pl.DataFrame(schema={"occurred_at": pl.Datetime("us", "UTC"), "actor": pl.String})
    read = _read(
        tmp_path_factory.mktemp("recent"), {"marts.sla": sla, "staging.stg_ticket_events": events}
    )["marts.sla"]
    since = _AS_OF - timedelta(days=DAYS_BACK)
    expected = {
        number
        for number, row in enumerate(rows, start=1)
        if max(moment for moment in row[:3] if moment is not None) >= since
    }
    expected |= {1} if rows else set()
    expected |= set([number for number, row in enumerate(rows, start=1) if row[3]][:1])
    assert read["ticket_id"].to_list() == sorted(expected)


def test_events_of_agents_are_read_as_far_back_as_the_period(tmp_path: Path) -> None:
    moments = [_AS_OF - timedelta(days=days) for days in (1, DAYS_BACK, DAYS_BACK + 1)]
    events = pl.DataFrame(
        [(moment, actor) for moment in moments for actor in ("agent", "customer", "system")],
        schema={"occurred_at": pl.Datetime("us", "UTC"), "actor": pl.String},
        orient="row",
    )
    read = _read(tmp_path, {"marts.sla": _clocks([]), "staging.stg_ticket_events": events})
    assert read["staging.stg_ticket_events"].rows() == [(m, "agent") for m in moments[:2]]


@pytest.mark.parametrize("hours", range(0, 7 * 24, 5))
def test_nothing_older_is_looked_at(hours: int) -> None:
    """Whatever the day of the week and the hour."""
    as_of = _AS_OF + timedelta(hours=hours)
    since = as_of - timedelta(days=DAYS_BACK)
    first_shown = last_full_week(as_of).monday - timedelta(weeks=SHOWN_WEEKS - 1)
    assert since <= datetime(*first_shown.timetuple()[:3], tzinfo=UTC)
    assert since <= recent(as_of, None).start
