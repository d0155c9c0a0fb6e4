"""Tiny hand-made nights of e-cars on a line, and random ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from optimiser.network.travel import TravelTimes
from optimiser.relocation.problem import (
    Car,
    Charging,
    Driver,
    Grid,
    Handling,
    Mode,
    Must,
    Plug,
    Prices,
    Problem,
    Station,
    Task,
    Zone,
)

START = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
HOUR_S = 3600
LINEAR = Charging(efficiency=1.0, taper_from=0.0, taper_end=1.0, reserve=0.0)
"""A battery that takes its full power until it is full, without losses."""


def line(place_ids: Sequence[str], km: Sequence[float], *, kmh: float = 36.0) -> TravelTimes:
    """Places on a line; at 36 km/h a kilometre takes 100 s."""
    positions = np.array(km, dtype=np.float64)
    length_m = np.rint(np.abs(positions[:, None] - positions[None, :]) * 1000).astype(np.int32)
    travel_s = np.rint(length_m * 3.6 / kmh).astype(np.int32)
    return TravelTimes(place_ids=tuple(place_ids), travel_s=travel_s, length_m=length_m, label="by hand")


def station(
    id_: str, lost_trips: Sequence[float] = (0.0,), *, plugs: Sequence[float | Plug] = (), **more: Any
) -> Station:
    """A station whose plugs are given by their kW; lost trips do not matter unless they are told."""
    named = tuple(
        plug if isinstance(plug, Plug) else Plug(id=f"{id_}{number}", kw=plug, connector="type2")
        for number, plug in enumerate(plugs, 1)
    )
    return Station(id=id_, lost_trips=tuple(lost_trips), plugs=named, **more)


def car(id_: str, station_id: str, energy_kwh: float, **more: Any) -> Car:
    """A car with 50 kWh that uses 0.2 kWh for a km, is ready from 20 kWh on, and takes 10 kW."""
    defaults: dict[str, Any] = {
        "battery_kwh": 50.0,
        "ready_kwh": 20.0,
        "kwh_per_km": 0.2,
        "charge_kw": 10.0,
        "connectors": frozenset({"type2"}),
    }
    return Car(id=id_, station_id=station_id, energy_kwh=energy_kwh, **defaults | more)


def driver(id_: str = "d", at: str = "A", **more: Any) -> Driver:
    """Somebody with a bike who starts and ends at `at` and works all night."""
    defaults: dict[str, Any] = {"shift_start_s": 0, "shift_end_s": 4 * HOUR_S, "mode": "bike"}
    return Driver(id=id_, start_place_id=at, end_place_id=more.pop("end", at), **defaults | more)


def make_problem(
    stations: Sequence[Station],
    cars: Sequence[Car] = (),
    drivers: Sequence[Driver] = (),
    *,
    km: Sequence[float] = (),
    places: Sequence[str] = (),
    tariff: Sequence[float] = (0.2, 0.2, 0.2, 0.2),
    slot_s: int = HOUR_S,
    **more: Any,
) -> Problem:
    """
    A night of four slots of an hour on a line: cars drive 36 km/h, bikes half of that.

    `km` says where the stations are, and then `places`; 1 km apart unless told.
    """
    place_ids = [*(one.id for one in stations), *places]
    positions = km or [float(number) for number in range(len(place_ids))]
    defaults: dict[str, Any] = {
        "start": START,
        "opening_s": len(tariff) * slot_s,
        "drive": line(place_ids, positions),
        "modes": (Mode(name="bike", travel=line(place_ids, positions, kmh=18.0)),),
        "grid": Grid(slot_s=slot_s, tariff=tuple(tariff), co2_kg=(0.0,) * len(tariff)),
        "prices": Prices(lost_trip=10.0, driver_hour=36.0),
        "handling": Handling(handover_s=100, park_s=100, plug_in_s=50, unplug_s=50),
        "charging": LINEAR,
    }
    return Problem(stations=tuple(stations), cars=tuple(cars), drivers=tuple(drivers), **defaults | more)


TABLES = ((0.0,), (2.0, 0.0), (3.0, 1.0, 0.5, 0.5), (2.0, 2.0, 0.0, 0.0), (1.0, 0.0, 1.0, 2.0), (4.0, 2.0, 1.0, 0.5))
"""Trips lost: nowhere to be, falling, convex, not convex, with too many."""


def random_night(seed: int, *, most_stations: int = 4, most_cars: int = 4, most_drivers: int = 2) -> Problem:
    """Anything that a night may have, small: zones, places of cars' own, skills, tasks, musts, odd travel times."""
    chance = random.Random(seed)
    names = "ABCD"[: chance.randint(2, most_stations)]
    stations = [
        station(
            name,
            chance.choice(TABLES),
            plugs=[chance.choice([2.0, 4.0, 11.0]) for _ in range(chance.randint(0, 2))],
            bays=chance.choice([None, 1, 2, 3]),
            site_kw=chance.choice([None, None, 3.0]),
        )
        for name in names
    ]
    free = {one.id: [plug.id for plug in one.plugs] for one in stations}
    cars = [_random_car(chance, index, chance.choice(names), free) for index in range(chance.randint(1, most_cars))]
    drivers = [
        driver(
            f"d{index}",
            chance.choice("HA"),
            end=chance.choice("HA"),
            skills=frozenset(chance.choice([(), ("x",), ("x",)])),
            shift_start_s=chance.choice([0, 900]),
        )
        for index in range(chance.randint(1, most_drivers))
    ]
    places = [*(one.place_id for one in cars if one.place_id is not None), "H"]
    km = [chance.uniform(0, 6) for _ in range(len(names) + len(places))]
    drive = line([*names, *places], km)
    if chance.random() < 0.3:
        # The fastest way is not always the direct one.
        travel_s = np.array(drive.travel_s)
        for _ in range(4):
            travel_s[chance.randrange(len(km)), chance.randrange(len(km))] *= chance.choice([0, 5])
        drive = TravelTimes(place_ids=drive.place_ids, travel_s=travel_s, length_m=drive.length_m)
    bike = line([*names, *places], km, kmh=chance.choice([10.0, 18.0, 100.0]))
    return make_problem(
        stations,
        cars,
        drivers,
        places=places,
        tariff=[chance.choice([0.1, 0.2, 0.5]) for _ in range(8)],
        slot_s=1800,
        drive=drive,
        modes=(Mode(name="bike", travel=bike, ride_s=chance.choice([0, 60]), km=chance.choice([0.0, 0.2])),),
        handling=chance.choice(
            [Handling(handover_s=0, park_s=0, plug_in_s=0, unplug_s=0), Handling(handover_s=100, plug_in_s=50)]
        ),
        charging=chance.choice([LINEAR, Charging()]),
        prices=Prices(
            lost_trip=chance.choice([0.0, 5.0, 20.0]),
            driver_hour=chance.choice([0.0, 5.0, 36.0]),
            driver_use=chance.choice([0.0, 3.0]),
            car_km=chance.choice([0.0, 0.3]),
            missing_kwh=chance.choice([0.0, 0.3, 2.0]),
            must=chance.choice([0.0, 5.0, 30.0]),
            zone_car=chance.choice([0.0, 6.0]),
        ),
        tasks=tuple(
            Task(id=f"t{one.id}", car_id=one.id, duration_s=chance.randint(0, 900), price=chance.uniform(0, 20))
            for one in cars
            if chance.random() < 0.3
        ),
        musts=tuple(
            Must(car_id=one.id, station_ids=frozenset(chance.choice(["", *names])), energy_kwh=chance.uniform(0, 9))
            for one in cars
            if chance.random() < 0.3
        ),
        zones=(
            Zone(
                id="Z", station_ids=tuple(names[:2]), floor=chance.choice([None, 1, 2]), cap=chance.choice([None, 2, 3])
            ),
        ),
    )


def _random_car(chance: random.Random, index: int, station_id: str, free: dict[str, list[str]]) -> Car:
    plug_id = free[station_id].pop() if free[station_id] and chance.random() < 0.5 else None
    return car(
        f"c{index}",
        station_id,
        chance.uniform(0, 10),
        battery_kwh=10.0,
        ready_kwh=chance.uniform(2, 8),
        goal_kwh=chance.choice([0.0, chance.uniform(0, 10)]),
        charge_kw=chance.choice([2.0, 4.0, 8.0]),
        plug_id=plug_id,
        place_id=f"p{index}" if chance.random() < 0.3 else None,
        in_service=chance.random() < 0.9,
        can_move=chance.random() < 0.9,
        available_from_s=0 if plug_id else chance.choice([0, 0, 1000]),
        needs=frozenset(chance.choice([(), (), ("x",)])),
    )
