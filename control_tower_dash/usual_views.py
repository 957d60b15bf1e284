"""Which views readers will ask for, most likely first: worked out ahead, they open at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from control_tower_dash.filters import DIMENSIONS, PERIODS, Filters
from control_tower_dash.pages.page import Page, make_ready
from control_tower_dash.queries.dimensions import filter_values
from control_tower_dash.services import Services
from control_tower_dash.warehouse import NoSnapshotError

__all__ = ["make_usual_views_ready", "usual_filters"]


def usual_filters(known: Mapping[str, Sequence[str]]) -> Iterator[Filters]:
    """Yield what readers choose most: every named period, then each with one value of a dimension.

    Args:
        known: Values each dimension has in the snapshot.
    """
    usual = Filters()
    periods = sorted(PERIODS, key=lambda name: name != usual.period)
    yield from (Filters(period=period) for period in periods)
    # All time, narrowed, is as long to work out as it is rarely asked for.
    for period in (name for name in periods if PERIODS[name][1] is not None):
        for name in DIMENSIONS:
            for value in known.get(name, ()):
                yield Filters(**{"period": period, name: (value,)})  # type: ignore[arg-type]


def make_usual_views_ready(pages: Iterable[Page], services: Services) -> None:
    """Work out the usual views of all pages of the newest snapshot that are not there yet."""
    try:
        reader = services.warehouse.current()
    except NoSnapshotError:
        # Whoever asks is told.
        return
    kept = [page for page in pages if page.in_navigation and page.is_kept]
    for filters in usual_filters(filter_values(reader)):
        for page in kept:
            make_ready(page, services, reader, filters)
