"""Bikes and e-cars of one night in one sum, beside doing nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from optimiser.batteries.cost import Amounts
from optimiser.reporting.key_figures import key_figures
from optimiser.reporting.night import Night
from optimiser.reporting.relocation_figures import car_figures
from optimiser.reporting.relocation_night import RelocationNight


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeNight:
    """What a night comes to; each pair is doing nothing, and the plans."""

    lost_trips_bikes: tuple[float, float]
    lost_trips_cars: tuple[float, float]
    hours_vans: float
    hours_drivers: float
    km_vans: float
    km_cars: float
    km_rides: float
    charged_kwh: tuple[float, float]
    """Cars, from the grid."""
    co2_kg_grid: tuple[float, float]
    co2_kg_vans: float
    cost: tuple[float, float]
    """With what charging packs costs."""
    packs_kwh: tuple[float, float] | None = None
    """Packs of bikes at the depots, from the grid; None where the city says nothing of it."""
    packs_co2_kg: tuple[float, float] | None = None

    @property
    def lost_trips(self) -> tuple[float, float]:
        """Of bikes and cars together."""
        return (
            self.lost_trips_bikes[0] + self.lost_trips_cars[0],
            self.lost_trips_bikes[1] + self.lost_trips_cars[1],
        )

    @property
    def trips_saved(self) -> float:
        """Expected over the next day."""
        return self.lost_trips[0] - self.lost_trips[1]

    @property
    def co2_kg(self) -> tuple[float, float]:
        """Of charging cars and packs and of vans together."""
        before, after = self.packs_co2_kg or (0.0, 0.0)
        return self.co2_kg_grid[0] + before, self.co2_kg_grid[1] + after + self.co2_kg_vans

    @property
    def kwh(self) -> tuple[float, float]:
        """Of cars and packs together."""
        before, after = self.packs_kwh or (0.0, 0.0)
        return self.charged_kwh[0] + before, self.charged_kwh[1] + after

    def as_document(self) -> dict[str, Any]:
        """For JSON; pairs are before and after."""
        totals = {"lost_trips": self.lost_trips, "trips_saved": self.trips_saved, "co2_kg": self.co2_kg}
        document = {**asdict(self), **totals}
        return {
            name: {"before": value[0], "after": value[1]} if isinstance(value, tuple) else value
            for name, value in document.items()
            if value is not None
        }


def whole_night(bikes: Night, cars: RelocationNight, *, van_co2_kg_km: float) -> WholeNight:
    """The sums of two planned nights of one city; vans emit so many kg for each kilometre."""
    figures = key_figures(bikes)
    before = car_figures(cars.problem, cars.timeline_before)
    after = car_figures(cars.problem, cars.timeline)
    packs = bikes.batteries
    idle, packs_after = (Amounts(), Amounts()) if packs is None else (packs.idle, packs.planned)
    return WholeNight(
        lost_trips_bikes=(figures.before.expected_lost_trips, figures.after.expected_lost_trips),
        lost_trips_cars=(before.lost_trips, after.lost_trips),
        hours_vans=figures.work.van_hours,
        hours_drivers=after.driver_hours,
        km_vans=figures.work.driven_km,
        km_cars=after.car_km,
        km_rides=after.ride_km,
        charged_kwh=(before.charged_kwh, after.charged_kwh),
        co2_kg_grid=(before.co2_kg, after.co2_kg),
        co2_kg_vans=van_co2_kg_km * figures.work.driven_km,
        cost=(
            bikes.cost_before.total + cars.cost_before.total + idle.cost,
            bikes.cost_after.total + cars.cost_after.total + packs_after.cost,
        ),
        packs_kwh=None if packs is None else (idle.kwh, packs_after.kwh),
        packs_co2_kg=None if packs is None else (idle.co2_kg, packs_after.co2_kg),
    )
