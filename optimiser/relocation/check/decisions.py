"""Rules about the decisions themselves, whatever the clock says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.relocation.plan import Charge, Job, Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.replay import Timeline


def known_ids(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Every id in a plan is in the problem, and every power is a number."""
    for route in plan.routes:
        if route.driver_id not in problem.driver_by_id:
            yield _unknown("driver", route.driver_id)
        for job in route.jobs:
            yield from _unknown_in_job(problem, job)
    for charge in plan.charges:
        yield from _unknown_in_charge(problem, charge)


def one_route_per_driver(plan: Plan) -> Iterator[Violation]:
    """A driver has one route a night."""
    for id_, count in Counter(route.driver_id for route in plan.routes).items():
        if count > 1:
            text = f"driver {id_} has {count} routes"
            yield Violation(rule="one_route_per_driver", ids=(id_,), amount=count - 1, text=text)


def skills(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Whoever handles a car has what it needs, and what each task needs."""
    for route in plan.routes:
        driver = problem.driver_by_id[route.driver_id]
        for job in route.jobs:
            tasks = [problem.task_by_id[id_] for id_ in job.task_ids]
            needs = problem.car_by_id[job.car_id].needs.union(*(task.needs for task in tasks))
            if missing := sorted(needs - driver.skills):
                text = f"driver {driver.id} lacks {', '.join(missing)} for car {job.car_id}"
                yield Violation(rule="skills", ids=(driver.id, job.car_id), amount=len(missing), text=text)


def can_move(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A car that cannot be driven stays where it is."""
    for route in timeline.routes:
        for timed in route.jobs:
            if timed.drives and not problem.car_by_id[timed.job.car_id].can_move:
                text = f"car {timed.job.car_id} cannot be driven, driver {route.driver_id} drives it"
                yield Violation(rule="can_move", ids=(route.driver_id, timed.job.car_id), amount=1, text=text)


def task_once(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A task is done once at most, in a job of its own car."""
    jobs = [job for route in plan.routes for job in route.jobs]
    for id_, count in Counter(id_ for job in jobs for id_ in job.task_ids).items():
        if count > 1:
            text = f"task {id_} is done {count} times"
            yield Violation(rule="task_once", ids=(id_,), amount=count - 1, text=text)
    for job in jobs:
        for id_ in job.task_ids:
            if (car_id := problem.task_by_id[id_].car_id) != job.car_id:
                text = f"task {id_} is about car {car_id}, it is done at car {job.car_id}"
                yield Violation(rule="task_once", ids=(id_, job.car_id), amount=1, text=text)


def _unknown_in_job(problem: Problem, job: Job) -> Iterator[Violation]:
    if job.car_id not in problem.car_by_id:
        yield _unknown("car", job.car_id)
    if job.origin_id not in problem.place_index:
        yield _unknown("place", job.origin_id)
    if job.station_id not in problem.station_by_id:
        yield _unknown("station", job.station_id)
    elif job.plug_id is not None and problem.plug(job.station_id, job.plug_id) is None:
        yield _unknown(f"plug of station {job.station_id}", job.plug_id)
    for id_ in job.task_ids:
        if id_ not in problem.task_by_id:
            yield _unknown("task", id_)


def _unknown_in_charge(problem: Problem, charge: Charge) -> Iterator[Violation]:
    if charge.car_id not in problem.car_by_id:
        yield _unknown("car", charge.car_id)
    if charge.station_id not in problem.station_by_id:
        yield _unknown("station", charge.station_id)
    elif problem.plug(charge.station_id, charge.plug_id) is None:
        yield _unknown(f"plug of station {charge.station_id}", charge.plug_id)
    if not all(math.isfinite(kw) for kw in charge.kw):
        text = f"charge of car {charge.car_id} has a power that is no number"
        yield Violation(rule="known_ids", ids=(charge.car_id,), amount=1, text=text)


def _unknown(what: str, id_: str) -> Violation:
    return Violation(rule="known_ids", ids=(id_,), amount=1, text=f"there is no {what} {id_}")
