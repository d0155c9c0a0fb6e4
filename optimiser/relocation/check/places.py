"""Rules about places: bays and plugs over time, opening hours, and cars that riders have booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.relocation.problem import Problem
from optimiser.relocation.replay import Stay, TimedJob, Timeline, stays_put


def bay_capacity(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A car that is brought finds a bay; a car that leaves in the same second has left."""
    present = _by_station(timeline)
    for station in problem.stations:
        if station.bays is None:
            continue
        for stay in present[station.id]:
            if stay.from_s <= 0 or _is_same_bay(timeline, stay):
                continue
            cars = [other for other in present[station.id] if _is_there(other, stay.from_s)]
            if len(cars) > station.bays:
                text = f"car {stay.car_id} comes to station {station.id} as number {len(cars)} of {station.bays} bays"
                amount = len(cars) - station.bays
                yield Violation(rule="bay_capacity", ids=(stay.car_id, station.id), amount=amount, text=text)


def plug_capacity(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A plug fits the car and charges nobody else's from the moment the car comes until it leaves."""
    for station_id, stays in _by_station(timeline).items():
        station = problem.station_by_id[station_id]
        for plug in station.plugs:
            on_it = sorted((stay for stay in stays if stay.plug_id == plug.id), key=lambda stay: stay.from_s)
            free_s = plug.free_from_s
            for stay in on_it:
                car = problem.car_by_id[stay.car_id]
                if plug.connector not in car.connectors:
                    text = f"car {car.id} has no connector for plug {plug.id} of station {station_id}, {plug.connector}"
                    yield Violation(rule="plug_capacity", ids=(car.id, station_id), amount=1, text=text)
                if (early_s := free_s - stay.from_s) > 0:
                    text = f"car {car.id} comes to plug {plug.id} of station {station_id} {early_s} s before it is free"
                    yield Violation(rule="plug_capacity", ids=(car.id, station_id), amount=early_s, text=text)
                free_s = max(free_s, problem.opening_s if stay.until_s is None else stay.until_s)


def opening_hours(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """Drivers work at a station while it is open."""
    for route in timeline.routes:
        for timed in route.jobs:
            for station_id, from_s, until_s in _work(problem, timed):
                station = problem.station_by_id[station_id]
                early_s = station.opens_s - from_s
                late_s = 0 if station.closes_s is None else until_s - station.closes_s
                if max(early_s, late_s) > 0:
                    text = f"driver {route.driver_id} is at station {station_id} {from_s}..{until_s} s, it is closed"
                    ids, amount = (route.driver_id, station_id), max(early_s, late_s)
                    yield Violation(rule="opening_hours", ids=ids, amount=amount, text=text)


def booking(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A car is handled while it is available, and stands for whoever has booked it where it stood."""
    for car_id, jobs in timeline.jobs_of.items():
        car = problem.car_by_id[car_id]
        for timed in jobs:
            if (early_s := car.available_from_s - timed.start_s) > 0:
                text = f"driver {timed.driver_id} begins with car {car_id} {early_s} s before its rider brings it"
                yield Violation(rule="booking", ids=(timed.driver_id, car_id), amount=early_s, text=text)
        if car.available_until_s is None or car.available_until_s >= problem.opening_s:
            continue
        if (late_s := jobs[-1].end_s - car.available_until_s) > 0:
            text = f"driver {jobs[-1].driver_id} is at work with car {car_id} {late_s} s into its booking"
            yield Violation(rule="booking", ids=(jobs[-1].driver_id, car_id), amount=late_s, text=text)
        if (at := jobs[-1].job.station_id) != car.station_id:
            text = f"car {car_id} is booked at station {car.station_id} and stands at {at}"
            yield Violation(rule="booking", ids=(jobs[-1].driver_id, car_id), amount=1, text=text)


def _by_station(timeline: Timeline) -> dict[str, list[Stay]]:
    by_station: dict[str, list[Stay]] = defaultdict(list)
    for stays in timeline.stays.values():
        for stay in stays:
            by_station[stay.station_id].append(stay)
    return by_station


def _is_there(stay: Stay, time_s: int) -> bool:
    return stay.from_s <= time_s and (stay.until_s is None or stay.until_s > time_s)


def _is_same_bay(timeline: Timeline, stay: Stay) -> bool:
    """Whether the car only was handled where it stood."""
    return any(
        before.car_id == stay.car_id and before.until_s == stay.from_s and before.station_id == stay.station_id
        for before in timeline.stays[stay.car_id]
    )


def _work(problem: Problem, timed: TimedJob) -> Iterator[tuple[str, int, int]]:
    """Stations that a job works at, from when to when; the streets of a zone keep its hours."""
    job, car = timed.job, problem.car_by_id[timed.job.car_id]
    if stays_put(problem, job):
        yield job.station_id, timed.start_s, timed.end_s
        return
    yield car.station_id if job.origin_id == car.at else job.origin_id, timed.start_s, timed.leave_s
    yield job.station_id, timed.reach_s, timed.end_s
