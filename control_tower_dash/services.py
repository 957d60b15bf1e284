"""What every page is given."""

from dataclasses import dataclass

from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Warehouse

__all__ = ["Services"]


@dataclass(frozen=True)
class Services:
    """The settings and the snapshots."""

    settings: DashboardSettings
    warehouse: Warehouse
