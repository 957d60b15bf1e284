"""Usual views: those readers choose most come first, and answers find them ready."""

from collections import Counter
from pathlib import Path

import pytest

from control_tower_dash import usual_views as module
from control_tower_dash.filters import DIMENSIONS, PERIODS, Filters, understand
from control_tower_dash.pages.page import Block, Page, answer_page
from control_tower_dash.queries.dimensions import filter_values
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.usual_views import make_usual_views_ready, usual_filters
from control_tower_dash.views import Views
from control_tower_dash.warehouse import Warehouse

_KNOWN = {"group": ["Tier 1 Support", "Engineering"], "priority": ["urgent"], "channel": ["e-mail"]}


def test_every_period_comes_first_and_then_each_value_alone() -> None:
    found = list(usual_filters(_KNOWN))
    assert found[0] == Filters()
    assert {one.period for one in found[: len(PERIODS)]} == set(PERIODS)
    assert all(one.is_everything for one in found[: len(PERIODS)])
    narrowed = found[len(PERIODS) :]
    chosen = Counter(
        (one.period, name, value)
        for one in narrowed
        for name in DIMENSIONS
        for value in getattr(one, name)
    )
    assert chosen == Counter(
        (period, name, value)
        for period in ("7d", "30d", "90d", "365d")
        for name, values in _KNOWN.items()
        for value in values
    )
    assert len(narrowed) == len(chosen)
    assert narrowed[0].period == Filters().period


def test_each_is_what_its_link_means() -> None:
    for filters in usual_filters(_KNOWN):
        assert understand(filters.to_query(), _KNOWN).filters == filters


def _page(
    name: str,
    asked: Counter[tuple[str, Filters]],
    *,
    in_navigation: bool = True,
    is_kept: bool = True,
) -> Page:
    def render(_: object, filters: Filters, __: object) -> list[object]:
        asked[name, filters] += 1
        return []

    return Page(
        name=name,
        path=f"/{name}",
        title=name,
        question=name,
        layout=lambda _: [],
        blocks=(Block(f"block of {name}", render),),  # type: ignore[arg-type]
        in_navigation=in_navigation,
        is_kept=is_kept,
    )


@pytest.fixture
def services(desk_dir: Path, tmp_path: Path) -> Services:
    """Return services of the published desk with a folder of views of the test's own."""
    settings = DashboardSettings(data_dir=desk_dir)
    return Services(settings, Warehouse(desk_dir), Views(tmp_path / "views"))


def test_answers_find_them_ready(services: Services) -> None:
    """Each is worked out once, whoever comes by again; what is not kept is left alone."""
    asked: Counter[tuple[str, Filters]] = Counter()
    page = _page("page", asked)
    pages = [page, _page("hidden", asked, in_navigation=False), _page("new", asked, is_kept=False)]
    make_usual_views_ready(pages, services)
    usual = list(usual_filters(filter_values(services.warehouse.current())))
    assert asked == Counter({("page", filters): 1 for filters in usual})
    make_usual_views_ready(pages, services)
    for filters in usual:
        answer_page(page, services, filters.to_query(), page.path)
    assert asked == Counter({("page", filters): 1 for filters in usual})
    answer_page(page, services, "?priority=low&priority=high", page.path)
    assert asked.total() == len(usual) + 1


def test_without_a_snapshot_there_is_nothing_to_do(tmp_path: Path) -> None:
    asked: Counter[tuple[str, Filters]] = Counter()
    services = Services(DashboardSettings(data_dir=tmp_path), Warehouse(tmp_path), Views())
    make_usual_views_ready([_page("page", asked)], services)
    assert not asked


def test_all_of_them_are_kept(desk_dir: Path) -> None:
    """And leave room for what readers choose besides."""
    from control_tower_dash import views
    from control_tower_dash.pages import PAGES

    pages = [page for page in PAGES if page.in_navigation and page.is_kept]
    known = filter_values(Warehouse(desk_dir).current())
    usual = len(pages) * len(list(module.usual_filters(known)))
    assert 100 < usual < views._MOST_OF_A_SNAPSHOT / 2
