"""What things take and cost: ways between cars, the grid through the night, and what holds in any city."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.car_terms import Charging, Handling, Prices
from optimiser.basics.night_grid import NightGrid as Grid
from optimiser.basics.require import require_amounts
from optimiser.network.travel import TravelTimes

__all__ = ["Charging", "Grid", "Handling", "Mode", "Prices"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Mode:
    """A way of getting from one car to the next: folding bike, on foot, shuttle, or a matrix of one's own."""

    name: str
    travel: TravelTimes
    """Between the same places as those of driving, in the same order."""
    ride_s: int = 0
    """Added to each ride: to unfold and fold the bike, to wait for the shuttle."""
    km: float = 0.0
    """Price of a kilometre."""

    def __post_init__(self) -> None:
        require_amounts(f"mode {self.name}", ride_s=self.ride_s, km=self.km)
