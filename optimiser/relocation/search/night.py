"""
Drives all drivers through a night at once, in the order of time, and prices what comes of it.

A job is a number: 2c is the first of car c, 2c + 1 the second. A driver sets out as soon as the station that the car
is for has a bay (and a plug) left at the moment of arrival; until then the driver waits at the car. If everybody
waits for somebody else, the night does not work. The checker would allow more: a driver who waits on the way, or
more power for one car while others of the site draw none; `charging` finds the latter afterwards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.relocation.search import columns as col
from optimiser.relocation.search.cars import charged, price_of_car
from optimiser.relocation.search.town import FAR_S, Floats, Ints, Town

MOST_LEAVING = 24
"""Cars that may leave one station in a night: a limit of the search alone."""
NO_WAY = np.inf
_WAIT_S = 900


class Routes(NamedTuple):
    """What the search changes: jobs of each driver, and what each job is."""

    jobs: Ints
    """Shape (drivers, longest)."""
    length: Ints
    """Jobs of each driver."""
    job: Ints
    """Shape (2 x cars, JOB_WIDTH)."""


class Course(NamedTuple):
    """What comes of routes; filled anew each time."""

    driver: Ints
    timed: Ints
    arrives_kwh: Floats
    """In the car after the drive of each job."""
    used_kwh: Floats
    """By each car's drives."""
    station: Ints
    leaves_s: Ints
    """Moments at which cars leave each station, shape (stations, MOST_LEAVING)."""
    plug_free_s: Ints
    last: Ints
    """Last job of each car done, or -1."""
    ready: Ints
    """Ready cars at opening at each station."""
    zone_cars: Ints


def course_of(town: Town) -> Course:
    """Room for what comes of routes."""
    cars, drivers, stations = len(town.car), len(town.driver), len(town.station)
    return Course(
        driver=np.zeros((drivers, col.COURSE_WIDTH), dtype=np.int64),
        timed=np.zeros((2 * cars, col.TIMED_WIDTH), dtype=np.int64),
        arrives_kwh=np.zeros(2 * cars),
        used_kwh=np.zeros(cars),
        station=np.zeros((stations, 2), dtype=np.int64),
        leaves_s=np.zeros((stations, MOST_LEAVING), dtype=np.int64),
        plug_free_s=np.zeros(len(town.plug), dtype=np.int64),
        last=np.zeros(cars, dtype=np.int64),
        ready=np.zeros(stations, dtype=np.int64),
        zone_cars=np.zeros(len(town.zone), dtype=np.int64),
    )


@in_place
def price(town: Town, routes: Routes, course: Course) -> float:
    """What a night costs, `NO_WAY` where it breaks a rule or cannot come to its end."""
    _begin(town, routes, course)
    drivers = len(town.driver)
    while True:
        # The driver who is at a car first goes on.
        first, first_s = -1, FAR_S
        for driver in range(drivers):
            at = course.driver[driver]
            if at[col.DONE] < routes.length[driver] and not at[col.WAITS]:
                origin = origin_of(town, routes, routes.jobs[driver, at[col.DONE]])
                arrival_s = at[col.CLOCK] + town.ride_s[town.driver[driver, col.MODE], at[col.PLACE], origin]
                if arrival_s < first_s:
                    first, first_s = driver, arrival_s
        if first < 0:
            break
        if not _do(town, routes, course, first, routes.jobs[first, course.driver[first, col.DONE]], first_s):
            return NO_WAY
    total = 0.0
    for driver in range(drivers):
        if course.driver[driver, col.DONE] < routes.length[driver]:
            return NO_WAY
        if routes.length[driver]:
            total += _price_of_route(town, routes, course, driver)
            if total == NO_WAY:
                return NO_WAY
    return total + _price_of_opening(town, routes, course)


