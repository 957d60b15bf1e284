"""The simulator's controls and its table."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from dash.development.base_component import Component

from control_tower_dash.components.simulator import controls, plan_table
from control_tower_dash.filters import understand
from control_tower_dash.plan import Plan, read_plan
from control_tower_dash.queries import what_if as simulator
from tests.dashboard.capacity_desk import Tables, capacity_tables


@pytest.fixture(scope="module")
def desk() -> Tables:
    """Return the desk made by hand."""
    return Tables(capacity_tables())


def _all(parts: Any, kind: str) -> Iterator[Any]:
    for part in parts if isinstance(parts, list | tuple) else [parts]:
        if isinstance(part, Component):
            if type(part).__name__ == kind:
                yield part
            yield from _all(getattr(part, "children", None), kind)


def _text(part: Any) -> str:
    if isinstance(part, list | tuple):
        return "".join(_text(one) for one in part)
    if isinstance(part, Component):
        return _text(getattr(part, "children", None))
    return "" if part is None else str(part)


def _rows(parts: Any) -> list[list[str]]:
    return [
        [_text(cell) for cell in row.children]
        for row in _all(parts, "Tr")
        if isinstance(row.children, list)
    ]


def test_every_slider_has_a_label_and_a_number_beside_it(desk: Tables) -> None:
    """Both stand at the plan's value, in per cent or posts."""
    levers = simulator.levers(desk)
    plan = read_plan({"volume": "1.15", "headcount.front-desk": "5.5"}, levers).plan
    made = controls(levers, plan)
    sliders, numbers = list(_all(made, "Slider")), list(_all(made, "NumberInput"))
    assert [slider.id["lever"] for slider in sliders] == [lever.name for lever in levers]
    for slider, number, lever in zip(sliders, numbers, levers, strict=True):
        assert number.id["lever"] == lever.name
        assert slider.value == number.value
        assert (slider.min, slider.max) == (number.min, number.max)
        assert lever.label in slider.thumbLabel
        assert _text(number.label)
    values = {slider.id["lever"]: slider.value for slider in sliders}
    assert values["volume"] == 15
    assert values["headcount.front-desk"] == 5.5
    assert values["shrinkage.back-office"] == 25
    assert len({slider.thumbLabel for slider in sliders}) == len(sliders)


def test_the_table_says_what_is_better_in_words(desk: Tables) -> None:
    """More tickets for the same people: gaps grow, and a word says that this is worse."""
    filters = understand("?volume=1.5").filters
    gaps = simulator.gaps(desk, filters)
    rows = _rows(
        plan_table(simulator.attainment(desk, filters), gaps, simulator.backlog(desk, filters))
    )
    assert rows[0] == ["", "As it stands", "The plan", "Difference"]
    for name, before, after, difference in gaps.select(
        "group_name", "before", "after", "difference"
    ).iter_rows():
        assert [name, f"{before:,.1f}", f"{after:,.1f}", f"{difference:+,.1f} worse"] in rows
    short = [gaps[name].clip(lower_bound=0).sum() for name in ("before", "after")]
    (together,) = [row for row in rows if row[0] == "FTE days short"]
    assert together[1:3] == [f"{value:,.1f}" for value in short]
    kept = simulator.attainment(desk, filters).row(0, named=True)
    assert [
        "SLA attainment",
        f"{kept['before']:.1%}",
        f"{kept['after']:.1%}",
        f"{100 * kept['difference']:+.1f} points worse",
    ] in rows


def test_nothing_changed_is_no_change(desk: Tables) -> None:
    """The desk beside itself differs in nothing."""
    filters = understand("").filters
    assert simulator.plan_asked(desk, filters).plan == Plan()
    rows = _rows(
        plan_table(
            simulator.attainment(desk, filters),
            simulator.gaps(desk, filters),
            simulator.backlog(desk, filters),
        )
    )
    assert {row[3] for row in rows[1:]} == {"no change"}


def test_a_long_list_says_how_much_is_left_out(desk: Tables) -> None:
    """Twelve groups at most; the charts' tables have the rest."""
    filters = understand("").filters
    one = simulator.gaps(desk, filters).head(1)
    many = pl.concat([one.with_columns(group_name=pl.lit(f"G{n:02}")) for n in range(15)])
    table = plan_table(simulator.attainment(desk, filters), many, simulator.backlog(desk, filters))
    assert "and 3 more in the charts' tables" in _text(table)
