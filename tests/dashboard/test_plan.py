"""A plan in the URL: there and back, and what cannot be meant."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_tower_dash.filters import Filters, understand
from control_tower_dash.plan import Lever, Plan, levers_of, read_plan

NAMES = st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=5, unique=True)


def _groups(names: list[str], fte: float = 9.8) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "group_name": names,
            "fte": [fte] * len(names),
            "shrinkage": [0.28] * len(names),
            "target_occupancy": [0.65] * len(names),
        }
    )


def _there_and_back(plan: Plan, levers: tuple[Lever, ...]) -> Plan:
    query = Filters(group=("Tier 1",)).with_options(**plan.options()).to_query()
    understood = understand(query)
    assert understood.left_out == ()
    read = read_plan(dict(understood.filters.options), levers)
    assert read.left_out == ()
    return read.plan


@st.composite
def _plans(draw: st.DrawFn) -> tuple[Plan, tuple[Lever, ...]]:
    levers = levers_of(_groups(draw(NAMES), draw(st.floats(0, 500))))
    changes = []
    for lever in levers:
        if draw(st.booleans()):
            # Rounded inwards, to the digits a URL has.
            low, high = math.ceil(lever.low * 1e4), math.floor(lever.high * 1e4)
            value = draw(st.integers(low, high)) / 1e4
            if not lever.is_base(value):
                changes.append((lever, value))
    return Plan(tuple(changes)), levers


@given(_plans())
def test_a_plan_survives_its_url(made: tuple[Plan, tuple[Lever, ...]]) -> None:
    """Whatever groups are called, a link means the plan it was made of."""
    plan, levers = made
    again = _there_and_back(plan, levers)
    assert again == plan
    assert again.scenario() == plan.scenario()


@given(NAMES)
def test_every_group_has_levers_of_its_own(names: list[str]) -> None:
    """Names that read alike are still told apart."""
    levers = levers_of(_groups(names))
    assert len({lever.name for lever in levers}) == len(levers) == 2 + 3 * len(names)


def test_names_stay_when_another_group_comes() -> None:
    """A link sent before a group was founded means the same groups after."""
    before = {lever.name for lever in levers_of(_groups(["Tier 1", "Über-Büro"]))}
    after = {lever.name for lever in levers_of(_groups(["Accounts", "Tier 1", "Über-Büro"]))}
    assert "headcount.tier-1" in before
    assert "headcount.uber-buro" in before
    assert before < after


def test_a_plan_is_the_scenario_it_says() -> None:
    """Factors for the desk, the rest by group."""
    levers = levers_of(_groups(["Tier 1", "Tier 2"]))
    options = {
        "volume": "1.1",
        "handle": "0.95",
        "headcount.tier-2": "12",
        "shrinkage.tier-1": "0.3",
        "occupancy.tier-1": "0.8",
        "series": "Total",
    }
    read = read_plan(options, levers)
    assert read.left_out == ()
    scenario = read.plan.scenario()
    assert (scenario.volume_factor, scenario.handle_time_factor) == (1.1, 0.95)
    assert scenario.headcount == {"Tier 2": 12.0}
    assert scenario.shrinkage == {"Tier 1": 0.3}
    assert scenario.occupancy == {"Tier 1": 0.8}
    assert read.plan.words() == (
        "The plan: Ticket volume +10 %; Handle time -5 %; Shrinkage of Tier 1 30 % instead of "
        "28 %; Target occupancy of Tier 1 80 % instead of 65 %; Headcount of Tier 2 12 instead of "
        "9.8."
    )


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("volume", "2.01", "Ticket volume can be -50 % to +100 %, not +101 %"),
        ("volume", "0.4", "not -60 %; it stays at +0 %"),
        ("volume", "nan", "“nan” is no number for ticket volume"),
        ("volume", "1e300", "“1e300” is no number"),
        ("handle", "-1", "“-1” is no number"),
        ("handle", "\u0661", "is no number for handle time"),
        ("headcount.tier-1", "20.5", "Headcount of Tier 1 can be 0 to 20, not 20.5"),
        ("shrinkage.tier-1", "0.95", "can be 0 % to 90 %, not 95 %; it stays at 28 %"),
        ("occupancy.tier-1", "0", "can be 10 % to 100 %, not 0 %"),
        ("occupancy.tier-1", " ", "“ ” is no number"),
        ("headcount.tier-9", "3", "“headcount.tier-9” is nothing that can be planned here"),
        ("headcount", "3", "“headcount” is nothing that can be planned here"),
        ("volume.tier-1", "1.2", "“volume.tier-1” is nothing that can be planned here"),
    ],
)
def test_what_cannot_be_meant_is_told_of(name: str, text: str, says: str) -> None:
    """A bad part is left out with a sentence; the rest of the plan holds."""
    read = read_plan(
        {name: text, "shrinkage.tier-2": "0.4"}, levers_of(_groups(["Tier 1", "Tier 2"]))
    )
    assert [lever.name for lever, _ in read.plan.changes] == ["shrinkage.tier-2"]
    (left_out,) = read.left_out
    assert says in left_out


def test_what_the_desk_has_is_no_change() -> None:
    """A link that repeats what stands is the desk as it stands."""
    levers = levers_of(_groups(["Tier 1"], fte=10 / 3))
    read = read_plan({"headcount.tier-1": "3.3333", "volume": "1.00"}, levers)
    assert read.plan == Plan()
    assert read.plan.words() == "Nothing is changed yet: the plan is the desk as it stands."


def test_an_unusual_desk_is_within_its_own_bounds() -> None:
    """Whatever a desk has can be kept."""
    odd = pl.DataFrame(
        {
            "group_name": ["A"],
            "fte": [0.0],
            "shrinkage": [0.97],
            "target_occupancy": [0.02],
        }
    )
    assert all(lever.low <= lever.base <= lever.high for lever in levers_of(odd))
