"""A night as arrays, for compiled loops: places, ways, stations, plugs, cars and drivers by number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.problem import Problem, Station, reserve_kwh
from optimiser.relocation.search import columns

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FAR_S = 2**40
"""A moment that never comes."""
ANY_BAYS = 2**30


class Town(NamedTuple):
    """Everything that the search reads and never changes; columns are in `columns`."""

    drive_s: Ints
    """Shape (places, places)."""
    drive_m: Ints
    ride_s: Ints
    """Shape (modes, places, places); none to where one is."""
    ride_price: Floats
    """Price of each ride's metres, same shape."""
    near: Ints
    """Stations by driving time from each place, shape (places, stations)."""
    station: Ints
    lost: Floats
    """Price of lost trips by ready cars, shape (stations, longest table); rows go on with their last entry."""
    plug: Ints
    plug_kw: Floats
    """What each can count on, whatever the others of its station draw."""
    zone: Ints
    zone_of: Ints
    """Zones of stations, one after the other."""
    car: Ints
    car_kwh: Floats
    must_station: Flags
    """Shape (cars, stations): whether a car may stand there at opening without breaking a must."""
    driver: Ints
    ready_alone: Ints
    """Ready cars at opening at each station if nobody comes."""
    zone_alone: Ints
    """Ready cars at opening in each zone if nobody comes."""
    price_alone: float
    """What all cars cost if nobody comes."""

    opening_s: int
    slot_s: int
    handover_s: int
    park_s: int
    plug_in_s: int
    unplug_s: int
    efficiency: float
    taper_from: float
    taper_end: float
    second_price: float
    use_price: float
    metre_price: float
    kwh_price: float
    """What a kWh costs about: the mean of the cheaper half of the slots, CO2 included."""
    missing_kwh_price: float
    must_price: float
    zone_price: float


def town_of(problem: Problem) -> Town:
    """The arrays of a night, what cars cost if nobody comes still at 0."""
    stations, charging, prices = problem.stations, problem.charging, problem.prices
    skills = _bits(
        {skill for driver in problem.drivers for skill in driver.skills}
        | {need for car in problem.cars for need in car.needs}
        | {need for task in problem.tasks for need in task.needs}
    )
    connectors = _bits({plug.connector for station in stations for plug in station.plugs})
    station, zone_of = _stations(problem)
    car, car_kwh = _cars(problem, skills, connectors)
    plugs = [(place, plug) for place in stations for plug in place.plugs]
    plugged = {(one.station_id, one.plug_id) for one in problem.cars}
    ride_s, ride_price = _rides(problem)
    drive_s = problem.drive.travel_s.astype(np.int64)
    return Town(
        drive_s=drive_s,
        drive_m=problem.drive.length_m.astype(np.int64),
        ride_s=ride_s,
        ride_price=ride_price,
        near=np.argsort(drive_s[:, station[:, columns.PLACE]], axis=1, kind="stable").astype(np.int64),
        station=station,
        lost=_lost(problem),
        plug=_table(
            [
                (connectors[plug.connector], FAR_S if (place.id, plug.id) in plugged else plug.free_from_s)
                for place, plug in plugs
            ],
            2,
        ),
        plug_kw=np.array([min(plug.kw, _share_kw(place)) for place, plug in plugs], dtype=np.float64),
        zone=_table([(zone.floor or 0, ANY_BAYS if zone.cap is None else zone.cap) for zone in problem.zones], 2),
        zone_of=zone_of,
        car=car,
        car_kwh=car_kwh,
        must_station=_must_stations(problem),
        driver=_drivers(problem, skills),
        ready_alone=np.zeros(len(stations), dtype=np.int64),
        zone_alone=np.zeros(len(problem.zones), dtype=np.int64),
        price_alone=0.0,
        opening_s=problem.opening_s,
        slot_s=problem.grid.slot_s,
        handover_s=problem.handling.handover_s,
        park_s=problem.handling.park_s,
        plug_in_s=problem.handling.plug_in_s,
        unplug_s=problem.handling.unplug_s,
        efficiency=charging.efficiency,
        taper_from=charging.taper_from,
        taper_end=charging.taper_end,
        second_price=prices.driver_hour / 3600,
        use_price=float(prices.driver_use),
        metre_price=prices.car_km / 1000,
        kwh_price=float(_kwh_price(problem)),
        missing_kwh_price=float(prices.missing_kwh),
        must_price=float(prices.must),
        zone_price=float(prices.zone_car),
    )


def _table(rows: Sequence[Sequence[int]], width: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)


def _stations(problem: Problem) -> tuple[Ints, Ints]:
    """Columns of the stations, and the zones that their columns point to."""
    cars_at = Counter(car.station_id for car in problem.cars)
    rows: list[tuple[int, ...]] = []
    zone_of: list[int] = []
    plugs = 0
    for place in problem.stations:
        zones = [number for number, zone in enumerate(problem.zones) if place.id in zone.station_ids]
        rows.append(
            (
                problem.place_index[place.id],
                ANY_BAYS if place.bays is None else place.bays,
                place.opens_s,
                FAR_S if place.closes_s is None else place.closes_s,
                plugs,
                plugs + len(place.plugs),
                len(zone_of),
                len(zone_of) + len(zones),
                cars_at[place.id],
            )
        )
        plugs += len(place.plugs)
        zone_of += zones
    return _table(rows, columns.STATION_WIDTH), np.array(zone_of, dtype=np.int64)


