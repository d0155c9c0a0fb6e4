"""One night of relocation, whole: everything given, validated once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.hashing import content_hash
from optimiser.basics.require import require_distinct
from optimiser.network.travel import TravelTimes
from optimiser.relocation.problem.fleet import Car, Driver, Must, Task
from optimiser.relocation.problem.station import Plug, Station, Zone
from optimiser.relocation.problem.terms import Charging, Grid, Handling, Mode, Prices


@dataclass(frozen=True, kw_only=True)
class Problem:
    """
    One night of relocation, from its start to opening.

    Places of `drive` and of each mode are stations, places of cars in zones, and where drivers start and end.
    """

    start: datetime
    """When the night starts; aware. All seconds count from here."""
    opening_s: int
    """When the next day opens: where cars stand and what they hold then is what counts."""
    stations: tuple[Station, ...]
    cars: tuple[Car, ...]
    drivers: tuple[Driver, ...]
    drive: TravelTimes
    """Of cars."""
    modes: tuple[Mode, ...]
    grid: Grid
    prices: Prices
    handling: Handling = field(default_factory=Handling)
    charging: Charging = field(default_factory=Charging)
    zones: tuple[Zone, ...] = ()
    tasks: tuple[Task, ...] = ()
    musts: tuple[Must, ...] = ()

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise InvalidProblem("problem: start has no time zone")
        for what, ids in self._ids():
            require_distinct(what, ids)
        if len(self.grid.tariff) * self.grid.slot_s < self.opening_s or self.opening_s < 0:
            raise InvalidProblem(
                f"grid: {len(self.grid.tariff)} slots of {self.grid.slot_s} s end before opening at {self.opening_s} s"
            )
        self._require_cars()
        self._require_drivers()
        self._require_travel()
        for zone in self.zones:
            self._require_stations(f"zone {zone.id}", zone.station_ids)
        about = {task.car_id for task in self.tasks} | {must.car_id for must in self.musts}
        if unknown := sorted(about - self.car_by_id.keys()):
            raise InvalidProblem(f"tasks and musts: there is no car {', '.join(unknown)}")
        for must in self.musts:
            self._require_stations(f"must of car {must.car_id}", must.station_ids)

    @cached_property
    def station_by_id(self) -> dict[str, Station]:
        """Stations by id."""
        return {station.id: station for station in self.stations}

    @cached_property
    def car_by_id(self) -> dict[str, Car]:
        """Cars by id."""
        return {car.id: car for car in self.cars}

    @cached_property
    def driver_by_id(self) -> dict[str, Driver]:
        """Drivers by id."""
        return {driver.id: driver for driver in self.drivers}

    @cached_property
    def task_by_id(self) -> dict[str, Task]:
        """Tasks by id."""
        return {task.id: task for task in self.tasks}

    @cached_property
    def mode_by_name(self) -> dict[str, Mode]:
        """Ways between cars by name."""
        return {mode.name: mode for mode in self.modes}

    @cached_property
    def place_index(self) -> dict[str, int]:
        """Row of each place in the travel matrices."""
        return {place_id: index for index, place_id in enumerate(self.drive.place_ids)}

    @cached_property
    def slots(self) -> int:
        """Slots of the grid until opening, the last perhaps only in part."""
        return -(-self.opening_s // self.grid.slot_s)

    @cached_property
    def input_hash(self) -> str:
        """Fingerprint of everything given."""
        return content_hash(*(_with_sets_in_order(getattr(self, part.name)) for part in fields(self)))

    def plug(self, station_id: str, plug_id: str) -> Plug | None:
        """One plug of a station; None where it has no such plug."""
        return next((plug for plug in self.station_by_id[station_id].plugs if plug.id == plug_id), None)

    def there_until_s(self, car: Car) -> int:
        """When the night ends for a car: at opening, or before, when a rider has booked it."""
        return self.opening_s if car.available_until_s is None else min(self.opening_s, car.available_until_s)

    def drive_s(self, origin_id: str, destination_id: str) -> int:
        """Seconds that a car drives from one place to another."""
        return int(self.drive.travel_s[self.place_index[origin_id], self.place_index[destination_id]])

    def drive_m(self, origin_id: str, destination_id: str) -> int:
        """Metres that a car drives from one place to another."""
        return int(self.drive.length_m[self.place_index[origin_id], self.place_index[destination_id]])

    def ride_s(self, driver: Driver, origin_id: str, destination_id: str) -> int:
        """Seconds that a driver takes from one place to another without a car; none to where they are already."""
        if origin_id == destination_id:
            return 0
        mode = self.mode_by_name[driver.mode]
        return mode.ride_s + int(mode.travel.travel_s[self.place_index[origin_id], self.place_index[destination_id]])

    def ride_m(self, driver: Driver, origin_id: str, destination_id: str) -> int:
        """Metres that a driver goes from one place to another without a car."""
        travel = self.mode_by_name[driver.mode].travel
        return int(travel.length_m[self.place_index[origin_id], self.place_index[destination_id]])

    def _ids(self) -> Iterator[tuple[str, list[str]]]:
        for what in ("station", "car", "driver", "zone", "task"):
            yield what, [thing.id for thing in getattr(self, f"{what}s")]
        yield "mode", [mode.name for mode in self.modes]
        yield "must: car", [must.car_id for must in self.musts]
        yield "place", list(self.drive.place_ids)
        yield "plug: car", [f"{car.station_id}/{car.plug_id}" for car in self.cars if car.plug_id is not None]

    def _require_stations(self, what: str, ids: frozenset[str] | tuple[str, ...]) -> None:
        if unknown := sorted(set(ids) - self.station_by_id.keys()):
            raise InvalidProblem(f"{what}: there is no station {', '.join(unknown)}")

    def _require_cars(self) -> None:
        for car in self.cars:
            self._require_stations(f"car {car.id}", (car.station_id,))
            if car.plug_id is None:
                continue
            if (plug := self.plug(car.station_id, car.plug_id)) is None:
                raise InvalidProblem(f"car {car.id}: station {car.station_id} has no plug {car.plug_id}")
            if plug.connector not in car.connectors:
                raise InvalidProblem(f"car {car.id}: is on plug {plug.id} and has no connector {plug.connector}")
            if car.available_from_s > 0 or plug.free_from_s > 0:
                raise InvalidProblem(f"car {car.id}: is on plug {plug.id}, so both must be there from 0 s on")

    def _require_drivers(self) -> None:
        for driver in self.drivers:
            if driver.mode not in self.mode_by_name:
                raise InvalidProblem(f"driver {driver.id}: there is no mode {driver.mode}")
            if driver.shift_end_s > self.opening_s:
                raise InvalidProblem(
                    f"driver {driver.id}: shift ends at {driver.shift_end_s} s, after opening at {self.opening_s} s"
                )

    def _require_travel(self) -> None:
        named = {station.id for station in self.stations} | {car.at for car in self.cars}
        named |= {id_ for driver in self.drivers for id_ in (driver.start_place_id, driver.end_place_id)}
        if missing := sorted(named - set(self.drive.place_ids)):
            raise InvalidProblem(f"travel times: no place for {', '.join(missing)}")
        shape = (len(self.drive.place_ids),) * 2
        for name, travel in (("driving", self.drive), *((mode.name, mode.travel) for mode in self.modes)):
            if travel.place_ids != self.drive.place_ids:
                raise InvalidProblem(f"travel times of {name}: other places than those of driving")
            if travel.travel_s.shape != shape or travel.length_m.shape != shape:
                raise InvalidProblem(f"travel times of {name}: shape {travel.travel_s.shape}, expected {shape}")
            if travel.unreachable or np.any(travel.travel_s < 0) or np.any(travel.length_m < 0):
                pairs = ", ".join(f"{a} to {b}" for a, b in travel.unreachable[:10])
                raise InvalidProblem(f"travel times of {name}: places not reached: {pairs or 'negative times'}")


def energy_for(car: Car, length_m: int) -> float:
    """kWh that a car uses for a drive."""
    return car.kwh_per_km * length_m / 1000


def reserve_kwh(problem: Problem, car: Car) -> float:
    """What a car keeps in its battery at least; one that has less has nothing to drive with."""
    return problem.charging.reserve * car.battery_kwh


def _with_sets_in_order(value: Any) -> Any:
    """Plain values, sets sorted: a set has no order of its own, a fingerprint needs one."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_with_sets_in_order(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _with_sets_in_order(getattr(value, part.name)) for part in fields(value)}
    return value
