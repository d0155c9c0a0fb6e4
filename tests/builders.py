"""Tiny hand-made nights whose arithmetic fits in a comment, and seeded random ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, time

import numpy as np

from optimiser.basics.city import City, Depot, Handling, Prices
from optimiser.basics.city import Station as CityStation
from optimiser.basics.city import Van as CityVan
from optimiser.demand.targets import interval_target
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.problem import Problem, Station, Van

START = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
KM_DEG = 360 / 40_030.17
"""Degrees of a kilometre on the equator of a sphere with 6371 km."""


def station(id_: str, inventory: int, *, low: int, high: int, capacity: int = 10) -> Station:
    """A station that loses one trip for each bike outside low..high."""
    target = interval_target(id_, capacity=capacity, low=low, high=high, trips_per_bike=1.0, reason="by hand")
    return Station(id=id_, capacity=capacity, inventory=inventory, target=target)


def van(id_: str = "van-1", *, slots: int = 5, load: int = 0, shift_s: int = 3600, speed: float = 1.0) -> Van:
    """A van that starts and ends at depot `D`."""
    return Van(
        id=id_,
        slots=slots,
        initial_load=load,
        start_depot_id="D",
        end_depot_id="D",
        shift_start_s=0,
        shift_end_s=shift_s,
        speed_factor=speed,
    )


def travel(place_ids: Sequence[str], positions_s: Sequence[float | tuple[float, float]]) -> TravelTimes:
    """Places on a line or a plane; a second is ten metres."""
    points = np.array([position if isinstance(position, tuple) else (position, 0) for position in positions_s], float)
    seconds = np.ceil(np.linalg.norm(points[:, None] - points[None, :], axis=2)).astype(np.int32)
    return TravelTimes(place_ids=tuple(place_ids), travel_s=seconds, length_m=seconds * 10, label="by hand")


def problem(
    stations: Sequence[Station],
    positions_s: Sequence[float | tuple[float, float]],
    *,
    vans: Sequence[Van] = (),
    depot_s: float | tuple[float, float] = 0,
    handling: Handling = Handling(stop_s=100, bike_s=10),
    prices: Prices = Prices(lost_trip=10.0, van_hour=36.0, van_km=1.0, van_use=0.0),
) -> Problem:
    """A night with one depot `D`; a van second costs 0.01, a driven second another 0.01 by its ten metres."""
    return Problem(
        start=START,
        stations=tuple(stations),
        vans=tuple(vans) or (van(),),
        handling=handling,
        prices=prices,
        travel=travel(["D", *(item.id for item in stations)], [depot_s, *positions_s]),
    )


def random_problem(seed: int, *, stations: int, vans: int, shift_s: int = 5 * 3600) -> Problem:
    """A seeded town on a plane some 40 minutes across, commuters' imbalance included."""
    rng = random.Random(seed)
    made, positions = [], []
    for number in range(stations):
        capacity = rng.randint(10, 40)
        middle = rng.uniform(0.2, 0.8) * capacity
        made.append(
            station(
                f"S{number}",
                rng.randint(0, capacity),
                capacity=capacity,
                low=max(0, round(middle - 0.15 * capacity)),
                high=min(capacity, round(middle + 0.15 * capacity)),
            )
        )
        positions.append((rng.uniform(0, 1200), rng.uniform(0, 1200)))
    return problem(
        made,
        positions,
        depot_s=(600.0, 600.0),
        vans=[van(f"van-{number}", slots=20, load=rng.choice([0, 0, 8]), shift_s=shift_s) for number in range(vans)],
        handling=Handling(stop_s=240, bike_s=45),
        prices=Prices(lost_trip=4.0, van_hour=38.0, van_km=0.4, van_use=20.0),
    )


def small_city(*, capacities: Sequence[int] = (10, 10), vans: Sequence[CityVan] = (), zone: str = "UTC") -> City:
    """Stations S0, S1 … a kilometre apart on the equator, and one depot `D` west of them."""
    return City(
        id="small",
        name="Small",
        time_zone=zone,
        currency="EUR",
        stations=tuple(
            CityStation(
                id=f"S{number}", name=f"Station {number}", lon=(number + 1) * KM_DEG, lat=0.0, capacity=capacity
            )
            for number, capacity in enumerate(capacities)
        ),
        depots=(Depot(id="D", name="Depot", lon=0.0, lat=0.0),),
        vans=tuple(vans) or (city_van(),),
        handling=Handling(stop_s=100, bike_s=10),
        prices=Prices(lost_trip=10.0, van_hour=36.0, van_km=1.0, van_use=0.0),
    )


def city_van(id_: str = "van-1", *, slots: int = 5, shift: tuple[time, time] = (time(22), time(5))) -> CityVan:
    """A van whose shift is local time."""
    return CityVan(
        id=id_,
        slots=slots,
        initial_load=0,
        start_depot_id="D",
        end_depot_id="D",
        shift_start=shift[0],
        shift_end=shift[1],
    )
