"""The pages, in the order of the navigation."""

from collections.abc import Sequence
from typing import Final

from control_tower_dash.pages import (
    bottlenecks,
    capacity,
    data,
    overview,
    quality,
    queues,
    recommendations,
    ticket,
    tickets,
)
from control_tower_dash.pages.page import Page

__all__ = ["PAGES"]

PAGES: Final[Sequence[Page]] = (
    overview.PAGE,
    queues.PAGE,
    bottlenecks.PAGE,
    capacity.PAGE,
    quality.PAGE,
    recommendations.PAGE,
    tickets.PAGE,
    ticket.PAGE,
    data.PAGE,
)
