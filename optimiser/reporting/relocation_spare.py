"""Why no ready car is brought where one more would be worth something: to a station, into a zone, or out of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from optimiser.relocation.cost import is_ready
from optimiser.relocation.problem import Car, Station
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_reasons import Reason, able_drivers, is_open, no_time


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """One ready car from one station to another, on top of the plan."""

    origin: Station
    destination: Station
    saves: float
    """Money: lost trips and zones at both ends."""
    costs: float
    """Money: the driver at the car, and wear; the driver's way to it not counted."""
    needed_s: int


def why_no_car_comes(night: RelocationNight, origins: Iterable[Station], destinations: Iterable[Station]) -> Reason:
    """The first reason that holds for all ready cars of some stations and all bays of others."""
    return next(_obstacles(night, origins, destinations))


def _obstacles(night: RelocationNight, origins: Iterable[Station], destinations: Iterable[Station]) -> Iterator[Reason]:
    """Reasons in the order in which they are told; each is only asked for where those before do not hold."""
    problem = night.problem
    free = [station for station in destinations if _has_room(night, station)]
    if not free:
        yield "NO_BAY", "all bays there are taken at opening"
    ready = {station.id: cars for station in origins if (cars := _ready_cars(night, station))}
    spare = [move for move in _moves(night, ready, free) if move.saves > 0]
    if not spare:
        yield "NO_SPARE_CAR", "every ready car elsewhere is missed as much where it stands"
    if not problem.drivers:
        yield "NO_DRIVER_TIME", "no driver works tonight"
    spare = [move for move in spare if is_open(night, move.destination, problem.handling.park_s, frozenset())]
    if not spare:
        yield "CLOSED", "it is not open while drivers work"
    spare = [move for move in spare if any(car.can_move for car in ready[move.origin.id])]
    if not spare:
        yield "CANNOT_MOVE", "no ready car that could be spared can be driven"
    spare = [move for move in spare if any(_has_driver(night, car) for car in ready[move.origin.id])]
    if not spare:
        yield "NO_SKILL", "no driver has the skills for a ready car that could be spared"
    best = max(spare, key=lambda move: move.saves - move.costs)
    name = night.places[best.origin.id].name
    if best.costs >= best.saves:
        text = f"a car from {name} would save {best.saves:.2f} and cost {best.costs:.2f} at least"
        yield "NOT_WORTH_IT", text
    worth = sorted((move for move in spare if move.costs < move.saves), key=lambda move: move.costs - move.saves)
    late = [no_time(night, move.needed_s, begins=move.origin.id, ends=move.destination.id) for move in worth]
    if None not in late and late[0] is not None:
        yield late[0]
    yield "SEARCH_LIMIT", f"a car from {name} might be worth it, the search found no way to fit it in"


def _moves(night: RelocationNight, origin_ids: Iterable[str], destinations: Iterable[Station]) -> Iterator[_Move]:
    origins = [night.problem.station_by_id[id_] for id_ in origin_ids]
    for origin, destination in product(origins, destinations):
        if origin.id != destination.id:
            yield _move(night, origin, destination)


def _move(night: RelocationNight, origin: Station, destination: Station) -> _Move:
    problem, prices, handling = night.problem, night.problem.prices, night.problem.handling
    needed_s = handling.handover_s + handling.park_s + problem.drive_s(origin.id, destination.id)
    wear = prices.car_km * problem.drive_m(origin.id, destination.id) / 1000
    return _Move(
        origin=origin,
        destination=destination,
        saves=_saves(night, origin, destination),
        costs=prices.driver_hour * needed_s / 3600 + wear,
        needed_s=needed_s,
    )


def _saves(night: RelocationNight, origin: Station, destination: Station) -> float:
    """Money that one ready car less here and one more there saves."""
    problem, ready = night.problem, night.ready_after
    less, more = ready[origin.id], ready[destination.id]
    trips = origin.lost(less) - origin.lost(less - 1) + destination.lost(more) - destination.lost(more + 1)
    saves = problem.prices.lost_trip * trips
    for zone in problem.zones:
        cars = sum(ready[id_] for id_ in zone.station_ids)
        change = (destination.id in zone.station_ids) - (origin.id in zone.station_ids)
        missed, then = (
            max(0, (zone.floor or 0) - count) + (0 if zone.cap is None else max(0, count - zone.cap))
            for count in (cars, cars + change)
        )
        saves += problem.prices.zone_car * (missed - then)
    return saves


def _has_room(night: RelocationNight, station: Station) -> bool:
    there = sum(stays[-1].station_id == station.id for stays in night.timeline.stays.values())
    return station.bays is None or there < station.bays


def _ready_cars(night: RelocationNight, station: Station) -> list[Car]:
    """Ready cars that stand there at opening."""
    return [
        car
        for car in night.problem.cars
        if night.timeline.stays[car.id][-1].station_id == station.id and is_ready(night.problem, car, night.timeline)
    ]


def _has_driver(night: RelocationNight, car: Car) -> bool:
    return car.can_move and bool(able_drivers(night, car.needs))
