"""What a plan costs, term by term, in the city's currency; and which wishes it leaves open."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields

from optimiser.relocation.plan import Plan
from optimiser.relocation.problem import Car, Problem
from optimiser.relocation.replay import Timeline, replay

TINY_KWH = 1e-6
"""What a battery may lack of a wish and still have it: rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Terms of the objective; `total` is what the planner makes small."""

    lost_trips: float
    """Expected trips lost over the next day, times their price."""
    driver_hours: float
    driver_use: float
    ride_km: float
    """Ways of drivers without a car."""
    car_km: float
    """Wear of cars."""
    energy: float
    """kWh from the grid at the tariff of their slots."""
    co2: float
    """CO2 of these kWh, times its price."""
    missing_kwh: float
    """kWh that cars lack of their goals."""
    tasks: float
    """Tasks left undone."""
    must: float
    zones: float
    """Cars short of a zone's floor or over its cap."""

    @property
    def total(self) -> float:
        """Sum of all terms."""
        return float(sum(getattr(self, field.name) for field in fields(self)))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnservedMust:
    """What a car that must lacks at opening."""

    car_id: str
    misplaced: bool
    missing_kwh: float


def cost(problem: Problem, plan: Plan) -> Cost:
    """Price a plan from its decisions alone. Raises KeyError for ids that are not in the problem."""
    return cost_of(problem, replay(problem, plan))


def cost_of(problem: Problem, timeline: Timeline) -> Cost:
    """Price a plan that has been replayed."""
    prices, routes, grid = problem.prices, timeline.routes, problem.grid
    ready = ready_cars(problem, timeline)
    by_slot = grid_kwh(problem, timeline)
    done = {id_ for route in routes for timed in route.jobs for id_ in timed.job.task_ids}
    mode_km = {driver.id: problem.mode_by_name[driver.mode].km for driver in problem.drivers}
    return Cost(
        lost_trips=prices.lost_trip * sum(station.lost(ready[station.id]) for station in problem.stations),
        driver_hours=prices.driver_hour * sum(route.duration_s for route in routes) / 3600,
        driver_use=prices.driver_use * len(routes),
        ride_km=sum(mode_km[route.driver_id] * route.ride_m for route in routes) / 1000,
        car_km=prices.car_km * sum(timed.drive_m for route in routes for timed in route.jobs) / 1000,
        energy=sum(kwh * price for kwh, price in zip(by_slot, grid.tariff, strict=False)),
        co2=prices.co2_kg * sum(kwh * kg for kwh, kg in zip(by_slot, grid.co2_kg, strict=False)),
        missing_kwh=prices.missing_kwh * sum(_missing(car.goal_kwh, car, timeline) for car in problem.cars),
        tasks=sum(task.price for task in problem.tasks if task.id not in done),
        must=prices.must * sum(item.misplaced + item.missing_kwh for item in unserved_musts(problem, timeline)),
        zones=prices.zone_car * sum(_zone_miss(problem, ready)),
    )


def ready_cars(problem: Problem, timeline: Timeline) -> dict[str, int]:
    """Cars that can be rented at opening, by station."""
    where = [timeline.stays[car.id][-1].station_id for car in problem.cars if is_ready(problem, car, timeline)]
    count = Counter(where)
    return {station.id: count[station.id] for station in problem.stations}


def is_ready(problem: Problem, car: Car, timeline: Timeline) -> bool:
    """Whether a car can be rented at opening."""
    return can_be_rented(problem, car) and timeline.energy_kwh[car.id] >= car.ready_kwh - TINY_KWH


def can_be_rented(problem: Problem, car: Car) -> bool:
    """Whether nothing but its charge can keep a car from being rented at opening."""
    booked = car.available_until_s is not None and car.available_until_s < problem.opening_s
    return car.in_service and not booked and car.available_from_s <= problem.opening_s


def grid_kwh(problem: Problem, timeline: Timeline) -> list[float]:
    """kWh that all cars draw from the grid in each slot of the night."""
    by_slot = [0.0] * problem.slots
    for charged in timeline.charged:
        for offset, kwh in enumerate(charged.grid_kwh):
            if kwh:
                by_slot[charged.charge.first_slot + offset] += kwh
    return by_slot


def unserved_musts(problem: Problem, timeline: Timeline) -> tuple[UnservedMust, ...]:
    """Cars that are not where they must be or lack what they must have, in the problem's order."""
    unserved = []
    for must in problem.musts:
        at = timeline.stays[must.car_id][-1].station_id
        misplaced = bool(must.station_ids) and at not in must.station_ids
        missing = _missing(must.energy_kwh, problem.car_by_id[must.car_id], timeline)
        if misplaced or missing > 0:
            unserved.append(UnservedMust(car_id=must.car_id, misplaced=misplaced, missing_kwh=missing))
    return tuple(unserved)


def _missing(wanted_kwh: float, car: Car, timeline: Timeline) -> float:
    """kWh that a car lacks of what is wanted, without what rounding makes of nothing."""
    missing = wanted_kwh - timeline.energy_kwh[car.id]
    return missing if missing > TINY_KWH else 0.0


def _zone_miss(problem: Problem, ready: dict[str, int]) -> list[int]:
    """Ready cars short of each zone's floor or over its cap."""
    misses = []
    for zone in problem.zones:
        cars = sum(ready[id_] for id_ in zone.station_ids)
        short = 0 if zone.floor is None else max(0, zone.floor - cars)
        over = 0 if zone.cap is None else max(0, cars - zone.cap)
        misses.append(short + over)
    return misses
