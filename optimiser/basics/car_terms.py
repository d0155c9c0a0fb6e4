"""What a night of cars takes and costs in any city: handling, charging, prices."""

from __future__ import annotations

from dataclasses import dataclass, fields

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.require import require_amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Seconds that a driver takes at a car."""

    handover_s: int = 120
    """Find it, open it, look it over; once for each job."""
    park_s: int = 120
    """Find the bay and park; once for each drive."""
    plug_in_s: int = 60
    unplug_s: int = 60

    def __post_init__(self) -> None:
        require_amounts("handling", **{field.name: getattr(self, field.name) for field in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Charging:
    """How batteries take energy."""

    efficiency: float = 0.9
    """kWh in the battery for each from the grid."""
    taper_from: float = 0.8
    """State of charge from which the power falls, in a straight line."""
    taper_end: float = 0.1
    """Share of the power that is left when the battery is full."""
    reserve: float = 0.05
    """State of charge that no car falls below on its way."""

    def __post_init__(self) -> None:
        if not 0 < self.efficiency <= 1:
            raise InvalidProblem(f"charging: efficiency is {self.efficiency}, must be above 0 and at most 1")
        if not (0 <= self.taper_from < 1 and 0 <= self.taper_end <= 1 and 0 <= self.reserve < 1):
            raise InvalidProblem("charging: taper_from and reserve must be within 0..1 below 1, taper_end within 0..1")

    def power_share(self, state_of_charge: float) -> float:
        """Share of its full power that a battery takes at this state of charge."""
        if state_of_charge <= self.taper_from:
            return 1.0
        left = max(0.0, 1.0 - state_of_charge) / (1.0 - self.taper_from)
        return self.taper_end + (1.0 - self.taper_end) * left


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What things are worth, in the city's currency."""

    lost_trip: float
    driver_hour: float
    driver_use: float = 0.0
    """Once for each driver who sets out."""
    car_km: float = 0.0
    """Wear of a car, beside the energy."""
    co2_kg: float = 0.0
    missing_kwh: float = 0.0
    """Each kWh that a car lacks of its goal at opening."""
    must: float = 1000.0
    """Each car that does not stand where it must, each kWh that it must have and lacks."""
    zone_car: float = 0.0
    """Each car by which a zone opens below its floor or above its cap."""

    def __post_init__(self) -> None:
        require_amounts("prices", **{field.name: getattr(self, field.name) for field in fields(self)})