@in_place
def origin_of(town: Town, routes: Routes, job: int) -> int:
    """The place where a job finds its car."""
    if job % 2 == 0 or stays_put(town, routes, job - 1):
        return int(town.car[job // 2, col.PLACE])
    return int(town.station[routes.job[job - 1, col.STATION], col.PLACE])


@in_place
def stays_put(town: Town, routes: Routes, job: int) -> bool:
    """Whether a job leaves the car in its station."""
    before = town.car[job // 2, col.AT] if job % 2 == 0 else routes.job[job - 1, col.STATION]
    return bool(routes.job[job, col.STATION] == before)


@in_place
def _begin(town: Town, routes: Routes, course: Course) -> None:
    for station in range(len(town.station)):
        course.station[station, col.HELD] = town.station[station, col.CARS]
        course.station[station, col.LEFT] = 0
        course.ready[station] = town.ready_alone[station]
    for zone in range(len(town.zone)):
        course.zone_cars[zone] = town.zone_alone[zone]
    for plug in range(len(town.plug)):
        course.plug_free_s[plug] = town.plug[plug, col.FREE_FROM]
    for driver in range(len(town.driver)):
        at = course.driver[driver]
        at[col.DONE], at[col.CLOCK] = 0, town.driver[driver, col.SHIFT_START]
        at[col.PLACE], at[col.WAITS] = town.driver[driver, col.START], 0
        at[col.BROKE] = at[col.BREAK_BEFORE] = -1
        _take_break(town, routes, course, driver)
        for position in range(routes.length[driver]):
            job = routes.jobs[driver, position]
            course.timed[job, col.ENDS] = FAR_S
            course.last[job // 2] = -1
            course.used_kwh[job // 2] = 0.0


@in_place
def _take_break(town: Town, routes: Routes, course: Course, driver: int) -> None:
    """A driver takes the break as soon as it may be, unless the way home is all that is left and needs none."""
    rules, at = town.driver[driver], course.driver[driver]
    if rules[col.BREAK] == 0 or at[col.BROKE] >= 0:
        return
    if at[col.DONE] == routes.length[driver]:
        home_s = at[col.CLOCK] + town.ride_s[rules[col.MODE], at[col.PLACE], rules[col.END]]
        if home_s <= rules[col.LATEST]:
            return
    if rules[col.EARLIEST] <= at[col.CLOCK] <= rules[col.LATEST]:
        at[col.BROKE], at[col.BREAK_BEFORE] = at[col.CLOCK], at[col.DONE]
        at[col.CLOCK] += rules[col.BREAK]


@in_place
def _do(town: Town, routes: Routes, course: Course, driver: int, job: int, arrival_s: int) -> bool:
    """One job, or the beginning of a wait; False = against the rules."""
    number, decided = job // 2, routes.job[job]
    car, rules = town.car[number], town.driver[driver]
    needs = car[col.NEEDS] | (car[col.TASK_NEEDS] if decided[col.TASKS] else 0)
    if needs & ~rules[col.SKILLS]:
        return False
    start_s, was, own_plug = max(arrival_s, car[col.FROM]), car[col.AT], car[col.PLUG]
    if job % 2 == 1:
        before = course.timed[job - 1]
        if before[col.ENDS] == FAR_S:
            course.driver[driver, col.WAITS] = 1
            return True
        start_s = max(start_s, before[col.ENDS])
        was, own_plug = routes.job[job - 1, col.STATION], before[col.ON_PLUG]
    station = decided[col.STATION]
    there = town.station[station]
    drives = station != was
    origin, end = origin_of(town, routes, job), there[col.PLACE]
    is_in_street = origin != town.station[was, col.PLACE]
    handling_s = town.handover_s + (town.unplug_s if own_plug >= 0 else 0)
    handling_s += car[col.TASK_S] if decided[col.TASKS] else 0
    if not (is_in_street and drives):
        start_s = max(start_s, town.station[was, col.OPENS])
    drive_s, used_kwh = 0, 0.0
    if drives:
        if not car[col.CAN_MOVE]:
            return False
        drive_s = town.drive_s[origin, end]
        used_kwh = town.car_kwh[number, col.PER_M] * town.drive_m[origin, end]
        start_s = max(start_s, there[col.OPENS] - handling_s - drive_s)
        start_s = _charged_for(town, course, job, own_plug, start_s, used_kwh + town.car_kwh[number, col.RESERVE])
        if start_s >= town.opening_s:
            return False
    earliest_s = reach_s = start_s + handling_s + drive_s
    plug = -1
    if drives:
        reach_s = _bay_from(town, course, station, reach_s)
    if reach_s < FAR_S and decided[col.PLUGS_IN]:
        plug, reach_s = _plug_from(town, course, number, station, own_plug, reach_s)
    if reach_s == FAR_S:
        course.driver[driver, col.WAITS] = 1
        return True
    start_s += reach_s - earliest_s
    leave_s = reach_s - drive_s
    end_s = reach_s + (town.park_s if drives else 0) + (town.plug_in_s if decided[col.PLUGS_IN] else 0)
    if end_s > there[col.CLOSES] or end_s > car[col.UNTIL] or end_s > rules[col.SHIFT_END]:
        return False
    if drives and not is_in_street and leave_s > town.station[was, col.CLOSES]:
        return False
    if drives and course.station[was, col.LEFT] == MOST_LEAVING:
        return False
    course.arrives_kwh[job] = _energy_before(town, course, job, own_plug, start_s) - used_kwh
    course.used_kwh[number] += used_kwh
    course.last[number] = job
    timed = course.timed[job]
    timed[col.ARRIVAL], timed[col.STARTS], timed[col.LEAVES] = arrival_s, start_s, leave_s
    timed[col.REACHES], timed[col.ENDS], timed[col.ON_PLUG] = reach_s, end_s, plug
    if own_plug >= 0:
        course.plug_free_s[own_plug] = leave_s
    if plug >= 0:
        course.plug_free_s[plug] = FAR_S
    if drives:
        course.leaves_s[was, course.station[was, col.LEFT]] = leave_s
        course.station[was, col.LEFT] += 1
        course.station[was, col.HELD] -= 1
        course.station[station, col.HELD] += 1
    at = course.driver[driver]
    at[col.CLOCK], at[col.PLACE] = end_s, end if drives else origin
    at[col.DONE] += 1
    _take_break(town, routes, course, driver)
    for other in range(len(town.driver)):
        course.driver[other, col.WAITS] = 0
    return True


@in_place
def _energy_before(town: Town, course: Course, job: int, own_plug: int, at_s: int) -> float:
    """kWh in a car when its job begins at a moment."""
    if job % 2 == 0:
        return charged(town, job // 2, own_plug, town.car_kwh[job // 2, col.ENERGY], at_s)
    return charged(town, job // 2, own_plug, course.arrives_kwh[job - 1], at_s - course.timed[job - 1, col.ENDS])


@in_place
def _charged_for(town: Town, course: Course, job: int, own_plug: int, start_s: int, needed_kwh: float) -> int:
    """The first moment from `start_s` on at which a car has so much, in quarters of an hour; `FAR_S` if never."""
    while _energy_before(town, course, job, own_plug, start_s) < needed_kwh:
        start_s += _WAIT_S
        if own_plug < 0 or start_s >= town.opening_s:
            return FAR_S
    return start_s


@in_place
def _bay_from(town: Town, course: Course, station: int, reach_s: int) -> int:
    """The first moment from `reach_s` on at which a station has a bay, as far as is known; `FAR_S` = not known."""
    while True:
        taken, next_s = course.station[station, col.HELD], FAR_S
        for entry in range(course.station[station, col.LEFT]):
            leave_s = course.leaves_s[station, entry]
            if leave_s > reach_s:
                taken += 1
                next_s = min(next_s, leave_s)
        if taken < town.station[station, col.BAYS]:
            return reach_s
        if next_s == FAR_S:
            return FAR_S
        reach_s = next_s


@in_place
def _plug_from(town: Town, course: Course, car: int, station: int, own_plug: int, reach_s: int) -> tuple[int, int]:
    """The plug that a car can have first from `reach_s` on, the strongest of those, and when."""
    best, best_s = -1, FAR_S
    for plug in range(town.station[station, col.FIRST_PLUG], town.station[station, col.END_PLUG]):
        if plug == own_plug or not town.plug[plug, col.CONNECTOR] & town.car[car, col.CONNECTORS]:
            continue
        free_s = max(reach_s, course.plug_free_s[plug])
        if free_s < best_s or (free_s == best_s < FAR_S and town.plug_kw[plug] > town.plug_kw[best]):
            best, best_s = plug, free_s
    return best, best_s


@in_place
def _price_of_route(town: Town, routes: Routes, course: Course, driver: int) -> float:
    """Price of a driver's night; `NO_WAY` if it is too long or lacks its break."""
    rules = town.driver[driver]
    mode, at, home = rules[col.MODE], rules[col.START], rules[col.END]
    total = town.use_price
    for position in range(routes.length[driver]):
        job = routes.jobs[driver, position]
        origin = origin_of(town, routes, job)
        total += town.ride_price[mode, at, origin]
        at = origin
        if not stays_put(town, routes, job):
            at = town.station[routes.job[job, col.STATION], col.PLACE]
            total += town.metre_price * town.drive_m[origin, at]
    home_s = course.driver[driver, col.CLOCK] + town.ride_s[mode, at, home]
    if home_s > rules[col.SHIFT_END] or (course.driver[driver, col.BROKE] < 0 and home_s > rules[col.LATEST]):
        return NO_WAY
    return float(total + town.ride_price[mode, at, home] + town.second_price * (home_s - rules[col.SHIFT_START]))


@in_place
def _price_of_opening(town: Town, routes: Routes, course: Course) -> float:
    """Price of trips lost, energy, goals, tasks, musts and zones as the cars stand at opening."""
    total = town.price_alone
    for driver in range(len(town.driver)):
        for position in range(routes.length[driver]):
            job = routes.jobs[driver, position]
            car = job // 2
            if course.last[car] != job:
                continue
            station = routes.job[job, col.STATION]
            if town.car[car, col.IS_BOOKED] and station != town.car[car, col.AT]:
                return NO_WAY
            does_tasks = routes.job[job, col.TASKS] or (job % 2 == 1 and routes.job[job - 1, col.TASKS])
            rest_s = town.opening_s - course.timed[job, col.ENDS]
            plug, kwh = course.timed[job, col.ON_PLUG], course.arrives_kwh[job]
            own, is_ready = price_of_car(town, car, station, plug, kwh, rest_s, course.used_kwh[car])
            total += own - town.car_kwh[car, col.ALONE]
            if does_tasks:
                total -= town.car_kwh[car, col.TASK_PRICE]
            if town.car[car, col.READY_ALONE]:
                _count(town, course, town.car[car, col.AT], -1)
            if is_ready:
                _count(town, course, station, 1)
    width = town.lost.shape[1]
    for station in range(len(town.station)):
        total += town.lost[station, min(course.ready[station], width - 1)]
    for zone in range(len(town.zone)):
        total += town.zone_price * max(0, town.zone[zone, col.FLOOR] - course.zone_cars[zone])
        total += town.zone_price * max(0, course.zone_cars[zone] - town.zone[zone, col.CAP])
    return total


@in_place
def _count(town: Town, course: Course, station: int, cars: int) -> None:
    """Ready cars more or less at a station and in its zones."""
    course.ready[station] += cars
    for entry in range(town.station[station, col.FIRST_ZONE], town.station[station, col.END_ZONE]):
        course.zone_cars[town.zone_of[entry]] += cars
