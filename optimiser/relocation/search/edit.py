"""Jobs into routes and out of them; nothing here asks whether the night still works."""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import Chance, below, draw
from optimiser.basics.compiled import in_place
from optimiser.relocation.search import columns as col
from optimiser.relocation.search.state import Routes, origin_of, stays_put
from optimiser.relocation.search.town import Town

NOT_DONE = -1


@in_place
def copy_routes(source: Routes, target: Routes) -> None:
    """Make one the same as the other."""
    for driver in range(len(target.length)):
        for position in range(target.length[driver]):
            target.job[target.jobs[driver, position], col.STATION] = NOT_DONE
    for driver in range(len(source.length)):
        target.length[driver] = source.length[driver]
        for position in range(source.length[driver]):
            job = source.jobs[driver, position]
            target.jobs[driver, position] = job
            for column in range(col.JOB_WIDTH):
                target.job[job, column] = source.job[job, column]


@in_place
def put(routes: Routes, driver: int, position: int, job: int) -> None:
    """Into a route; what the job is must be written already."""
    row = routes.jobs[driver]
    for later in range(routes.length[driver], position, -1):
        row[later] = row[later - 1]
    row[position] = job
    routes.length[driver] += 1


@in_place
def take(routes: Routes, driver: int, position: int) -> int:
    """Out of a route; which job it was. It stays written what the job is."""
    row = routes.jobs[driver]
    job = row[position]
    for later in range(position, routes.length[driver] - 1):
        row[later] = row[later + 1]
    routes.length[driver] -= 1
    return int(job)


@in_place
def drop(routes: Routes, driver: int, position: int) -> None:
    """A job is not done any more; neither is the second one of its car, which began where the first ended."""
    job = take(routes, driver, position)
    routes.job[job, col.STATION] = NOT_DONE
    if job % 2 == 0 and routes.job[job + 1, col.STATION] != NOT_DONE:
        other, at = find(routes, job + 1)
        take(routes, other, at)
        routes.job[job + 1, col.STATION] = NOT_DONE


@in_place
def find(routes: Routes, job: int) -> tuple[int, int]:
    """Driver and position of a job that is done."""
    for driver in range(len(routes.length)):
        for position in range(routes.length[driver]):
            if routes.jobs[driver, position] == job:
                return driver, position
    return -1, -1


@in_place
def any_job(routes: Routes, chance: Chance) -> tuple[int, int]:
    """Driver and position of some job, each as likely; -1 if there is none."""
    total = 0
    for driver in range(len(routes.length)):
        total += routes.length[driver]
    if total == 0:
        return -1, -1
    left = below(chance, total)
    for driver in range(len(routes.length)):
        if left < routes.length[driver]:
            return driver, left
        left -= routes.length[driver]
    return -1, -1


@in_place
def end_of(town: Town, routes: Routes, job: int) -> int:
    """The place where a job leaves its driver."""
    if stays_put(town.car, routes.job, job):
        return origin_of(town.car, town.station, routes.job, job)
    return int(town.station[routes.job[job, col.STATION], col.PLACE])


@in_place
def put_best(town: Town, routes: Routes, chance: Chance, job: int, blur: float) -> bool:
    """Into the gap where the drivers' ways grow least, seconds blurred by chance; False = every route is full."""
    origin, end = origin_of(town.car, town.station, routes.job, job), end_of(town, routes, job)
    best, best_driver, best_position = np.inf, -1, -1
    for driver in range(len(town.driver)):
        if routes.length[driver] >= routes.jobs.shape[1]:
            continue
        ride = town.ride_s[town.driver[driver, col.MODE]]
        before = town.driver[driver, col.START]
        for position in range(routes.length[driver] + 1):
            after = town.driver[driver, col.END]
            if position < routes.length[driver]:
                after = origin_of(town.car, town.station, routes.job, routes.jobs[driver, position])
            detour_s = ride[before, origin] + ride[end, after] - ride[before, after] + blur * draw(chance)
            if detour_s < best:
                best, best_driver, best_position = detour_s, driver, position
            if position < routes.length[driver]:
                before = end_of(town, routes, routes.jobs[driver, position])
    if best_driver < 0:
        return False
    put(routes, best_driver, best_position, job)
    return True


@in_place
def put_anywhere(routes: Routes, chance: Chance, job: int) -> bool:
    """Into some gap of some driver; False = that route is full."""
    driver = below(chance, len(routes.length))
    if routes.length[driver] >= routes.jobs.shape[1]:
        return False
    put(routes, driver, below(chance, routes.length[driver] + 1), job)
    return True
