"""Random nights with everything in them: zones, bookings, breaks, hours, plugs that others hold, skills, wishes."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from optimiser.network.travel import TravelTimes
from optimiser.relocation.problem import (
    Break,
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

HOUR = 3600
CONNECTORS = ("type2", "ccs")


def whole_night(seed: int, *, stations: int = 5, cars: int = 9, drivers: int = 2) -> Problem:
    """A night that depends on its seed alone."""
    chance = np.random.default_rng(seed)
    opening_s = int(chance.integers(5, 10)) * HOUR
    station_ids = [f"s{number}" for number in range(stations)]
    places = [_station(chance, id_, opening_s) for id_ in station_ids]
    fleet, own_places = _cars(chance, places, cars, opening_s)
    place_ids = (*station_ids, *own_places, "home", "yard")
    crew = tuple(_driver(chance, f"d{number}", opening_s) for number in range(drivers))
    return Problem(
        start=datetime(2026, 3, 1, 21, tzinfo=UTC),
        opening_s=opening_s,
        stations=tuple(places),
        cars=fleet,
        drivers=crew,
        drive=_ways(chance, place_ids, 9.0),
        modes=(
            Mode(name="bike", travel=_ways(chance, place_ids, 4.0), ride_s=60, km=float(chance.uniform(0, 0.5))),
            Mode(name="foot", travel=_ways(chance, place_ids, 1.3)),
        ),
        grid=_grid(chance, opening_s),
        prices=Prices(
            lost_trip=float(chance.uniform(0, 150)),
            driver_hour=float(chance.uniform(0, 40)),
            driver_use=float(chance.choice([0.0, 10.0])),
            car_km=float(chance.uniform(0, 1)),
            co2_kg=float(chance.choice([0.0, 1.0])),
            missing_kwh=float(chance.choice([0.0, 0.5])),
            must=100.0,
            zone_car=float(chance.choice([0.0, 30.0])),
        ),
        handling=Handling(),
        charging=Charging(),
        zones=(Zone(id="z", station_ids=tuple(station_ids[:2]), floor=int(chance.integers(0, 4)), cap=4),),
        tasks=tuple(
            Task(
                id=f"t{number}",
                car_id=f"c{int(chance.integers(cars))}",
                duration_s=int(chance.integers(0, 1200)),
                price=float(chance.uniform(0, 60)),
                needs=frozenset({"mop"} if chance.random() < 0.3 else ()),
            )
            for number in range(int(chance.integers(0, 3)))
        ),
        musts=(
            Must(
                car_id="c0",
                station_ids=frozenset(chance.choice(station_ids, size=2, replace=False).tolist()),
                energy_kwh=float(chance.choice([0.0, 25.0])),
            ),
        ),
    )


def _station(chance: np.random.Generator, id_: str, opening_s: int) -> Station:
    lost = np.cumsum(np.sort(chance.uniform(0, 2, size=5)))[::-1]
    plugs = tuple(
        Plug(
            id=f"p{number}",
            kw=float(chance.choice([3.7, 11.0, 50.0])),
            connector=str(chance.choice(CONNECTORS)),
            free_from_s=int(chance.choice([0, 0, 3000, opening_s])),
        )
        for number in range(int(chance.choice([0, 1, 2])))
    )
    limited = chance.random() < 0.3
    return Station(
        id=id_,
        lost_trips=tuple(float(value) for value in lost - lost.min()),
        bays=None if chance.random() < 0.2 else int(chance.integers(1, 5)),
        plugs=plugs,
        site_kw=float(chance.uniform(2, 30)) if chance.random() < 0.5 else None,
        opens_s=int(chance.integers(0, 4000)) if limited else 0,
        closes_s=int(chance.integers(3 * HOUR, opening_s)) if limited else None,
    )


def _cars(
    chance: np.random.Generator, places: list[Station], count: int, opening_s: int
) -> tuple[tuple[Car, ...], list[str]]:
    """Cars, some on plugs, some in the street with places of their own."""
    cars: list[Car] = []
    own: list[str] = []
    free = {place.id: [plug for plug in place.plugs if plug.free_from_s == 0] for place in places}
    for number in range(count):
        place = places[int(chance.integers(len(places)))]
        plug = free[place.id].pop() if free[place.id] and chance.random() < 0.5 else None
        in_street = place.bays is None and plug is None and chance.random() < 0.7
        own += [f"street{number}"] if in_street else []
        comes_late = plug is None and chance.random() < 0.15
        cars.append(
            Car(
                id=f"c{number}",
                station_id=place.id,
                place_id=f"street{number}" if in_street else None,
                battery_kwh=40.0,
                energy_kwh=float(chance.uniform(0.5, 40)),
                ready_kwh=float(chance.choice([12.0, 34.0])),
                kwh_per_km=float(chance.uniform(0.12, 0.3)),
                charge_kw=float(chance.choice([7.4, 22.0])),
                connectors=frozenset(CONNECTORS if chance.random() < 0.5 else ("type2",))
                | frozenset(() if plug is None else (plug.connector,)),
                plug_id=None if plug is None else plug.id,
                available_from_s=int(chance.integers(1, 5000)) if comes_late else 0,
                available_until_s=int(chance.integers(5000, opening_s)) if chance.random() < 0.15 else None,
                in_service=bool(chance.random() < 0.9),
                can_move=bool(chance.random() < 0.9),
                needs=frozenset({"van"} if chance.random() < 0.15 else ()),
                goal_kwh=float(chance.choice([0.0, 38.0])),
            )
        )
    return tuple(cars), own


def _driver(chance: np.random.Generator, id_: str, opening_s: int) -> Driver:
    begin_s = int(chance.integers(0, 3000))
    end_s = int(chance.integers(begin_s + HOUR, opening_s + 1))
    earliest_s = int(chance.integers(begin_s, end_s))
    break_ = Break(duration_s=900, earliest_s=earliest_s, latest_s=earliest_s + int(chance.integers(0, 5000)))
    return Driver(
        id=id_,
        start_place_id=str(chance.choice(["home", "yard"])),
        end_place_id=str(chance.choice(["home", "yard"])),
        shift_start_s=begin_s,
        shift_end_s=end_s,
        mode=str(chance.choice(["bike", "bike", "foot"])),
        skills=frozenset(skill for skill in ("van", "mop") if chance.random() < 0.6),
        break_=break_ if chance.random() < 0.5 else None,
    )


def _ways(chance: np.random.Generator, place_ids: tuple[str, ...], speed_ms: float) -> TravelTimes:
    """Not symmetric, and not always by the shortest way."""
    xy = np.random.default_rng(len(place_ids)).uniform(0, 5000, size=(len(place_ids), 2))
    metres = np.abs(xy[:, None] - xy[None]).sum(-1) * chance.uniform(1.0, 1.3, size=(len(place_ids),) * 2)
    np.fill_diagonal(metres, 0.0)
    return TravelTimes(
        place_ids=place_ids,
        travel_s=np.ceil(metres / speed_ms).astype(np.int32),
        length_m=metres.astype(np.int32),
    )


def _grid(chance: np.random.Generator, opening_s: int) -> Grid:
    slots = -(-opening_s // 1800)
    return Grid(
        slot_s=1800,
        tariff=tuple(float(value) for value in chance.uniform(0.05, 0.5, size=slots)),
        co2_kg=tuple(float(value) for value in chance.uniform(0.0, 0.4, size=slots)),
    )
