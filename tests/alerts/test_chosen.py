"""Chosen while they are read or afterwards, the clocks are the same, and so is all about them."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given as examples_of
from hypothesis import settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from control_tower.alerts.assets import ALERTS
from control_tower.alerts.chosen import chosen_among, chosen_clocks, rows_of_chosen
from control_tower.room import read_inputs
from control_tower.settings import Settings
from control_tower.warehouse import connect, read_query, write_table
from tests.alerts.desk import at, clock, given
from tests.examples import examples

_COLUMNS = ("ticket_id", "metric", "clock_state", "target_minutes")
_SCHEMA = pl.Schema(
    {
        "ticket_id": pl.Int64,
        "metric": pl.String,
        "clock_state": pl.String,
        "target_minutes": pl.Float64,
    }
)
_ROWS = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.sampled_from(["first_reply_time", "agent_work_time"]),
        st.sampled_from(["active", "paused", "stopped"]),
        st.none() | st.just(60.0),
    ),
    max_size=60,
)


@settings(max_examples=examples(25), deadline=None)
@examples_of(rows=_ROWS, most=st.integers(1, 80))
def test_what_is_read_is_what_would_be_chosen(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, str, str, float | None]],
    most: int,
) -> None:
    sla = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    states = sla.select("ticket_id", pl.lit("open").alias("status"))
    with connect(tmp_path_factory.mktemp("chosen") / "build.duckdb") as connection:
        write_table(connection, "marts", "sla", sla)
        write_table(connection, "intermediate", "states", states)
        read = read_query(connection, chosen_clocks(_COLUMNS, most))
        rest = read_query(
            connection, rows_of_chosen("intermediate", "states", ("ticket_id", "status"), most)
        )
    chosen = chosen_among(sla, most)
    assert_frame_equal(read, chosen, check_row_order=False)
    assert_frame_equal(rest, states.join(chosen, on="ticket_id", how="semi"), check_row_order=False)


def test_the_room_makes_the_same_of_what_it_reads(tmp_path: Path) -> None:
    """Clocks without a target are not missed, and open tickets are judged all the same."""
    past = [clock(n, at(9000 + n), at(9000 + n - n % 90)) for n in range(1, 80)]
    aimless = [clock(90, at(70)) | {"target_minutes": None, "remaining_minutes": None}]
    now = [clock(100 + n, at(minutes)) for n, minutes in enumerate((5, 70, 50, 200, 20))]
    whole = given([*past, *aimless, *now])
    with connect(tmp_path / "build.duckdb") as connection:
        for name, frame in whole.items():
            schema, table = name.split(".")
            write_table(connection, schema, table, frame)
        read = read_inputs(connection, ALERTS)
    assert read["marts.sla"].height == whole["marts.sla"].height - 1
    of_all, of_read = (ALERTS.compute(inputs, Settings()) for inputs in (whole, read))
    assert of_read["at_risk_tickets"].height == len(now)
    for table, frame in of_all.items():
        assert_frame_equal(of_read[table], frame)
