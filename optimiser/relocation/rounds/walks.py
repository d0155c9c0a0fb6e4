"""Routes that a whole solution of the rounds stands for, as a plan to begin a search with."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.plan import Job, Plan, Route
from optimiser.relocation.problem import Problem
from optimiser.relocation.rounds.jobs import START, CarJob
from optimiser.relocation.rounds.model import Crew, RoundsModel

Move = tuple[int, tuple[int, CarJob] | None]
"""Where it leads, and the car and its job if it is one."""


def plan_from(problem: Problem, model: RoundsModel, values: NDArray[np.float64]) -> Plan:
    """
    Jobs of each driver in the order of a walk from home to home.

    Nobody has looked at the clock: on which plug, when, and whether it works at all is for the search to say.
    """
    tasks = defaultdict(list)
    for task in problem.tasks:
        tasks[task.car_id].append(task.id)
    routes = []
    for crew in model.crews:
        jobs = []
        for car, job in _walk(model, crew, values):
            one = model.cars[car]
            was, will = one.states[job.before], one.states[job.after]
            plugs = [plug.id for plug in problem.station_by_id[will.station_id].plugs]
            jobs.append(
                Job(
                    car_id=one.car.id,
                    origin_id=was.place_id,
                    station_id=will.station_id,
                    plug_id=plugs[0] if will.is_plugged else None,
                    unplug=was.is_plugged,
                    task_ids=tuple(tasks.pop(one.car.id, ())),
                )
            )
        if jobs:
            routes.append(Route(driver_id=crew.driver.id, jobs=tuple(jobs)))
    return Plan(routes=tuple(routes))


def _walk(model: RoundsModel, crew: Crew, values: NDArray[np.float64]) -> list[tuple[int, CarJob]]:
    """Jobs in the order of a walk that makes every move once (Hierholzer); first jobs of a car before its others."""
    work = {column: (car, model.cars[car].jobs[order]) for column, car, order in crew.jobs}
    moves: dict[int, list[Move]] = defaultdict(list)
    for column, origin, end in crew.moves:
        moves[origin] += [(end, work.get(column))] * round(values[column])
    for column, car, order in crew.jobs:
        job = model.cars[car].jobs[order]
        was, will = model.cars[car].states[job.before], model.cars[car].states[job.after]
        if was.place_id == will.place_id:
            moves[model.place[was.place_id]] += [(model.place[was.place_id], (car, job))] * round(values[column])
    for ends in moves.values():
        # Taken from the end, and come to in reverse: what is to be done first is taken last.
        ends.sort(key=lambda move: move[1] is not None and move[1][1].before == START)
    stack: list[Move] = [(-1, None)]
    walk: list[tuple[int, CarJob]] = []
    while stack:
        at = stack[-1][0]
        if moves[at]:
            stack.append(moves[at].pop())
        else:
            _, done = stack.pop()
            if done is not None:
                walk.append(done)
    return walk[::-1]
