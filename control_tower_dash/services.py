"""What every page is given."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from control_tower_dash.settings import DashboardSettings
from control_tower_dash.views import Views
from control_tower_dash.warehouse import Limits, Warehouse

__all__ = ["Services"]


@dataclass(frozen=True)
class Services:
    """The settings, the snapshots, and the views worked out of them."""

    settings: DashboardSettings
    warehouse: Warehouse
    views: Views

    @classmethod
    def of(cls, settings: DashboardSettings, views: Path | None = None) -> Self:
        """Return the services of a dashboard; nothing is opened before it is asked for.

        Args:
            settings: Its settings.
            views: Folder in which processes that serve it share their views.
        """
        limits = Limits(settings.query_memory, settings.query_threads)
        return cls(settings, Warehouse(settings.data_dir, limits), Views(views))
