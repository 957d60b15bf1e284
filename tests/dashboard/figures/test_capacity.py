"""Figures of forecasts, gaps and plans say what their frames say."""

from datetime import date
from itertools import pairwise

import polars as pl
import pytest

from control_tower_dash.capacity_words import gap_caption, pairs_caption
from control_tower_dash.figures.capacity import fan, gap_bars, gap_by_month_bars
from control_tower_dash.figures.panels import MOST_GROUPS, MOST_PANELS, band
from control_tower_dash.figures.what_if import attainment_bars, backlog_lines, gap_pairs
from control_tower_dash.filters import Filters, understand
from control_tower_dash.queries import what_if as simulator
from control_tower_dash.queries.capacity import course, gap_by_month, outlook
from tests.dashboard.capacity_desk import Tables, capacity_tables


@pytest.fixture(scope="module")
def desk() -> Tables:
    """Return the desk made by hand."""
    return Tables(capacity_tables())


def test_a_band_is_a_closed_area() -> None:
    """Up along the high bound, back along the low one."""
    days = pl.Series([date(2026, 1, 1), date(2026, 1, 2)])
    trace = band(days, pl.Series([1.0, 2.0]), pl.Series([3.0, 4.0]), "80 %", "red")
    assert list(zip(trace["x"], trace["y"], strict=True)) == [
        ("2026-01-01", 3.0),
        ("2026-01-02", 4.0),
        ("2026-01-02", 2.0),
        ("2026-01-01", 1.0),
    ]


def test_the_fan_has_both_intervals_and_its_marks(desk: Tables) -> None:
    """Unusual days and holidays have a shape and a word, past or coming."""
    traces = {trace["name"]: trace for trace in fan(course(desk, Filters()))["data"]}
    assert list(traces) == [
        "95 % interval",
        "80 % interval",
        "Came",
        "Forecast",
        "Unusual day",
        "Holiday",
    ]
    assert max(traces["95 % interval"]["y"]) == 53.0
    assert min(traces["80 % interval"]["y"]) == 39.0
    assert traces["Came"]["customdata"][-1].endswith("by=created&from=2026-05-31&to=2026-05-31")
    assert traces["Forecast"]["text"][0] == "80 %: 39 to 49; 95 %: 35 to 53"
    assert traces["Unusual day"]["x"] == ["2026-05-31"]
    assert traces["Unusual day"]["text"] == ["unusual"]
    assert traces["Holiday"]["x"] == ["2026-05-25", "2026-06-04"]
    assert traces["Holiday"]["y"] == [47, 44]
    assert traces["Holiday"]["hovertext"] == ["Whit Monday", "Corpus Christi"]
    assert traces["Unusual day"]["marker"]["symbol"] != traces["Holiday"]["marker"]["symbol"]


def test_each_series_has_a_panel_and_one_legend(desk: Tables) -> None:
    """No more panels than can be read; a name is in the legend once."""
    one = course(desk, Filters())
    many = pl.concat(
        [one.with_columns(series=pl.lit(f"Group {n}")) for n in range(MOST_PANELS + 2)]
    )
    made = fan(many)
    assert {trace["yaxis"] for trace in made["data"]} == {"y", "y2", "y3"}
    legend = [trace["name"] for trace in made["data"] if trace["showlegend"]]
    assert len(legend) == len(set(legend)) == 6
    domains = [made["layout"][name]["domain"] for name in ("yaxis", "yaxis2", "yaxis3")]
    # Above the first there is room for its title.
    assert 0.85 < domains[0][1] < 1
    assert fan(one)["layout"]["yaxis"]["domain"] == [0, 1]
    assert all(above[0] > below[1] for above, below in pairwise(domains))
    assert made["layout"]["xaxis"]["anchor"] == "y3"


