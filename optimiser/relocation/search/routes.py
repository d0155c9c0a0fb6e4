"""From the search's numbers to a plan, and back from a plan at hand."""

from __future__ import annotations

import numpy as np

from optimiser.relocation.plan import Job, Plan, Route
from optimiser.relocation.problem import Problem
from optimiser.relocation.replay import replay
from optimiser.relocation.search import columns as col
from optimiser.relocation.search.edit import NOT_DONE
from optimiser.relocation.search.night import NO_WAY, price
from optimiser.relocation.search.state import Course, Routes, origin_of
from optimiser.relocation.search.town import Town


def empty_routes(town: Town, longest: int) -> Routes:
    """Nobody has a job."""
    drivers, jobs = len(town.driver), 2 * len(town.car)
    routes = Routes(
        jobs=np.zeros((drivers, longest), dtype=np.int64),
        length=np.zeros(drivers, dtype=np.int64),
        job=np.zeros((jobs, col.JOB_WIDTH), dtype=np.int64),
    )
    routes.job[:, col.STATION] = NOT_DONE
    return routes


def routes_of(problem: Problem, town: Town, plan: Plan, longest: int) -> Routes:
    """
    The routes of a plan as far as the search can have them.

    A third job of a car is left out, a job does all tasks at its car or none, and a driver who waits at a plug does so
    until the car there is ready.
    """
    routes = empty_routes(town, longest)
    car_number = {car.id: number for number, car in enumerate(problem.cars)}
    driver_number = {driver.id: number for number, driver in enumerate(problem.drivers)}
    station_number = {station.id: number for number, station in enumerate(problem.stations)}
    timed_of = replay(problem, plan).jobs_of
    order = {id_: [timed.job for timed in jobs] for id_, jobs in timed_of.items()}
    for route in plan.routes:
        driver = driver_number[route.driver_id]
        for decided in route.jobs[:longest]:
            rank = order[decided.car_id].index(decided)
            job = 2 * car_number[decided.car_id] + rank
            if rank > 1 or routes.job[job, col.STATION] != NOT_DONE:
                continue
            timed = timed_of[decided.car_id][rank]
            routes.job[job] = (
                station_number[decided.station_id],
                decided.plug_id is not None,
                bool(decided.task_ids),
                decided.unplug and timed.start_s > timed.arrival_s,
            )
            routes.jobs[driver, routes.length[driver]] = job
            routes.length[driver] += 1
    return routes


def plan_of(problem: Problem, town: Town, routes: Routes, course: Course) -> Plan:
    """The plan that routes stand for, without charges; `course` is filled anew. Nothing if they do not work."""
    if price(town, routes, course) == NO_WAY:
        return Plan()
    plugs = [plug.id for station in problem.stations for plug in station.plugs]
    planned = []
    for number, driver in enumerate(problem.drivers):
        jobs = tuple(
            _job(problem, town, routes, course, plugs, int(job)) for job in routes.jobs[number, : routes.length[number]]
        )
        if jobs:
            before = int(course.driver[number, col.BREAK_BEFORE])
            planned.append(Route(driver_id=driver.id, jobs=jobs, break_before=before if before >= 0 else None))
    return Plan(routes=tuple(planned))


def _job(problem: Problem, town: Town, routes: Routes, course: Course, plugs: list[str], job: int) -> Job:
    car, timed = problem.cars[job // 2], course.timed[job]
    own_plug = town.car[job // 2, col.PLUG] if job % 2 == 0 else course.timed[job - 1, col.ON_PLUG]
    plug, waits = int(timed[col.ON_PLUG]), timed[col.STARTS] > timed[col.ARRIVAL]
    return Job(
        car_id=car.id,
        origin_id=problem.drive.place_ids[origin_of(town.car, town.station, routes.job, job)],
        station_id=problem.stations[routes.job[job, col.STATION]].id,
        plug_id=plugs[plug] if plug >= 0 else None,
        unplug=bool(own_plug >= 0),
        not_before_s=int(timed[col.STARTS]) if waits else 0,
        task_ids=tuple(task.id for task in problem.tasks if task.car_id == car.id)
        if routes.job[job, col.TASKS]
        else (),
    )
