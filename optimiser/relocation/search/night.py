"""
Drives all drivers through a night at once, in the order of time, and prices what comes of it.

A job is a number: 2c is the first of car c, 2c + 1 the second. A driver sets out as soon as the station that the car
is for has a bay (and a plug) left at the moment of arrival; until then the driver waits at the car. If everybody
waits for somebody else, the night does not work. The checker would allow more: a driver who waits on the way, or
more power for one car while others of the site draw none; `charging` finds the latter afterwards.
"""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.relocation.search import columns as col
from optimiser.relocation.search.cars import price_of_car
from optimiser.relocation.search.job import FORBIDDEN, WAITS, do_job, take_break
from optimiser.relocation.search.state import Course, Routes, origin_of, stays_put
from optimiser.relocation.search.town import FAR_S, Town

NO_WAY = np.inf


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
                origin = origin_of(town.car, town.station, routes.job, routes.jobs[driver, at[col.DONE]])
                arrival_s = at[col.CLOCK] + town.ride_s[town.driver[driver, col.MODE], at[col.PLACE], origin]
                if arrival_s < first_s:
                    first, first_s = driver, arrival_s
        if first < 0:
            break
        job = routes.jobs[first, course.driver[first, col.DONE]]
        outcome = do_job(town, routes, course, first, job, first_s)
        if outcome == FORBIDDEN:
            return NO_WAY
        if outcome == WAITS:
            course.driver[first, col.WAITS] = 1
            continue
        take_break(town, routes, course, first)
        for driver in range(drivers):
            course.driver[driver, col.WAITS] = 0
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
        take_break(town, routes, course, driver)
        for position in range(routes.length[driver]):
            job = routes.jobs[driver, position]
            course.timed[job, col.ENDS] = FAR_S
            course.last[job // 2] = -1
            course.used_kwh[job // 2] = 0.0


@in_place
def _price_of_route(town: Town, routes: Routes, course: Course, driver: int) -> float:
    """Price of a driver's night; `NO_WAY` if it is too long or lacks its break."""
    rules = town.driver[driver]
    mode, at, home = rules[col.MODE], rules[col.START], rules[col.END]
    total = town.use_price
    for position in range(routes.length[driver]):
        job = routes.jobs[driver, position]
        origin = origin_of(town.car, town.station, routes.job, job)
        total += town.ride_price[mode, at, origin]
        at = origin
        if not stays_put(town.car, routes.job, job):
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
            rest_s = min(town.opening_s, town.car[car, col.UNTIL]) - course.timed[job, col.ENDS]
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
