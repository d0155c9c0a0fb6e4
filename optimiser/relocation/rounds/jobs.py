"""Every job that a driver can do with a car, by where the car stands before and after, and on a plug or not."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.relocation.cost import TINY_KWH, can_be_rented
from optimiser.relocation.problem import Car, Problem, energy_for, reserve_kwh

HOUR_S = 3600.0
START = 0
"""The state in which the night finds a car; nothing leads back to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a car stands between two jobs."""

    place_id: str
    station_id: str
    is_plugged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CarJob:
    """One handling of a car, without its tasks."""

    before: int
    """State of the car, by position in its states."""
    after: int
    seconds: int
    """From the moment that the driver begins until it is parked and on its plug."""
    wear: float
    """Price of the drive."""
    kwh: float
    """Used by the drive."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing but tasks is done."""
        return self.before == self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class CarChoices:
    """A car, its states and all jobs that lead from one to another."""

    car: Car
    states: tuple[State, ...]
    """`START` first."""
    jobs: tuple[CarJob, ...]
    is_rentable: bool


def choices_of(problem: Problem, car: Car) -> CarChoices:
    """Whatever can be done with a car, by anybody, as often as one likes."""
    states = [State(place_id=car.at, station_id=car.station_id, is_plugged=car.plug_id is not None)]
    if car.place_id is not None and car.place_id != car.station_id:
        states.append(State(place_id=car.place_id, station_id=car.station_id, is_plugged=False))
    for station in problem.stations:
        if not car.can_move and station.id != car.at:
            # Nobody drives it; in its own place of a zone it meets no plug.
            continue
        states.append(State(place_id=station.id, station_id=station.id, is_plugged=False))
        if any(plug.connector in car.connectors for plug in station.plugs):
            states.append(State(place_id=station.id, station_id=station.id, is_plugged=True))
    has_tasks = any(task.car_id == car.id for task in problem.tasks)
    jobs = [
        job
        for before in range(len(states))
        for after in range(1, len(states))
        if (job := _job(problem, car, states, before, after, has_tasks=has_tasks)) is not None
    ]
    return CarChoices(car=car, states=tuple(states), jobs=tuple(jobs), is_rentable=can_be_rented(problem, car))


def _job(problem: Problem, car: Car, states: list[State], before: int, after: int, *, has_tasks: bool) -> CarJob | None:
    """The job from one state to another; None where there is none, or none that changes anything."""
    was, will, handling = states[before], states[after], problem.handling
    if before == after and not has_tasks:
        return None
    drives = was.place_id != will.place_id
    if drives and will.place_id not in problem.station_by_id:
        return None
    kwh = energy_for(car, problem.drive_m(was.place_id, will.place_id)) if drives else 0.0
    if (
        drives
        and before == START
        and not was.is_plugged
        and car.energy_kwh - kwh < reserve_kwh(problem, car) - TINY_KWH
    ):
        return None
    seconds = handling.handover_s + handling.unplug_s * was.is_plugged + handling.plug_in_s * will.is_plugged
    wear = 0.0
    if drives:
        seconds += problem.drive_s(was.place_id, will.place_id) + handling.park_s
        wear = problem.prices.car_km * problem.drive_m(was.place_id, will.place_id) / 1000
    return CarJob(before=before, after=after, seconds=seconds, wear=wear, kwh=kwh)
