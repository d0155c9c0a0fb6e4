"""What is given for one night of relocation: stations with plugs, cars, drivers, the grid, prices, travel times."""

from __future__ import annotations

from optimiser.relocation.problem.fleet import Break, Car, Driver, Must, Task
from optimiser.relocation.problem.night import Problem, energy_for, reserve_kwh
from optimiser.relocation.problem.station import Plug, Station, Zone
from optimiser.relocation.problem.terms import Charging, Grid, Handling, Mode, Prices

__all__ = [
    "Break",
    "Car",
    "Charging",
    "Driver",
    "Grid",
    "Handling",
    "Mode",
    "Must",
    "Plug",
    "Prices",
    "Problem",
    "Station",
    "Task",
    "Zone",
    "energy_for",
    "reserve_kwh",
]
