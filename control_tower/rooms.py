"""The rooms that compute tables from the marts, in the order of the flow."""

from collections.abc import Sequence
from typing import Final

from control_tower.alerts.assets import ALERTS
from control_tower.forecasting.assets import FORECASTING
from control_tower.process_mining.assets import PROCESS_MINING
from control_tower.recommendations.assets import RECOMMENDATIONS
from control_tower.room import Room

__all__ = ["ROOMS"]

ROOMS: Final[Sequence[Room]] = (PROCESS_MINING, FORECASTING, ALERTS, RECOMMENDATIONS)
