"""The simulated desk as a source of tickets."""

from datetime import datetime, timedelta

import numpy as np

from control_tower.raw.landing import Landing
from control_tower.raw.parts import Overlaid
from control_tower.raw.simulator.arrivals import arrive
from control_tower.raw.simulator.configuration import (
    ConfigurationError,
    SimulatorConfiguration,
    group_capacity,
)
from control_tower.raw.simulator.kernel import simulate_history
from control_tower.raw.simulator.parameters import parameters_of
from control_tower.raw.simulator.staffing import closed_days, staff
from control_tower.raw.simulator.tables import first_of_month_a_year_before, tables_of

__all__ = ["simulate"]

_STAFFED_AHEAD = timedelta(days=60)
"""Work under way at the clock ends on some later shift, which has to be there to know when."""


def simulate(
    configuration: SimulatorConfiguration, *, seed: int, tickets_per_year: int, as_of: datetime
) -> Landing:
    """Simulate the built-in team from the start of its history and land its newest tickets.

    Landed are the tickets created since the first day of the month twelve months before the
    clock's month, as they stand at the clock. The same seed gives the same history; a later clock
    extends it.

    Args:
        configuration: The team's numbers.
        seed: Seed of the history.
        tickets_per_year: Volume; the team grows with it.
        as_of: The tower's clock (UTC).

    Raises:
        ConfigurationError: If the clock lies before the start of history.
    """
    epoch = configuration.epoch()
    if as_of <= epoch:
        raise ConfigurationError(
            f"as_of {as_of:%Y-%m-%d} is not after {epoch:%Y-%m-%d}, the day the simulated desk "
            "opened; choose a later one, or an earlier history_epoch"
        )
    ahead = as_of + _STAFFED_AHEAD
    closed = closed_days(configuration, ahead.date() + timedelta(days=366))
    tickets = arrive(
        configuration, closed, seed=seed, tickets_per_year=tickets_per_year, until=as_of
    )
    agents = staff(configuration, closed, seed=seed, tickets_per_year=tickets_per_year, until=ahead)
    landed_from = max(epoch, first_of_month_a_year_before(as_of))
    first = int(np.searchsorted(tickets.created, (landed_from - epoch).total_seconds()))
    history = simulate_history(
        parameters_of(configuration),
        tickets,
        agents,
        seed=seed,
        until=int((as_of - epoch).total_seconds()),
        first=first,
    )
    return Landing(
        source="simulator",
        described_as=f"simulated desk, {tickets_per_year:,} tickets a year, seed {seed}",
        fingerprint=f"{seed}|{tickets_per_year}|{configuration.model_dump_json()}",
        as_of=as_of,
        tables=Overlaid(
            {"group_capacity": group_capacity(configuration, tickets_per_year)},
            tables_of(configuration, tickets, agents, history, closed, first=first, as_of=as_of),
        ),
    )