def _cars(problem: Problem, skills: dict[str, int], connectors: dict[str, int]) -> tuple[Ints, Floats]:
    """Columns of the cars: whole numbers, and energies with prices."""
    station_of = {place.id: number for number, place in enumerate(problem.stations)}
    plugs = [(place.id, plug.id) for place in problem.stations for plug in place.plugs]
    plug_of = {plug: number for number, plug in enumerate(plugs)}
    must_kwh = {must.car_id: must.energy_kwh for must in problem.musts}
    rows, energies = [], []
    for car in problem.cars:
        tasks = [task for task in problem.tasks if task.car_id == car.id]
        until_s = car.available_until_s
        is_booked = until_s is not None and until_s < problem.opening_s
        is_rentable = car.in_service and not is_booked and car.available_from_s <= problem.opening_s
        rows.append(
            (
                problem.place_index[car.at],
                station_of[car.station_id],
                -1 if car.plug_id is None else plug_of[car.station_id, car.plug_id],
                _sum_of_bits(connectors, car.connectors),
                car.available_from_s,
                until_s if until_s is not None and is_booked else FAR_S,
                int(is_booked),
                int(car.can_move),
                _sum_of_bits(skills, car.needs),
                sum(task.duration_s for task in tasks),
                _sum_of_bits(skills, frozenset().union(*(task.needs for task in tasks))),
                0,
                int(car.at != car.station_id),
            )
        )
        energies.append(
            (
                car.battery_kwh,
                car.energy_kwh,
                car.ready_kwh if is_rentable else np.inf,
                reserve_kwh(problem, car),
                car.kwh_per_km / 1000,
                car.charge_kw,
                car.goal_kwh,
                must_kwh.get(car.id, 0.0),
                sum(task.price for task in tasks),
                0.0,
            )
        )
    return (
        _table(rows, columns.CAR_WIDTH),
        np.array(energies, dtype=np.float64).reshape(len(energies), columns.CAR_KWH_WIDTH),
    )


def _drivers(problem: Problem, skills: dict[str, int]) -> Ints:
    mode_of = {mode.name: number for number, mode in enumerate(problem.modes)}
    rows = []
    for driver in problem.drivers:
        break_ = driver.break_
        times = (0, 0, FAR_S) if break_ is None else (break_.duration_s, break_.earliest_s, break_.latest_s)
        rows.append(
            (
                problem.place_index[driver.start_place_id],
                problem.place_index[driver.end_place_id],
                mode_of[driver.mode],
                driver.shift_start_s,
                driver.shift_end_s,
                *times,
                _sum_of_bits(skills, driver.skills),
            )
        )
    return _table(rows, columns.DRIVER_WIDTH)


def _must_stations(problem: Problem) -> Flags:
    stations_of = {must.car_id: must.station_ids for must in problem.musts if must.station_ids}
    allowed = np.ones((len(problem.cars), len(problem.stations)), dtype=np.bool_)
    for row, car in enumerate(problem.cars):
        if car.id in stations_of:
            allowed[row] = [place.id in stations_of[car.id] for place in problem.stations]
    return allowed


def _bits(names: set[str]) -> dict[str, int]:
    """A bit of its own for each name, of which there may be 62."""
    return {name: 1 << row for row, name in enumerate(sorted(names))}


def _sum_of_bits(bits: dict[str, int], names: Iterable[str]) -> int:
    return sum(bits[name] for name in names if name in bits)


def _share_kw(station: Station) -> float:
    """What each plug of a station can draw even when all are in use."""
    return np.inf if station.site_kw is None else station.site_kw / len(station.plugs)


def _lost(problem: Problem) -> Floats:
    width = max((len(station.lost_trips) for station in problem.stations), default=1)
    table = np.empty((len(problem.stations), width))
    for row, station in enumerate(problem.stations):
        table[row] = [station.lost(ready) for ready in range(width)]
    return np.asarray(problem.prices.lost_trip * table)


def _rides(problem: Problem) -> tuple[Ints, Floats]:
    shape = (len(problem.modes), *problem.drive.travel_s.shape)
    seconds, price = np.empty(shape, dtype=np.int64), np.empty(shape)
    for row, mode in enumerate(problem.modes):
        seconds[row] = mode.travel.travel_s.astype(np.int64) + mode.ride_s
        np.fill_diagonal(seconds[row], 0)
        price[row] = mode.km / 1000 * mode.travel.length_m
    return seconds, price


def _kwh_price(problem: Problem) -> float:
    prices = sorted(
        tariff + problem.prices.co2_kg * co2_kg
        for tariff, co2_kg in zip(
            problem.grid.tariff[: problem.slots], problem.grid.co2_kg[: problem.slots], strict=True
        )
    )
    cheaper = prices[: max(1, len(prices) // 2)]
    return sum(cheaper) / len(cheaper) if cheaper else 0.0
