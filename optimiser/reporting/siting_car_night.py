"""What a siting study saves the night of the shared e-cars: the night's work without its plugs, and with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from optimiser.reporting.relocation_figures import car_figures
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.siting_saved import SavedFigure, saved_document
from optimiser.siting.money import without_noise


@dataclass(frozen=True, slots=True, kw_only=True)
class CarNightWork:
    """A planned night of e-cars, as far as plugs can change it; money in the city's currency."""

    driver_minutes: float
    """From setting out until they are home."""
    charging_trips: int
    """Cars driven to a plug."""
    cars_moved: int
    plugged_in: int
    """Cars put on a plug, those that stood beside it already included."""
    car_km: float
    ride_km: float
    """Ways of drivers without a car."""
    charged_kwh: float
    """From the grid."""
    energy_cost: float
    grid_co2_kg: float
    ready_cars: int
    """At opening."""
    lost_trips: float
    """Expected over the next day."""
    driver_cost: float
    """Hours and use of drivers, and their rides."""
    cost: float
    """All that a night is planned for: lost trips and what else has a price included."""
    best_bound: float
    """No plan of the night costs less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarNight:
    """The same night planned twice, and what that rests on."""

    as_of: datetime
    cars: int
    low_charge: int
    """Cars too low on charge to be rented that evening, and on no plug."""
    without: CarNightWork
    with_plugs: CarNightWork
    at_stations: Mapping[str, int]
    """Plugs that the study builds at stations and in zones of the fleet, by id."""
    hubs: Mapping[str, int]
    """And where neither is near, or has a bay left for them, by site."""
    held_by_others: int
    """Plugs that are not free for the fleet at night."""
    out_of_reach: int
    """Plugs at sites that cars or drivers cannot get to and away from."""
    plugs_cost: float
    """Of all plugs for cars, with the opening of their sites."""
    nights_a_year: float
    assumptions: tuple[str, ...]

    @property
    def plugs(self) -> int:
        """That the fleet can use."""
        return sum(self.at_stations.values()) + sum(self.hubs.values())

    @property
    def saved_between(self) -> tuple[float, float]:
        """The best plan with plugs costs less than the best without by so much at least, and at most; proven."""
        least = self.without.best_bound - self.with_plugs.cost
        # Whatever can be done without the plugs can be done with them.
        return max(0.0, least), max(0.0, self.without.cost - self.with_plugs.best_bound)


def car_night_work(night: RelocationNight) -> CarNightWork:
    """The figures of a planned night."""
    figures, cost = car_figures(night.problem, night.timeline), night.cost_after
    jobs = [timed for route in night.timeline.routes for timed in route.jobs]
    return CarNightWork(
        driver_minutes=figures.driver_hours * 60,
        charging_trips=sum(timed.drives and timed.job.plug_id is not None for timed in jobs),
        cars_moved=figures.cars_moved,
        plugged_in=figures.plugged_in,
        car_km=figures.car_km,
        ride_km=figures.ride_km,
        charged_kwh=figures.charged_kwh,
        energy_cost=figures.energy_cost,
        grid_co2_kg=figures.co2_kg,
        ready_cars=figures.ready_cars,
        lost_trips=figures.lost_trips,
        driver_cost=cost.driver_hours + cost.driver_use + cost.ride_km,
        cost=night.result.objective,
        best_bound=night.result.best_bound,
    )


def saved_figures(told: CarNight, currency: str) -> Iterator[SavedFigure]:
    """The night without and with the plugs, in words an operator uses."""
    for name, label, digits in (
        ("driver_minutes", "Drivers at work, minutes", 0),
        ("charging_trips", "Cars driven to a plug", 0),
        ("plugged_in", "Cars put on a plug", 0),
        ("cars_moved", "Cars moved", 0),
        ("car_km", "Driven by cars, km", 1),
        ("ride_km", "Ways of drivers without a car, km", 1),
        ("charged_kwh", "Charged, kWh from the grid", 1),
        ("energy_cost", f"Energy, {currency}", 2),
        ("grid_co2_kg", "CO₂ of that energy, kg", 2),
        ("lost_trips", "Lost trips expected", 1),
        ("driver_cost", f"Drivers, {currency}", 2),
        ("cost", f"All that is planned for, lost trips included, {currency}", 2),
    ):
        without, having = (float(getattr(work, name)) for work in (told.without, told.with_plugs))
        yield SavedFigure(name, label, digits, without, having, (without - having) * told.nights_a_year)


def car_night_document(told: CarNight, currency: str) -> dict[str, Any]:
    """As plain values, for study.json."""
    night, a_year = saved_document([*saved_figures(told, currency)], having="with_plugs")
    return {
        "as_of": told.as_of.isoformat(),
        "cars": told.cars,
        "low_charge": told.low_charge,
        "plugs_at_stations": dict(sorted(told.at_stations.items())),
        "plugs_at_hubs": dict(sorted(told.hubs.items())),
        "plugs_held_by_others": told.held_by_others,
        "plugs_out_of_reach": told.out_of_reach,
        "plugs_cost": without_noise(told.plugs_cost),
        "without": asdict(told.without),
        "with_plugs": asdict(told.with_plugs),
        "night": night,
        "saved_a_year": a_year,
        "cost_saved_between": list(told.saved_between),
        "nights_a_year": told.nights_a_year,
        "assumptions": list(told.assumptions),
    }
