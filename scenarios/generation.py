"""
Seeded cities of any size, for tests and scaling runs: over a given street graph, or on a plane without streets.

The same arguments give the same city. Nothing in it is measured, and it says so.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, time
from statistics import median
from typing import NamedTuple

import numpy as np

from optimiser.basics.city import City, Depot, Handling, Prices, Snapshot, Station, StationStatus, Van
from optimiser.basics.errors import InvalidInput
from optimiser.demand.targets import Target, interval_target
from optimiser.network.geodesy import EARTH_RADIUS_M, great_circle_m
from optimiser.network.straight_line import StraightLine
from optimiser.network.streets import Streets

Point = tuple[float, float]
"""(lon, lat) in degrees."""

PLANE_MIDDLE: Point = (10.0, 50.0)
METRES_PER_DEGREE = math.radians(EARTH_RADIUS_M)
STATION_AREA_M2 = 250_000.0
"""On a plane, one station for each quarter of a square kilometre."""

AS_OF = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
SHIFT = (time(22, 0), time(5, 0))


class GeneratedCity(NamedTuple):
    """A city, its state in the evening, and a target for each station in the order of `city.stations`."""

    city: City
    snapshot: Snapshot
    targets: tuple[Target, ...]


def generate_city(
    streets: Streets | StraightLine,
    *,
    stations: int,
    vans: int,
    seed: int,
    slots: int = 20,
    shift: tuple[time, time] = SHIFT,
    capacities: tuple[int, int] = (10, 40),
) -> GeneratedCity:
    """
    A commuter city in the evening: some stations dry, some full, homes wanting bikes and workplaces docks.

    Parameters
    ----------
    streets
        Stations stand at seeded points of this graph; with a straight line, on a plane that grows with them.
    capacities
        Smallest and largest number of docks of a station.

    Raises
    ------
    InvalidInput
        Without a station or a van, or with capacities that are reversed or below 1.
    """
    if stations < 1 or vans < 1 or slots < 1 or not 1 <= capacities[0] <= capacities[1]:
        raise InvalidInput(
            f"generated city: {stations} stations, {vans} vans, {slots} slots, capacities {capacities}; "
            "all must be at least 1, and capacities in order"
        )
    rng = random.Random(seed)  # noqa: S311 - a city is made up here, no secret
    draw = _street_points(streets, rng) if isinstance(streets, Streets) else _plane_points(stations, rng)
    points = [draw() for _ in range(stations)]
    middle = (median(lon for lon, _ in points), median(lat for _, lat in points))
    reach_m = max(1.0, median(_metres(point, middle) for point in points))

    made, statuses, targets = [], [], []
    for number, point in enumerate(points, start=1):
        station_id = f"S{number:04d}"
        capacity = rng.randint(*capacities)
        work = math.exp(-((_metres(point, middle) / reach_m) ** 2))
        wanted = min(1.0, max(0.0, 0.72 - 0.44 * work + rng.uniform(-0.08, 0.08)))
        low, high = math.floor(max(0.0, wanted - 0.12) * capacity), math.ceil(min(1.0, wanted + 0.12) * capacity)
        share = rng.choice((rng.uniform(0, 0.15), wanted, rng.uniform(0.85, 1.0)))
        bikes = round(share * capacity)
        made.append(Station(id=station_id, name=f"Station {number}", lon=point[0], lat=point[1], capacity=capacity))
        statuses.append(StationStatus(station_id=station_id, bikes=bikes, docks=capacity - bikes, ebikes=bikes))
        targets.append(
            interval_target(
                station_id,
                capacity=capacity,
                low=low,
                high=high,
                trips_per_bike=round(rng.uniform(0.3, 1.2), 2),
                reason="generated",
            )
        )
    depot = min((draw() for _ in range(20)), key=lambda point: _metres(point, middle))
    city = City(
        id=f"generated-{stations}-{seed}",
        name=f"Generated city of {stations} stations",
        time_zone="Europe/Oslo",
        currency="EUR",
        stations=tuple(made),
        depots=(Depot(id="depot", name="Depot", lon=depot[0], lat=depot[1]),),
        vans=tuple(
            Van(
                id=f"van-{number}",
                slots=slots,
                initial_load=rng.choice((0, 0, slots // 3)),
                start_depot_id="depot",
                end_depot_id="depot",
                shift_start=shift[0],
                shift_end=shift[1],
            )
            for number in range(1, vans + 1)
        ),
        handling=Handling(stop_s=240, bike_s=45),
        prices=Prices(lost_trip=3.5, van_hour=38.0, van_km=0.45, van_use=15.0),
        synthetic=(f"Everything but the streets is made up from seed {seed}.",),
    )
    return GeneratedCity(city, Snapshot(as_of=AS_OF, stations=tuple(statuses)), tuple(targets))


def _street_points(streets: Streets, rng: random.Random) -> Callable[[], Point]:
    """Crossings, bends and ends of streets where a van may stop: dense where streets are."""
    graph = streets.graph
    may_stop = np.flatnonzero(np.repeat(graph.can_stop, np.diff(graph.point_start)))

    def draw() -> Point:
        index = may_stop[rng.randrange(len(may_stop))]
        return round(float(graph.point_lon[index]), 7), round(float(graph.point_lat[index]), 7)

    return draw


def _plane_points(stations: int, rng: random.Random) -> Callable[[], Point]:
    """Points of a square, evenly."""
    side = math.sqrt(stations * STATION_AREA_M2) / METRES_PER_DEGREE
    narrow = math.cos(math.radians(PLANE_MIDDLE[1]))
    return lambda: (
        round(PLANE_MIDDLE[0] + (rng.random() - 0.5) * side / narrow, 6),
        round(PLANE_MIDDLE[1] + (rng.random() - 0.5) * side, 6),
    )


def _metres(a: Point, b: Point) -> float:
    return float(great_circle_m(*a, *b))
