"""The built-in team: a discrete-event simulation of a support desk as a source of tickets."""

from control_tower.raw.simulator.configuration import (
    ConfigurationError,
    SimulatorConfiguration,
    group_capacity,
    load_configuration,
)
from control_tower.raw.simulator.simulation import simulate

__all__ = [
    "ConfigurationError",
    "SimulatorConfiguration",
    "group_capacity",
    "load_configuration",
    "simulate",
]
