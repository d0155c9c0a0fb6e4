"""Routes that look for cars where they are: all short ones of a night, and random longer ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

from optimiser.relocation.charging import DrivenTooFar, charge_smartly
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from optimiser.relocation.plan import NOTHING, Job, Plan, Route
from optimiser.relocation.problem import Problem


class Yard:
    """Where cars are and on which plugs, as jobs are done one after the other."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.at = {car.id: car.at for car in problem.cars}
        self.station = {car.id: car.station_id for car in problem.cars}
        self.plug = {car.id: car.plug_id for car in problem.cars}

    def options(self) -> list[Job]:
        """All jobs that could come next, with all tasks of the car or none."""
        return [
            Job(
                car_id=car.id,
                origin_id=self.at[car.id],
                station_id=station.id,
                plug_id=plug_id,
                unplug=self.plug[car.id] is not None,
                task_ids=task_ids,
            )
            for car in self._problem.cars
            for station in self._problem.stations
            for plug_id in (None, *(plug.id for plug in station.plugs))
            for task_ids in {(), tuple(task.id for task in self._problem.tasks if task.car_id == car.id)}
        ]

    def after(self, job: Job) -> Yard:
        """The same when a job is done."""
        yard = Yard(self._problem)
        yard.at, yard.station, yard.plug = dict(self.at), dict(self.station), dict(self.plug)
        if job.station_id != self.station[job.car_id]:
            yard.at[job.car_id] = yard.station[job.car_id] = job.station_id
        yard.plug[job.car_id] = job.plug_id
        return yard


def random_plan(problem: Problem, seed: int, *, most_jobs: int = 5) -> Plan:
    """Jobs in turn for random drivers, some of whom wait; the plan may break rules."""
    chance, yard = random.Random(seed), Yard(problem)
    jobs: dict[str, list[Job]] = {driver.id: [] for driver in problem.drivers}
    clock_s = 0
    done: set[str] = set()
    for _ in range(chance.randint(1, most_jobs)):
        options = [job for job in yard.options() if not done.intersection(job.task_ids)]
        favourites = {job.car_id for own in jobs.values() for job in own}
        if favourites and chance.random() < 0.5:
            options = [job for job in options if job.car_id in favourites] or options
        job = chance.choice(options)
        done.update(job.task_ids)
        if chance.random() < 0.5:
            clock_s = min(problem.opening_s, clock_s + chance.randint(0, problem.opening_s // 2))
        waiting = Job(**{name: getattr(job, name) for name in Job.__slots__} | {"not_before_s": clock_s})
        jobs[chance.choice(problem.drivers).id].append(waiting)
        yard = yard.after(job)
    return Plan(routes=tuple(Route(driver_id=id_, jobs=tuple(own)) for id_, own in jobs.items() if own))


def short_plans(problem: Problem, *, waits_s: tuple[int, ...] = (0,)) -> Iterator[Plan]:
    """Every plan of the one driver with at most two jobs, each begun at once or not before a moment."""
    yield NOTHING
    (driver,) = problem.drivers
    yard = Yard(problem)
    for first in yard.options():
        for wait_s in waits_s:
            begun = Job(**{name: getattr(first, name) for name in Job.__slots__} | {"not_before_s": wait_s})
            yield Plan(routes=(Route(driver_id=driver.id, jobs=(begun,)),))
            for second, later_s in product(yard.after(first).options(), waits_s):
                last = Job(**{name: getattr(second, name) for name in Job.__slots__} | {"not_before_s": later_s})
                yield Plan(routes=(Route(driver_id=driver.id, jobs=(begun, last)),))


def least_cost(problem: Problem, plan: Plan) -> float | None:
    """Of the same routes with the best charges; None where they break rules."""
    rules = {violation.rule for violation in check(problem, plan)}
    if rules - {"reserve"}:
        return None
    try:
        charged = charge_smartly(problem, plan)
    except DrivenTooFar:
        return None
    assert check(problem, charged) == ()
    return cost(problem, charged).total
