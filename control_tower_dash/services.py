"""What every page is given."""

from dataclasses import dataclass

from control_tower_dash.settings import DashboardSettings
from control_tower_dash.views import Views
from control_tower_dash.warehouse import Warehouse

__all__ = ["Services"]


@dataclass(frozen=True)
class Services:
    """The settings, the snapshots, and the views worked out of them."""

    settings: DashboardSettings
    warehouse: Warehouse
    views: Views
