"""What things take and cost: ways between cars, the grid through the night, and what holds in any city."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.car_terms import Charging, Handling, Prices
from optimiser.basics.errors import InvalidProblem
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What a kWh costs and emits in each slot of the night, from its start on."""

    slot_s: int
    tariff: tuple[float, ...]
    """Price of a kWh in each slot."""
    co2_kg: tuple[float, ...]
    """kg of CO2 for each kWh in each slot."""

    def __post_init__(self) -> None:
        if self.slot_s < 1:
            raise InvalidProblem(f"grid: slots of {self.slot_s} s, must be at least 1")
        if len(self.tariff) != len(self.co2_kg):
            raise InvalidProblem(f"grid: {len(self.tariff)} slots of tariff and {len(self.co2_kg)} of CO2")
        for tariff, co2_kg in zip(self.tariff, self.co2_kg, strict=True):
            require_amounts("grid", tariff=tariff, co2_kg=co2_kg)
