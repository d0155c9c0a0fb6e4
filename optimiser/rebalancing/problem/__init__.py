"""What is given for one night of rebalancing: stations, vans, depots, handling times, prices, travel times."""

from __future__ import annotations

from optimiser.rebalancing.problem.fleet import Break, Depot, Van
from optimiser.rebalancing.problem.night import Problem
from optimiser.rebalancing.problem.station import Must, Station, Zone

__all__ = ["Break", "Depot", "Must", "Problem", "Station", "Van", "Zone"]
