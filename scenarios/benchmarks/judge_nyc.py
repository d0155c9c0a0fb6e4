"""
Judges answers to the New York instances; imports neither a solver nor the optimiser. `nyc.py` states the problem.

The instances know no clock. Where visits both take from and bring to a station, their order matters, and it is taken
as if all vans left at once and drove at the same speed: by the miles driven so far, ties by the order of the routes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from scenarios.benchmarks.fault import Fault

if TYPE_CHECKING:
    from scenarios.benchmarks.nyc import NycInstance, NycRoute

EARTH_RADIUS_MILES = 3960.0
PENALTY = 0.5
TOLERANCE = 1e-6
"""Rounding that a claimed value may carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NycPrice:
    """What an answer is worth, in miles."""

    miles: float
    penalty: float

    @property
    def total(self) -> float:
        """The objective."""
        return self.miles + self.penalty


def miles_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Great-circle distance of two places `(lon, lat)`, by haversine: exact also for near ones."""
    (lon_1, lat_1), (lon_2, lat_2) = (tuple(map(math.radians, place)) for place in (first, second))
    half = math.sin((lat_2 - lat_1) / 2) ** 2
    half += math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    return 2 * EARTH_RADIUS_MILES * math.asin(min(1.0, math.sqrt(half)))


def price_nyc(instance: NycInstance, routes: Sequence[NycRoute]) -> NycPrice:
    """Miles driven, and the penalty of every bike off its target; the stations must exist."""
    taken = dict.fromkeys(instance.ids, 0)
    for route in routes:
        for stop in route.stops:
            taken[stop.id] += stop.moved
    return NycPrice(
        miles=sum(miles[-1] for miles in (_miles_so_far(instance, route) for route in routes) if miles),
        penalty=sum(
            PENALTY * float(instance.unit[index]) * abs(int(instance.target[index]) - taken[id_])
            for index, id_ in enumerate(instance.ids)
        ),
    )


def judge_nyc(
    instance: NycInstance,
    routes: Sequence[NycRoute],
    *,
    cost: float | None = None,
    lower_bound: float | None = None,
) -> tuple[Fault, ...]:
    """
    Every rule that the routes break; none for a right answer.

    Parameters
    ----------
    cost, lower_bound
        As claimed; compared where they are given.
    """
    unknown = tuple(_known_places(instance, routes))
    if unknown:
        return unknown
    faults = [
        *_vans(instance, routes),
        *_whole_bikes(routes),
        *_load_window(instance, routes),
        *_station_inventory(instance, routes),
    ]
    total = price_nyc(instance, routes).total
    if cost is not None and not abs(cost - total) <= TOLERANCE:
        text = f"the routes cost {total:.6f}, {cost:.6f} is claimed"
        faults.append(Fault(rule="cost", ids=(), amount=cost - total, text=text))
    if lower_bound is not None and not 0 <= lower_bound <= total + TOLERANCE:
        text = f"a bound of {lower_bound:.6f} is claimed, the routes cost {total:.6f}"
        faults.append(Fault(rule="lower_bound", ids=(), amount=lower_bound - total, text=text))
    return tuple(faults)


def _known_places(instance: NycInstance, routes: Sequence[NycRoute]) -> Iterator[Fault]:
    known = set(instance.ids)
    for number, route in enumerate(routes):
        if route.depot not in instance.depots:
            text = f"route {number} starts at {route.depot}, which is none of the depots"
            yield Fault(rule="known_places", ids=(str(number),), amount=1, text=text)
        for stop in route.stops:
            if stop.id not in known:
                text = f"route {number} visits {stop.id}, which is no station"
                yield Fault(rule="known_places", ids=(str(number), stop.id), amount=1, text=text)


def _vans(instance: NycInstance, routes: Sequence[NycRoute]) -> Iterator[Fault]:
    used = sum(1 for route in routes if route.stops)
    if instance.vans is not None and used > instance.vans:
        text = f"{used} routes are driven, there are {instance.vans} vans"
        yield Fault(rule="vans", ids=(), amount=used - instance.vans, text=text)


def _whole_bikes(routes: Sequence[NycRoute]) -> Iterator[Fault]:
    for number, route in enumerate(routes):
        for stop in route.stops:
            if stop.moved != round(stop.moved):
                text = f"route {number} moves {stop.moved} bikes at {stop.id}"
                part = abs(stop.moved - round(stop.moved))
                yield Fault(rule="whole_bikes", ids=(str(number), stop.id), amount=part, text=text)


def _load_window(instance: NycInstance, routes: Sequence[NycRoute]) -> Iterator[Fault]:
    for number, route in enumerate(routes):
        sums = list(accumulate((stop.moved for stop in route.stops), initial=0))
        window = max(sums) - min(sums)
        if window > instance.capacity:
            text = f"loads of route {number} are {window} bikes apart, the van holds {instance.capacity}"
            yield Fault(rule="load_window", ids=(str(number),), amount=window - instance.capacity, text=text)


def _station_inventory(instance: NycInstance, routes: Sequence[NycRoute]) -> Iterator[Fault]:
    visits: dict[str, list[tuple[float, int, int]]] = {}
    for number, route in enumerate(routes):
        for stop, miles in zip(route.stops, _miles_so_far(instance, route), strict=False):
            visits.setdefault(stop.id, []).append((miles, number, stop.moved))
    for index, id_ in enumerate(instance.ids):
        inventory, docks = int(instance.available[index]), int(instance.docks[index])
        # Stable: visits of one route to one station keep their order.
        for _, number, moved in sorted(visits.get(id_, ()), key=lambda visit: visit[:2]):
            inventory -= moved
            beyond = max(-inventory, inventory - docks)
            if beyond > 0:
                text = f"station {id_} holds {inventory} bikes after a stop of route {number}, it can hold 0..{docks}"
                yield Fault(rule="station_inventory", ids=(id_, str(number)), amount=beyond, text=text)


def _miles_so_far(instance: NycInstance, route: NycRoute) -> list[float]:
    """Miles driven on reaching each stop, and on being back at the depot; empty for a route without stops."""
    if not route.stops:
        return []
    place = {
        id_: (float(lon), float(lat))
        for id_, lon, lat in zip(instance.ids, instance.longitude, instance.latitude, strict=True)
    }
    places = [route.depot, *(place[stop.id] for stop in route.stops), route.depot]
    return list(accumulate(miles_between(here, there) for here, there in pairwise(places)))
