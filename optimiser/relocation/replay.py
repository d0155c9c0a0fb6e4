"""
Follows a plan through the night on paper: clocks of drivers, where each car stands and what is in its battery.

Takes any plan whose ids exist, however wrong its numbers; judging is the checker's part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from optimiser.relocation.plan import Charge, Job, Plan, Route
from optimiser.relocation.problem import Car, Problem, energy_for


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedJob:
    """A job with its times, in seconds after the night's start."""

    job: Job
    driver_id: str
    ride_s: int
    ride_m: int
    """The driver's way to the car."""
    arrival_s: int
    start_s: int
    """The driver begins with the car, after waiting."""
    leave_s: int
    """Tasks are done, the car is off its plug and out of its bay."""
    reach_s: int
    """It is at its station; from then on it takes a bay, and the plug that it is going to be put on."""
    end_s: int
    """It is parked, and on the plug."""
    drives: bool
    """Whether the car changes place."""
    drive_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedRoute:
    """A driver's night."""

    route: Route
    driver_id: str
    jobs: tuple[TimedJob, ...]
    start_s: int
    end_s: int
    last_ride_s: int
    last_ride_m: int
    break_start_s: int | None
    break_s: int

    @property
    def duration_s(self) -> int:
        """From the start of the shift until the driver is home; what is paid."""
        return self.end_s - self.start_s

    @property
    def ride_m(self) -> int:
        """Metres without a car."""
        return self.last_ride_m + sum(timed.ride_m for timed in self.jobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A car at one station between two jobs."""

    car_id: str
    station_id: str
    from_s: int
    until_s: int | None
    """None = past opening."""
    plug_id: str | None
    plugged_from_s: int
    """Energy flows from then on; the plug itself is taken from `from_s` on."""
    plugged_until_s: int
    """A driver begins to take it away, its rider comes, or the station opens."""
    energy_kwh: float
    """In the battery when it comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """What a car really gets from one charge: energy in the battery before each slot and after the last."""

    charge: Charge
    stay: Stay | None
    """None = it is on no such plug in these slots, so nothing flows."""
    grid_kwh: tuple[float, ...]
    """From the grid in each slot."""
    energy_kwh: tuple[float, ...]
    """One entry more than slots."""


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The whole night."""

    routes: tuple[TimedRoute, ...]
    """Routes with at least one job, in the plan's order."""
    stays: dict[str, tuple[Stay, ...]]
    """Of each car, in time order."""
    charged: tuple[Charged, ...]
    """In the order of the plan."""
    energy_kwh: dict[str, float]
    """In each battery at opening."""
    least_kwh: dict[str, tuple[float, ...]]
    """In the battery at the end of each drive of each car, in time order."""

    @cached_property
    def jobs_of(self) -> dict[str, tuple[TimedJob, ...]]:
        """Jobs of each car that has any, in time order."""
        return jobs_by_car(self.routes)


def replay(problem: Problem, plan: Plan) -> Timeline:
    """Follow every driver through the jobs, and every car through what becomes of it."""
    routes = tuple(follow(problem, route) for route in plan.routes if route.jobs)
    by_car = jobs_by_car(routes)
    stays: dict[str, tuple[Stay, ...]] = {}
    charged: dict[int, Charged] = {}
    energy: dict[str, float] = {}
    least: dict[str, tuple[float, ...]] = {}
    for car in problem.cars:
        own = [(index, charge) for index, charge in enumerate(plan.charges) if charge.car_id == car.id]
        course = _Course(problem, car, own)
        for timed in by_car.get(car.id, ()):
            course.handle(timed)
        course.open()
        stays[car.id], energy[car.id], least[car.id] = tuple(course.stays), course.energy_kwh, tuple(course.least)
        charged |= course.charged
    return Timeline(
        routes=routes,
        stays=stays,
        charged=tuple(charged[index] for index in sorted(charged)),
        energy_kwh=energy,
        least_kwh=least,
    )


def follow(problem: Problem, route: Route) -> TimedRoute:
    """Follow one driver from the start of the shift until home."""
    driver, handling = problem.driver_by_id[route.driver_id], problem.handling
    clock_s, at, break_start_s = driver.shift_start_s, driver.start_place_id, None
    pause_s = 0 if driver.break_ is None else driver.break_.duration_s
    jobs = []
    for index, job in enumerate(route.jobs):
        if route.break_before == index:
            break_start_s, clock_s = clock_s, clock_s + pause_s
        ride_s, ride_m = problem.ride_s(driver, at, job.origin_id), problem.ride_m(driver, at, job.origin_id)
        arrival_s = clock_s + ride_s
        start_s = max(arrival_s, job.not_before_s)
        leave_s = start_s + handling.handover_s + handling.unplug_s * job.unplug
        leave_s += sum(problem.task_by_id[id_].duration_s for id_ in job.task_ids)
        drive_s = drive_m = 0
        at = job.origin_id
        drives = not stays_put(problem, job)
        if drives:
            drive_s, drive_m = problem.drive_s(at, job.station_id), problem.drive_m(at, job.station_id)
            at = job.station_id
        reach_s = leave_s + drive_s
        clock_s = reach_s + handling.park_s * drives + handling.plug_in_s * (job.plug_id is not None)
        jobs.append(
            TimedJob(
                job=job,
                driver_id=driver.id,
                ride_s=ride_s,
                ride_m=ride_m,
                arrival_s=arrival_s,
                start_s=start_s,
                leave_s=leave_s,
                reach_s=reach_s,
                end_s=clock_s,
                drives=drives,
                drive_m=drive_m,
            )
        )
    if route.break_before == len(route.jobs):
        break_start_s, clock_s = clock_s, clock_s + pause_s
    last_ride_s = problem.ride_s(driver, at, driver.end_place_id)
    return TimedRoute(
        route=route,
        driver_id=driver.id,
        jobs=tuple(jobs),
        start_s=driver.shift_start_s,
        end_s=clock_s + last_ride_s,
        last_ride_s=last_ride_s,
        last_ride_m=problem.ride_m(driver, at, driver.end_place_id),
        break_start_s=break_start_s,
        break_s=0 if break_start_s is None else pause_s,
    )


def stays_put(problem: Problem, job: Job) -> bool:
    """Whether a job leaves its car where it is: in its station, or off a plug at its own place in a zone."""
    car = problem.car_by_id[job.car_id]
    is_in_zone = job.origin_id == car.at and job.station_id == car.station_id and job.plug_id is None
    return job.origin_id == job.station_id or is_in_zone


def jobs_by_car(routes: tuple[TimedRoute, ...]) -> dict[str, tuple[TimedJob, ...]]:
    """Jobs of each car that has any, in time order; at the same second in the plan's order."""
    by_car: dict[str, list[TimedJob]] = {}
    for route in routes:
        for timed in route.jobs:
            by_car.setdefault(timed.job.car_id, []).append(timed)
    return {id_: tuple(sorted(jobs, key=lambda timed: timed.start_s)) for id_, jobs in by_car.items()}


class _Course:
    """One car through the night; to be told of its jobs in time order."""

    def __init__(self, problem: Problem, car: Car, charges: list[tuple[int, Charge]]) -> None:
        self.stays: list[Stay] = []
        self.least: list[float] = []
        self.charged: dict[int, Charged] = {}
        self.energy_kwh = car.energy_kwh
        self._problem, self._car, self._charges = problem, car, charges
        self._station_id, self._from_s, self._plug_id, self._plugged_s = car.station_id, 0, car.plug_id, 0

    def handle(self, timed: TimedJob) -> None:
        """A driver comes, and may take it elsewhere."""
        self._end_stay(until_s=timed.leave_s, plugged_until_s=timed.start_s)
        if timed.drives:
            self.energy_kwh -= energy_for(self._car, timed.drive_m)
            self.least.append(self.energy_kwh)
        self._station_id, self._from_s = timed.job.station_id, timed.reach_s
        self._plug_id, self._plugged_s = timed.job.plug_id, timed.end_s

    def open(self) -> None:
        """The night is over."""
        self._end_stay(until_s=None, plugged_until_s=self._problem.opening_s)
        for index, charge in self._charges:
            if index not in self.charged:
                zeros = (0.0,) * len(charge.kw)
                self.charged[index] = Charged(charge=charge, stay=None, grid_kwh=zeros, energy_kwh=(*zeros, 0.0))

    def _end_stay(self, *, until_s: int | None, plugged_until_s: int) -> None:
        stay = Stay(
            car_id=self._car.id,
            station_id=self._station_id,
            from_s=self._from_s,
            until_s=until_s,
            plug_id=self._plug_id,
            plugged_from_s=self._plugged_s,
            plugged_until_s=max(self._plugged_s, min(plugged_until_s, self._problem.there_until_s(self._car))),
            energy_kwh=self.energy_kwh,
        )
        self.stays.append(stay)
        for index, charge in self._charges:
            if index not in self.charged and self._is_of(charge, stay):
                self.charged[index] = self._fill(charge, stay)

    def _is_of(self, charge: Charge, stay: Stay) -> bool:
        """Whether a charge is meant for this stay: the plug is the same, and some of its slots."""
        slot_s = self._problem.grid.slot_s
        first_s, last_s = charge.first_slot * slot_s, (charge.first_slot + len(charge.kw)) * slot_s
        here = charge.station_id == stay.station_id and charge.plug_id == stay.plug_id
        return here and first_s < stay.plugged_until_s and last_s > stay.plugged_from_s

    def _fill(self, charge: Charge, stay: Stay) -> Charged:
        grid, energy = [], [self.energy_kwh]
        for offset, kw in enumerate(charge.kw):
            kwh = kw * plugged_s(self._problem, stay, charge.first_slot + offset) / 3600
            grid.append(kwh)
            energy.append(energy[-1] + kwh * self._problem.charging.efficiency)
        self.energy_kwh = energy[-1]
        return Charged(charge=charge, stay=stay, grid_kwh=tuple(grid), energy_kwh=tuple(energy))


def plugged_s(problem: Problem, stay: Stay, slot: int) -> int:
    """Seconds of a slot in which a stay's car is on its plug."""
    slot_s = problem.grid.slot_s
    return max(0, min(stay.plugged_until_s, (slot + 1) * slot_s) - max(stay.plugged_from_s, slot * slot_s))