def test_bars_of_error_are_the_intervals(desk: Tables) -> None:
    """Short or to spare is written out, not only coloured."""
    bar, wide = gap_bars(outlook(desk, Filters()))["data"]
    assert bar["y"] == ["Back Office", "Front Desk"]
    assert bar["x"] == [-4.0, 8.8]
    assert bar["error_x"]["array"] == bar["error_x"]["arrayminus"] == [2, 2]
    assert wide["error_x"]["array"] == wide["error_x"]["arrayminus"] == [3, 3]
    words = gap_bars(outlook(desk, Filters()))["layout"]["yaxis"]["ticktext"]
    assert words == ["Back Office<br><b>4.0 to spare</b>", "Front Desk<br><b>8.8 short</b>"]


def test_months_are_named_by_their_days(desk: Tables) -> None:
    """A month counts as far as the forecast reaches."""
    traces = gap_by_month_bars(gap_by_month(desk, Filters()))["data"]
    assert [trace["name"] for trace in traces] == ["1 to 30 June 2026", "1 July 2026"]
    assert traces[0]["x"] == ["Front Desk", "Back Office"]


def test_plans_stand_beside_the_desk(desk: Tables) -> None:
    """Both are drawn, from the same frame."""
    filters = understand("?volume=1.4").filters
    frame = simulator.gaps(desk, filters)
    plan, stands = gap_pairs(frame)["data"]
    assert (plan["name"], stands["name"]) == ("The plan", "As it stands")
    assert plan["x"] == frame["after"].reverse().round(4).to_list()
    assert stands["x"] == frame["before"].reverse().round(4).to_list()
    kept = simulator.attainment(desk, filters)
    plan, _ = attainment_bars(kept)["data"]
    assert plan["y"][1] == kept["value"].reverse().to_list()
    assert plan["x"] == kept["after"].reverse().round(4).to_list()
    waiting = simulator.backlog(desk, filters)
    lines = [trace for trace in backlog_lines(waiting)["data"] if trace["name"] == "The plan"]
    assert len(lines) == 2
    assert lines[0]["y"] == waiting["after"].head(30).round(1).to_list()


def test_what_has_no_targets_has_no_bar() -> None:
    """A share that is not known is drawn as none."""
    frame = pl.DataFrame(
        {"dimension": ["Group"], "value": ["A"], "before": [0.5], "after": [None]},
        schema_overrides={"after": pl.Float64},
    )
    plan, stands = attainment_bars(frame)["data"]
    assert (plan["x"], plan["text"]) == ([None], ["—"])
    assert stands["text"] == ["50.0%"]


def test_of_many_groups_those_that_matter_are_drawn(desk: Tables) -> None:
    """The shortest and the worst; the captions say how many there are."""
    numbers = pl.int_range(20, eager=True)
    many = pl.DataFrame(
        {
            "group_name": [f"G{n:02}" for n in numbers],
            "before": pl.repeat(1.0, 20, eager=True),
            "after": numbers.cast(pl.Float64),
        }
    )
    plan, _ = gap_pairs(many)["data"]
    assert plan["x"] == [float(n) for n in range(19, 19 - MOST_GROUPS, -1)]
    shares = many.select(
        dimension=pl.lit("Group"), value="group_name", before="before", after=pl.col("after") / 20
    )
    whole = simulator.attainment(desk, Filters()).select(shares.columns).head(3)
    plan, _ = attainment_bars(pl.concat([whole, shares]))["data"]
    assert plan["y"][1] == [
        *(f"G{n:02}" for n in reversed(range(MOST_GROUPS))),
        *whole["value"].reverse(),
    ]
    coming = outlook(desk, Filters()).head(1)
    gaps = pl.concat([coming.with_columns(group_name=pl.lit(f"G{n}")) for n in range(20)])
    bar, _ = gap_bars(gaps)["data"]
    assert bar["y"] == [f"G{n}" for n in reversed(range(MOST_GROUPS))]
    assert gap_caption(gaps).endswith("The 8 shortest of 20 groups are drawn; the table has all.")
    assert pairs_caption(many).endswith("The 8 shortest of 20 groups are drawn; the table has all.")
