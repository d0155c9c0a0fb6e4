"""Key figures of a night of e-cars, the same for doing nothing and for the plan."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from optimiser.relocation.cost import grid_kwh, ready_cars
from optimiser.relocation.problem import Problem
from optimiser.relocation.replay import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class CarFigures:
    """What a night comes to."""

    lost_trips: float
    """Expected over the day after opening."""
    ready_cars: int
    stations_without_a_ready_car: int
    """Of those where anybody rents."""
    charged_kwh: float
    """From the grid."""
    energy_cost: float
    co2_kg: float
    drivers: int
    """Who set out."""
    jobs: int
    cars_moved: int
    plugged_in: int
    unplugged: int
    tasks_done: int
    car_km: float
    ride_km: float
    """Ways of drivers without a car."""
    driver_hours: float

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def car_figures(problem: Problem, timeline: Timeline) -> CarFigures:
    """Key figures of a night that has been replayed."""
    ready, by_slot, grid = ready_cars(problem, timeline), grid_kwh(problem, timeline), problem.grid
    jobs = [timed for route in timeline.routes for timed in route.jobs]
    wanting = [station.id for station in problem.stations if len(station.lost_trips) > 1]
    return CarFigures(
        lost_trips=sum(station.lost(ready[station.id]) for station in problem.stations),
        ready_cars=sum(ready.values()),
        stations_without_a_ready_car=sum(ready[id_] == 0 for id_ in wanting),
        charged_kwh=sum(by_slot),
        energy_cost=sum(kwh * price for kwh, price in zip(by_slot, grid.tariff, strict=False)),
        co2_kg=sum(kwh * kg for kwh, kg in zip(by_slot, grid.co2_kg, strict=False)),
        drivers=len(timeline.routes),
        jobs=len(jobs),
        cars_moved=len({timed.job.car_id for timed in jobs if timed.drives}),
        plugged_in=sum(timed.job.plug_id is not None for timed in jobs),
        unplugged=sum(timed.job.unplug for timed in jobs),
        tasks_done=sum(len(timed.job.task_ids) for timed in jobs),
        car_km=sum(timed.drive_m for timed in jobs) / 1000,
        ride_km=sum(route.ride_m for route in timeline.routes) / 1000,
        driver_hours=sum(route.duration_s for route in timeline.routes) / 3600,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergySaving:
    """Why the energy of a plan costs less than if each car charged at once: other hours, and fewer kWh."""

    by_hours: float
    """Money: the plan's kWh at its own mean price instead of that of charging at once."""
    by_kwh: float
    """Money: kWh that are not charged, at the mean price of charging at once."""
    fewer_kwh: float

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def energy_saving(plain: CarFigures, after: CarFigures) -> EnergySaving:
    """Both parts add up to what the energy costs less."""
    at_once = plain.energy_cost / plain.charged_kwh if plain.charged_kwh else 0.0
    fewer = plain.charged_kwh - after.charged_kwh
    by_hours = after.charged_kwh * at_once - after.energy_cost
    return EnergySaving(by_hours=by_hours, by_kwh=fewer * at_once, fewer_kwh=fewer)
