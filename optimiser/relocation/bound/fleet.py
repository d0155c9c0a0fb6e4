"""Cars as the bound sees them: where each stands, whether it is ready, who can handle it and what energy costs it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.bound.energy import EnergyPrice
from optimiser.relocation.cost import TINY_KWH, can_be_rented
from optimiser.relocation.problem import Car, Problem

Floats = NDArray[np.float64]


class Kind(Enum):
    """What can become of a car at opening."""

    READY = "ready"
    """It is ready, unless it is driven too far."""
    LOW = "low"
    """It has to be charged first."""
    OTHER = "other"
    """It is not ready, whatever is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A car where it is found."""

    car: Car
    kind: Kind
    spot: int
    is_plugged: bool
    is_handled: bool
    """Whether some driver may work at it."""
    price: EnergyPrice
    needed_kwh: Floats
    """From the grid to be ready, by station that it is charged at; infinite where it cannot be."""
    home_kwh: float
    """The same where it stands; infinite where it cannot be."""
    plug_kw: Floats
    """By station, with the best plug that fits; 0 = none does."""

    @property
    def is_movable(self) -> bool:
        """Whether it may be driven."""
        return self.is_handled and self.car.can_move


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """All cars, and the spots where they stand: a place and the station that it counts to."""

    spots: tuple[tuple[str, str], ...]
    """Place and station, at first those of all stations themselves in the problem's order."""
    cars: tuple[Standing, ...]
    shortest_s: Floats
    """Of drives from each spot to each station, whichever stations are between."""
    shortest_m: Floats


def fleet_of(problem: Problem) -> Fleet:
    """Look at every car."""
    spots = [(station.id, station.id) for station in problem.stations]
    spots += sorted({(car.at, car.station_id) for car in problem.cars} - set(spots))
    index = {spot: number for number, spot in enumerate(spots)}
    rows = np.array([problem.place_index[place_id] for place_id, _ in spots])
    shortest_s = _shortest(problem.drive.travel_s[np.ix_(rows, rows[: len(problem.stations)])].astype(np.float64))
    shortest_m = _shortest(problem.drive.length_m[np.ix_(rows, rows[: len(problem.stations)])].astype(np.float64))
    must_kwh = {must.car_id: must.energy_kwh for must in problem.musts}
    cars = tuple(
        _standing(problem, car, index[car.at, car.station_id], must_kwh.get(car.id, 0.0), shortest_m)
        for car in problem.cars
    )
    return Fleet(spots=tuple(spots), cars=cars, shortest_s=shortest_s, shortest_m=shortest_m)


def _standing(problem: Problem, car: Car, spot: int, must_kwh: float, shortest_m: Floats) -> Standing:
    own = next(index for index, station in enumerate(problem.stations) if station.id == car.station_id)
    able = [one for one in problem.drivers if car.needs <= one.skills]
    plug_kw, from_s = _plug_kw(problem, car), problem.opening_s
    if able:
        begin_s = max(car.available_from_s, min(one.shift_start_s for one in able))
        from_s = min(problem.opening_s, begin_s + problem.handling.handover_s + problem.handling.plug_in_s)
    else:
        plug_kw = np.where(np.arange(len(plug_kw)) == own, plug_kw, 0.0)
    if car.plug_id is not None:
        from_s = 0
    price = EnergyPrice(problem, car, must_kwh=must_kwh, from_s=from_s, kw=float(plug_kw.max(initial=0.0)))

    def needed(used_kwh: Floats) -> Floats:
        kwh = (car.ready_kwh - TINY_KWH - car.energy_kwh + used_kwh) / problem.charging.efficiency
        return np.where(kwh <= price.most_kwh + TINY_KWH, np.maximum(kwh, 0.0), np.inf)

    needed_kwh = np.where(plug_kw > 0, needed(car.kwh_per_km * shortest_m[spot] / 1000), np.inf)
    home_kwh = float(needed(np.zeros(1))[0]) if plug_kw[own] > 0 else np.inf
    kind = Kind.OTHER
    if can_be_rented(problem, car):
        if car.energy_kwh >= car.ready_kwh - TINY_KWH:
            kind = Kind.READY
        elif np.isfinite(home_kwh) or np.isfinite(needed_kwh).any():
            kind = Kind.LOW
    return Standing(
        car=car,
        kind=kind,
        spot=spot,
        is_plugged=car.plug_id is not None,
        is_handled=bool(able),
        price=price,
        needed_kwh=needed_kwh,
        home_kwh=home_kwh,
        plug_kw=plug_kw,
    )


def _plug_kw(problem: Problem, car: Car) -> Floats:
    """What a car can draw at most at each station, and on the plug that it is on."""
    most = []
    for station in problem.stations:
        is_own = station.id == car.station_id
        fitting = (
            plug.kw for plug in station.plugs if plug.connector in car.connectors or (is_own and plug.id == car.plug_id)
        )
        site_kw = np.inf if station.site_kw is None else station.site_kw
        most.append(min(max(fitting, default=0.0), car.charge_kw, site_kw))
    return np.array(most)


def _shortest(direct: Floats) -> Floats:
    """Shortest ways by stations between, from spots (rows, stations first) to stations."""
    shortest = direct.copy()
    for between in range(direct.shape[1]):
        shortest = np.minimum(shortest, shortest[:, between, None] + shortest[between])
    return shortest
